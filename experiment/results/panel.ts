import { isShown } from "../../stages/aggregate/significance.ts"
import type { Bar, Figure, PairOfBars, Panel } from "./figures.ts"
import { fitted, widthOf } from "./lettering.ts"
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

/** The width of a panel. */
export const width = 460
/** The size of its letters. */
export const size = 12
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

type Plot = typeof import("@observablehq/plot")

/** One bar with its place in a panel. */
interface PlacedBar extends Bar {
  readonly index: number
  readonly role: "base" | "other"
  /** The model's name, cut to the room beside the bar. */
  readonly name: string
}

/** Where a mark stands: a facet for each pair, and in it a place for each of its two bars. */
const place = { y: "role", fy: "index" } as const

/** One panel of a figure: horizontal bars in pairs, with intervals, and the difference of each pair. */
export const drawPanel = async ({ id, title, pairs }: Panel, highest: number): Promise<Drawing> => {
  const [Plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")])
  const { document } = parseHTML("<html><body></body></html>")
  const bars = pairs.flatMap((pair, index) =>
    (["base", "other"] as const).map((role): PlacedBar => ({
      index,
      role,
      ...pair[role],
      name: fitted(pair[role].model, (namesWidth.most - namesGap) / size),
    }))
  )
  const longest = Math.max(...bars.map(({ name }) => widthOf(name)))
  const marginLeft = Math.ceil(Math.max(namesWidth.least, namesGap + size * longest))
  const marginRight = valuesWidth + differencesWidth + marksWidth
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
      ...barMarks(Plot, bars, id),
      ...intervalMarks(Plot, bars),
      Plot.ruleX([0], { stroke: "currentColor" }),
      ...labelMarks(Plot, bars),
      ...differenceMarks(Plot, pairs, marginRight),
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

const barMarks = (Plot: Plot, bars: ReadonlyArray<PlacedBar>, id: string) =>
  ([["base", `url(#hatch-${id})`], ["other", blue]] as const).map(([role, fill]) =>
    Plot.barX(bars.filter((bar) => bar.role === role), { x: "f1", ...place, fill, stroke: "currentColor" })
  )

/** Intervals as a dark line on a light one, which shows on bars and on either background. */
const intervalMarks = (Plot: Plot, bars: ReadonlyArray<PlacedBar>) => {
  const known = bars.flatMap(({ low, high, ...bar }) => (low === null || high === null ? [] : [{ ...bar, low, high }]))
  return ([["#fff", 4.5], ["#111", 1.5]] as const).flatMap(([stroke, strokeWidth]) => [
    Plot.ruleY(known, { x1: "low", x2: "high", ...place, stroke, strokeWidth }),
    ...(["low", "high"] as const).map((x) =>
      Plot.tickX(known, { x, ...place, stroke, strokeWidth, inset: strokeWidth > 2 ? 3 : 4.5 })
    ),
  ])
}

/** The name before each bar, and its F1 behind it. */
const labelMarks = (Plot: Plot, bars: ReadonlyArray<PlacedBar>) => [
  Plot.text(bars, { x: 0, ...place, text: "name", textAnchor: "end", dx: -namesGap }),
  Plot.text(bars, {
    x: ({ f1, high }: PlacedBar) => Math.max(f1, high ?? 0),
    ...place,
    text: ({ f1 }: PlacedBar) => one(f1),
    textAnchor: "start",
    dx: 7,
  }),
]

/** The difference of each pair on the right. Marks hang, so that the digits of all stand below each other. */
const differenceMarks = (Plot: Plot, pairs: ReadonlyArray<PairOfBars>, marginRight: number) =>
  [true, false].flatMap((bold) => {
    const own = pairs.flatMap((pair, index) => (isShown(pair.comparison) === bold ? [{ index, pair }] : []))
    const at = {
      fy: "index",
      frameAnchor: "right",
      dx: marginRight - marksWidth,
      ...(bold ? { fontWeight: "bold" } : {}),
    } as const
    return [
      Plot.text(own, {
        ...at,
        text: ({ pair }: (typeof own)[number]) => signed(pair.comparison.difference),
        textAnchor: "end",
      }),
      Plot.text(own, { ...at, text: ({ pair }: (typeof own)[number]) => markOf(pair), textAnchor: "start" }),
    ]
  })

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
