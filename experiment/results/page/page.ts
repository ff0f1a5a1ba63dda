import { counted, type Provenance } from "redag"
import type { Result } from "../../../schemas/results.ts"
import { corpusTitle } from "../../corpora.ts"
import { absentRuns } from "../absent.ts"
import { mainRows } from "../layout.ts"
import { type Content, type Markup, markup } from "../markup.ts"
import { type Origins, originsOf } from "../origins.ts"
import type { ResultTables } from "../tables.ts"
import { curvesSection } from "./curves.ts"
import { figuresSection } from "./figures.ts"
import { hiddenSection } from "./hidden.ts"
import { lineageSection } from "./lineage.ts"
import { methodSection } from "./method.ts"
import { mistakesSection } from "./mistakes.ts"
import { moment } from "./parts.ts"
import { scoresSection } from "./scores.ts"
import { style } from "./style.ts"
import { systemsSection, systemsTitle } from "./systems.ts"
import { tableSection } from "./table.ts"

const contentsOf = ({ systems }: ResultTables): ReadonlyArray<readonly [id: string, title: string]> => [
  ["table", "Results"],
  ["figures", "Figures and comparisons"],
  ...(systems.length === 0 ? [] : [["systems", systemsTitle] as const]),
  ["scores", "Scores by corpus"],
  ["hidden", "What the scores hide"],
  ["errors", "What was wrong"],
  ["curves", "How training went"],
  ["method", "How it was measured"],
  ["lineage", "Where each number comes from"],
]

/** "3 models and 2 rows beyond them". */
const modelsOf = (rows: ReadonlyArray<Pick<Result, "model" | "source">>): string => {
  const namesIn = (isGrid: boolean): number =>
    new Set(rows.filter(({ source }) => (source === "grid") === isGrid).map(({ model }) => model)).size
  const beyond = namesIn(false)
  return `${counted(namesIn(true), "model")}${beyond === 0 ? "" : ` and ${counted(beyond, "row")} beyond them`}`
}

/** The whole report as one page that needs nothing else: no network, no script, no other file. */
export const reportPage = async (tables: ResultTables, provenance: Provenance): Promise<string> => {
  const origins = await originsOf(tables, provenance)
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Biomedical relation extraction: results of the profile ${provenance.profile}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
<header>
<h1>How much do domain and instructions matter for biomedical relation extraction?</h1>
<p class="lead">A reproduction of Brokman and Kavuluru's experiment, each number with its interval, its mistakes and its origin.</p>
${facts(tables, provenance, origins)}
<nav aria-label="Contents"><ul>${
    contentsOf(tables).map(([id, title]) => markup`<li><a href="#${id}">${title}</a></li>`)
  }</ul></nav>
</header>
<main id="main" tabindex="-1">
${tableSection(tables, provenance, origins)}
${await figuresSection(tables, provenance)}
${systemsSection(tables)}${scoresSection(tables)}
${hiddenSection(tables)}
${mistakesSection(tables)}
${await curvesSection(provenance)}
${methodSection()}
${lineageSection(origins, provenance.profile)}
</main>
${foot(provenance)}</body>
</html>
`.text
}

/** The digest by which anybody can tell these results from others. */
const foot = ({ root }: Provenance): Markup | string => {
  const digest = root()
  return digest === undefined ? "" : markup`<footer>
<p>Root digest of all that these results were made by: <code>${digest}</code>. The page docs/audit.md says how it is computed, and what it proves.</p>
</footer>
`
}

const protocols: Readonly<Record<string, string>> = {
  paper: "paper: as the paper says",
  authors: "authors: as the authors' code does",
}

const facts = (
  { results }: ResultTables,
  { profile, upToDate, absent, accepted }: Provenance,
  { table, actions }: Origins,
): Markup => {
  const rows = mainRows(results)
  const distinct = (values: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(values)]
  const toCome = absentRuns({ absent }).length
  const runs = rows.reduce((sum, row) => sum + row.runs, 0)
  const terms: ReadonlyArray<readonly [term: string, content: Content]> = [
    ["Profile", profile],
    ...(rows.length === 0
      ? []
      : [["Protocol", distinct(rows.map(({ protocol }) => protocols[protocol] ?? protocol)).join("; ")] as const]),
    [
      "Runs",
      rows.length === 0
        ? "none yet"
        : `${counted(runs, "run")} of ${modelsOf(rows)} on ${
          distinct(rows.map(({ corpus }) => corpusTitle(corpus))).join(", ")
        }`,
    ],
    ...(toCome === 0 ? [] : [
      [
        "Not there",
        markup`<span class="old">${counted(toCome, "run")}</span>: <a href="#absent">why</a>`,
      ] as const,
    ]),
    ["Computed", table === undefined ? "unknown" : moment(table.record.started)],
    [
      "State",
      upToDate
        ? table === undefined ? "nothing has been scored yet" : "up to date"
        : markup`<span class="old">older than its sources: <code>npx dag plan</code> says what changed</span>`,
    ],
    ...(accepted.length === 0
      ? []
      : [
        [
          "Accepted",
          markup`${counted(accepted.length, "node")} ${
            accepted.length === 1 ? "stands" : "stand"
          } on changes that were declared to make no difference: ${
            [...new Set(accepted.map(({ reason }) => reason))].join("; ")
          }`,
        ] as const,
      ]),
    ["Commit", commitOf(table)],
    ["Made from", counted(actions.length, "action")],
  ]
  return markup`<dl class="facts">${
    terms.map(([term, content]) =>
      markup`<div><dt>${term}</dt><dd>${content}</dd></div>
`
    )
  }</dl>`
}

const commitOf = (table: Origins["table"]): string => {
  if (table === undefined || table.record.environment.commit === null) return "not known"
  const { commit, dirty } = table.record.environment
  return `${commit.slice(0, 12)}${dirty ? ", with edits" : ""}`
}
