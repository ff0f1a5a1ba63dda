import { Markup } from "../markup.ts"

/** How the page looks: on wide and narrow screens, light and dark, and on paper. */
export const style: Markup = new Markup(`
:root {
  --back: #fff; --front: #1b1f24; --soft: #57606a; --link: #0550ae; --line: #d0d7de; --panel: #f6f8fa; --warn: #8a4600;
  --wanted: #cfe8fb; --wanted-line: #0072b2; --said: #ffe3a8; --said-line: #a35a00;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #12161c; --front: #e6e9ee; --soft: #a9b2bd; --link: #7cc0ff; --line: #333c48; --panel: #1b212a; --warn: #ffb454;
    --wanted: #12405f; --wanted-line: #6cc0f5; --said: #553a08; --said-line: #f0b04a;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 0 1rem 4rem; max-width: 78rem; background: var(--back); color: var(--front);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: anywhere;
}
h1, h2, h3, h4, h5 { line-height: 1.25; overflow-wrap: break-word; text-wrap: balance; }
h1 { font-size: clamp(1.5rem, 4vw, 2.1rem); margin: 2rem 0 .5rem; }
h2 { font-size: 1.45rem; margin: 3.5rem 0 1rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.12rem; margin: 2rem 0 .6rem; }
h4 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
h5 { font-size: .95rem; margin: 0 0 .4rem; }
p, ul, dl { margin: .5rem 0; }
section > p:not(.key), .lead, .definitions, figcaption { max-width: 46rem; }
.lead { font-size: 1.1rem; color: var(--soft); margin-top: 0; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--back); border: 2px solid var(--link); z-index: 9; }
.skip:focus { top: .5rem; }
code, pre { font: .88em/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { white-space: pre-wrap; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: .6rem .8rem; }
.command { display: inline-block; padding: .15rem .5rem; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; }
sup { line-height: 0; font-size: .72em; margin-left: .1em; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; padding: 0; list-style: none; }
.note, figcaption { color: var(--soft); font-size: .9rem; }
.facts, .legend, .definitions, .kinds { display: grid; gap: .15rem 1.5rem; }
.facts > div, .legend > div { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: .75rem; }
.facts dt { color: var(--soft); }
.old { color: var(--warn); font-weight: 600; }
dd { margin: 0; min-width: 0; }
header .facts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); padding: .9rem 1.1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; margin: 1.2rem 0; }
.absent, .warnings { font-size: .92rem; max-width: 60rem; }
.absent > div { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: .2rem 1.5rem; padding: .3rem 0; border-bottom: 1px solid var(--line); }
.absent dt { font-weight: 600; }
.absent details, .warnings details { margin: .1rem 0; color: var(--soft); }
.warnings { padding-left: 1.1rem; }
.warnings strong { color: var(--warn); }
.legend { font-size: .9rem; color: var(--soft); }
.legend > div { grid-template-columns: 1rem minmax(0, 1fr); gap: .5rem; }
.legend dt { font-weight: 600; color: var(--front); }
.definitions > div { margin-bottom: .5rem; }
.definitions dt { font-weight: 600; }
.kinds { grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); font-size: .92rem; }
.kinds > div { display: grid; grid-template-columns: 10rem minmax(0, 1fr); gap: .5rem; }
.kinds dd { color: var(--soft); }
.kinds svg, .errors th svg { vertical-align: -.2em; }
.scroll { overflow-x: auto; max-width: 100%; position: relative; }
table { width: 100%; border-collapse: separate; border-spacing: 0; font-size: .88rem; line-height: 1.35; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
caption { text-align: left; font-weight: 600; padding: .3rem 0 .6rem; }
caption span { position: sticky; left: 0; display: inline-block; max-width: min(100%, calc(100vw - 2rem)); }
th, td { padding: .38rem .7rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { vertical-align: bottom; border-bottom: 2px solid var(--front); font-weight: 600; }
thead th.group { text-align: center; border-bottom: 0; padding-bottom: 0; }
thead th.group[colspan="1"] { text-align: right; }
thead th.group::after { content: ""; display: block; margin: .35rem 0 0 .4rem; border-bottom: 1px solid var(--soft); }
tbody th { font-weight: 500; white-space: nowrap; }
th:first-child { position: sticky; left: 0; background: var(--back); z-index: 1; padding-left: 0; }
thead tr + tr th:first-child { position: static; padding-left: .6rem; }
.n { text-align: right; white-space: nowrap; }
.none { color: var(--soft); }
.under { display: block; color: var(--soft); font-size: .86em; font-weight: 400; white-space: nowrap; }
.so-far { color: var(--warn); }
.sd { color: var(--soft); }
.marks3 { padding-right: 1.1rem; }
.marks4 { padding-right: 1.5rem; }
.n sup { position: absolute; margin-top: .5em; }
.table1 .f1 { font-size: 1.06em; }
.table1 a { text-decoration-thickness: 1px; text-decoration-color: var(--line); color: inherit; }
.table1 a:hover { color: var(--link); text-decoration-color: currentColor; }
.table1 .best { background: var(--panel); }
.hidden td { text-align: right; white-space: nowrap; }
.words { min-width: 19rem; white-space: normal; }
figure { margin: 2rem 0 1rem; }
.key { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; }
.key svg { vertical-align: -.12em; margin-right: .3rem; }
.panels { display: grid; gap: 1.2rem 2.5rem; align-items: start; }
.panels svg { width: 100%; height: auto; max-width: 36rem; font-family: inherit; }
@media (min-width: 52rem) { .panels { grid-template-columns: 1fr 1fr; } }
.curves { display: grid; gap: 1rem 1.6rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); align-items: start; }
.curves svg { width: 100%; height: auto; max-width: 24rem; font-family: inherit; }
details { margin: .35rem 0; }
summary { cursor: pointer; padding: .25rem 0; }
summary:hover { color: var(--link); }
details details, details > article, details > div:not(.scroll), details > dl, details > p, details > ul { margin-left: 1.1rem; }
.stack { display: block; font-family: inherit; }
.examples h4 { margin-bottom: .2rem; }
.case, .cell { border-left: 3px solid var(--line); padding: .2rem 0 .2rem 1rem; margin: .8rem 0 1.2rem; }
.cell:target { border-color: var(--link); }
details > [id] { scroll-margin-top: 3.5rem; }
details > :target { border-left: 3px solid var(--link); padding-left: .8rem; }
.cell h4 { margin-top: 0; }
.case ul { padding: 0; list-style: none; display: grid; gap: .4rem; }
.case li > b { display: inline-block; min-width: 9rem; margin-right: 1rem; font-weight: 600; }
.case li > span { display: inline-block; margin-right: 1.2rem; }
.relation { font-weight: 500; }
blockquote { margin: .6rem 0 0; white-space: pre-line; max-width: 46rem; font-size: .95rem; color: var(--front); }
mark { color: inherit; background: none; border-bottom: 2px solid; padding: 0 .05em; }
mark.wanted { background: var(--wanted); border-color: var(--wanted-line); }
mark.said { background: var(--said); border-color: var(--said-line); border-bottom-style: dashed; }
mark.wanted.said { background: linear-gradient(var(--wanted) 50%, var(--said) 50%); border-color: var(--said-line); border-bottom-style: double; border-bottom-width: 3px; }
.chain, .files { padding-left: 1.1rem; font-size: .92rem; }
.chain { columns: 24rem; column-gap: 2.5rem; }
.chain li { break-inside: avoid; }
.chain code { color: var(--soft); }
.facts details, .facts ul { margin: 0; }
.facts ul { padding-left: 1.1rem; }
.paper-only { display: none; }
@media (max-width: 40rem) {
  th, td { padding: .35rem .45rem; }
  tbody th { white-space: normal; min-width: 6.6rem; max-width: 8rem; overflow-wrap: anywhere; }
  th:first-child { border-right: 1px solid var(--line); }
  thead tr + tr th:first-child { border-right: 0; }
  .scroll::before { content: "scrolls sideways →"; display: block; position: sticky; left: 0; width: max-content; color: var(--soft); font-size: .8rem; }
  .kinds > div { grid-template-columns: minmax(0, 1fr); gap: 0; margin-bottom: .4rem; }
  .absent > div { grid-template-columns: minmax(0, 1fr); }
  .case li > b { display: block; }
  details details, details > article, details > div:not(.scroll), details > dl, details > p, details > ul { margin-left: .3rem; }
}
@media print {
  @page { size: A4; margin: 14mm 12mm; }
  :root { --back: #fff; --front: #000; --soft: #444; --link: #000; --line: #bbb; --panel: #f4f4f4; --wanted: #dceefb; --wanted-line: #0072b2; --said: #fff0cc; --said-line: #a35a00; }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  nav, .skip, .screen-only, .examples details:not([open]), .examples:not(:has([open])) { display: none; }
  .paper-only { display: block; }
  a { color: inherit; text-decoration: none; }
  h1 { margin-top: 0; font-size: 1.7rem; }
  h2 { margin-top: 8mm; }
  h2, h3, h4, summary, caption, thead, thead tr { break-after: avoid; }
  .scroll { overflow: visible; }
  th:first-child, caption span { position: static; }
  table { font-size: 7.2pt; width: 100%; }
  thead { display: table-header-group; }
  tr, figure, .case, dl > div { break-inside: avoid; }
  th, td { padding: 1.1mm 1mm; }
  thead .n, thead .under { white-space: normal; }
  tbody th { white-space: nowrap; }
  header .facts { grid-template-columns: 1fr 1fr; margin-right: 1px; }
  .table1 { font-size: 6.9pt; }
  .words { min-width: 45mm; }
  .stack { width: 42mm; height: auto; }
  .panels { grid-template-columns: 1fr 1fr; gap: 3mm 6mm; }
  .curves { grid-template-columns: 1fr 1fr 1fr; gap: 2mm 4mm; }
  .curves svg { break-inside: avoid; }
  details.printed::details-content { content-visibility: visible; display: block; height: auto; block-size: auto; overflow: visible; }
  details.printed > summary { list-style: none; font-weight: 600; }
}
`)
