import { isShown } from "../../stages/aggregate/significance.ts"
import type { Figure, PairOfBars, Panel } from "./figures.ts"
import { fitted, widthOf, wrapped } from "./lettering.ts"
import { Markup, markup } from "./markup.ts"
import { one, signed, untested } from "./words.ts"

/** A drawing: what stands inside an `svg` of this size. */
export interface Drawing {
  readonly width: number
  readonly height: number
  readonly body: Markup
}

/** Orange and blue of Okabe and Ito's palette, which people with any colour vision distinguish; one is hatched too. */
const orange = "#E69F00"
const blue = "#0072B2"

const width = 460
const size = 12
/** Between a name and its bar. */
const namesGap = 8
const namesWidth = { least: 64, most: 138 }
/** Beside the end of the scale: "100.0". */
const valuesWidth = 48
/** "−100.0" in bold, and a mark behind it. */
const differencesWidth = 56
const marksWidth = 10
const pairHeight = 48
const top = 30
const bottom = 38

/** The highest number of a figure: its panels share one scale, so that they can be compared. */
export const reach = ({ panels }: Figure): number =>
  Math.max(
    10,
    ...panels.flatMap(({ pairs }) =>
      pairs.flatMap(({ base, other }) => [base, other].map(({ f1, high }) => Math.max(f1, high ?? 0)))
    ),
  )

/** One panel of a figure: horizontal bars in pairs, with intervals, and the difference of each pair. */
export const drawPanel = async ({ id, title, pairs }: Panel, highest: number): Promise<Drawing> => {
  const [Plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")])
  const { document } = parseHTML("<html><body></body></html>")
  const bars = pairs.flatMap((pair, index) =>
    (["base", "other"] as const).map((role) => ({
      index,
      role,
      ...pair[role],
      name: fitted(pair[role].model, (namesWidth.most - namesGap) / size),
    }))
  )
  const withInterval = bars.flatMap(({ low, high, ...bar }) =>
    low === null || high === null ? [] : [{ ...bar, low, high }]
  )
  const longest = Math.max(...bars.map(({ name }) => widthOf(name)))
  const marginLeft = Math.ceil(Math.max(namesWidth.least, namesGap + size * longest))
  const marginRight = valuesWidth + differencesWidth + marksWidth
  const place = { y: "role", fy: "index" }
  const barsOf = (role: "base" | "other", fill: string) =>
    Plot.barX(bars.filter((bar) => bar.role === role), { x: "f1", ...place, fill, stroke: "currentColor" })
  // A dark line on a light one shows on bars and on either background.
  const intervals = ([["#fff", 4.5], ["#111", 1.5]] as const).flatMap(([stroke, strokeWidth]) => [
    Plot.ruleY(withInterval, { x1: "low", x2: "high", ...place, stroke, strokeWidth }),
    ...(["low", "high"] as const).map((x) =>
      Plot.tickX(withInterval, { x, ...place, stroke, strokeWidth, inset: strokeWidth > 2 ? 3 : 4.5 })
    ),
  ])
  const height = top + pairs.length * pairHeight + bottom
  const plot = Plot.plot({
    document,
    width,
    height,
    marginLeft,
    marginRight,
    marginTop: top,
    marginBottom: bottom,
    style: { fontSize: `${size}px` },
    x: { domain: [0, highest], nice: true, label: null, grid: true, ticks: 5 },
    // The space between pairs is within their facets, so that the grid and the line at 0 go through.
    y: { axis: null, domain: ["base", "other"], paddingInner: 0.08, paddingOuter: 0.26 },
    fy: { axis: null, domain: pairs.map((_, index) => index), padding: 0 },
    marks: [
      barsOf("base", `url(#hatch-${id})`),
      barsOf("other", blue),
      ...intervals,
      Plot.ruleX([0], { stroke: "currentColor" }),
      Plot.text(bars, { x: 0, ...place, text: "name", textAnchor: "end", dx: -namesGap }),
      Plot.text(bars, {
        x: ({ f1, high }: (typeof bars)[number]) => Math.max(f1, high ?? 0),
        ...place,
        text: ({ f1 }: (typeof bars)[number]) => one(f1),
        textAnchor: "start",
        dx: 7,
      }),
      // Marks hang, so that the digits of all differences stand below each other.
      ...[true, false].flatMap((bold) => {
        const own = pairs.flatMap((pair, index) => (isShown(pair.comparison) === bold ? [{ index, pair }] : []))
        const at = { fy: "index", frameAnchor: "right", ...(bold ? { fontWeight: "bold" } : {}) } as const
        return [
          Plot.text(own, {
            ...at,
            text: ({ pair }: (typeof own)[number]) => signed(pair.comparison.difference),
            textAnchor: "end",
            dx: marginRight - marksWidth,
          }),
          Plot.text(own, {
            ...at,
            text: ({ pair }: (typeof own)[number]) => markOf(pair),
            textAnchor: "start",
            dx: marginRight - marksWidth,
          }),
        ]
      }),
    ],
  })
  plot.querySelector("style")?.remove()
  const lineHeight = height - bottom
  return {
    width,
    height,
    body: markup`<defs>${hatch(`hatch-${id}`)}</defs>
<g fill="currentColor" font-size="${size}">
<text x="${marginLeft}" y="18" font-size="14" font-weight="bold">${title}</text>
<text x="${width - marksWidth}" y="18" text-anchor="end">difference</text>
<text x="${(marginLeft + width - marginRight) / 2}" y="${lineHeight + 33}" text-anchor="middle">F1</text>
<g text-anchor="middle">${new Markup(plot.innerHTML)}</g>
</g>`,
  }
}

const markOf = (pair: PairOfBars): string =>
  pair.comparison.adjusted === null ? untested : isShown(pair.comparison) ? "*" : ""

const difference = (pair: PairOfBars): string => `${signed(pair.comparison.difference)}${markOf(pair)}`

const hatch = (id: string): Markup =>
  markup`<pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="${orange}"/><rect width="2" height="6" fill="#7A4F00"/></pattern>`

/** A sample of a kind of bar for legends, 26 by 14. */
export const swatch = (role: "base" | "other", id: string): Markup =>
  role === "base"
    ? markup`<defs>${
      hatch(id)
    }</defs><rect x="0.5" y="0.5" width="25" height="13" fill="url(#${id})" stroke="currentColor"/>`
    : markup`<rect x="0.5" y="0.5" width="25" height="13" fill="${blue}" stroke="currentColor"/>`

/** A drawing as an element of a page, with its description. */
export const inline = ({ width, height, body }: Drawing, description: string): Markup =>
  markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${description}">${body}</svg>`

/** What a panel shows, in words. */
export const describePanel = ({ title, pairs }: Panel): string =>
  `${title}. ${
    pairs.map((pair) =>
      `${pair.base.model} ${one(pair.base.f1)}, ${pair.other.model} ${one(pair.other.f1)}: ${difference(pair)}`
    ).join("; ")
  }`

const gap = 24
const edge = 20

/** A whole figure as one SVG file: title, legend, panels in two columns, caption. */
export const drawFigure = async (figure: Figure): Promise<string> => {
  const highest = reach(figure)
  const panels = await Promise.all(figure.panels.map((panel) => drawPanel(panel, highest)))
  const whole = edge * 2 + width * 2 + gap
  const parts: Array<Markup> = []
  let y = edge + 18
  const text = (words: string, attributes: Markup): void => {
    parts.push(markup`<text x="${edge}" y="${y}" ${attributes}>${words}</text>`)
  }
  text(figure.title, markup`font-size="17" font-weight="bold"`)
  y += 14
  if (panels.length === 0) {
    y += 22
    text("No pairs of models: this profile has none that the figure compares.", markup`font-size="14"`)
    y += 14
  } else {
    for (const role of ["base", "other"] as const) {
      parts.push(markup`<g transform="translate(${edge} ${y})">${swatch(role, `legend${figure.number}-${role}`)}</g>`)
      parts.push(
        markup`<text x="${edge + 36}" y="${y + 11}" font-size="13">${
          fitted(figure[role], (whole - 2 * edge - 36) / 13)
        }</text>`,
      )
      y += 22
    }
    y += 8
    for (let index = 0; index < panels.length; index += 2) {
      const row = panels.slice(index, index + 2)
      for (const [column, { body }] of row.entries()) {
        parts.push(markup`<g transform="translate(${edge + column * (width + gap)} ${y})">${body}</g>`)
      }
      y += Math.max(...row.map(({ height }) => height)) + 12
    }
    y += 6
    for (const line of wrapped(figure.caption, (whole - 2 * edge) / size)) {
      text(line, markup`font-size="${size}"`)
      y += 17
    }
    y -= 17
  }
  const height = y + edge
  const svg =
    markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${height}" width="${whole}" height="${height}" color="#1b1f24" fill="currentColor" font-family="'DejaVu Sans', Verdana, sans-serif">
<title>${figure.title}</title>
<rect width="${whole}" height="${height}" fill="#fff"/>
${parts}
</svg>`
  return `${svg.text}\n`
}
