import { assert, describe, it } from "@effect/vitest"
import { SaxesParser } from "saxes"
import { drawFigure } from "../../../experiment/results/draw.ts"
import { figureNumbers, figureOf } from "../../../experiment/results/figures.ts"
import { fitted, widthOf, wrapped } from "../../../experiment/results/lettering.ts"
import { pngOf } from "../../../experiment/results/png.ts"
import type { ResultTables } from "../../../experiment/results/tables.ts"
import { demoTables, noTables, paperTables } from "./fixture.ts"
import { complete } from "./provenance.ts"
import { tinyTables } from "./tiny.ts"

/** An element of a drawing, with those that it stands in, the nearest last. */
interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly within: ReadonlyArray<Element>
  readonly text: Array<string>
}

/** The elements of an SVG; fails where it is not well-formed. */
const parse = (svg: string): ReadonlyArray<Element> => {
  const found: Array<Element> = []
  const open: Array<Element> = []
  const parser = new SaxesParser({ xmlns: false })
  parser.on("error", (error) => {
    throw error
  })
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes, within: [...open], text: [] }
    open.push(element)
    found.push(element)
  })
  parser.on("closetag", () => {
    open.pop()
  })
  parser.on("text", (text) => open.at(-1)?.text.push(text))
  parser.write(svg).close()
  return found
}

/** The marks of a kind: Plot labels their groups. */
const marks = (elements: ReadonlyArray<Element>, label: string, stroke?: string): ReadonlyArray<Element> =>
  elements.filter(({ within }) =>
    within.some(({ attributes }) => attributes["aria-label"] === label)
    && (stroke === undefined || within.at(-1)?.attributes["stroke"] === stroke)
  ).filter(({ name }) => name !== "g")

const number = ({ attributes }: Element, name: string): number => Number(attributes[name])

const texts = (elements: ReadonlyArray<Element>): ReadonlyArray<string> =>
  elements.filter(({ name }) => name === "text").map(({ text }) => text.join(""))

const sorted = (values: ReadonlyArray<number>): ReadonlyArray<number> => values.toSorted((a, b) => a - b)

const fixtures: ReadonlyArray<readonly [name: string, tables: ResultTables]> = [
  ["the paper", paperTables()],
  ["a small profile", demoTables()],
  ["hostile names", demoTables((name) => `${name}]]></svg>&<"'\u0000\uffff\ud800 ${"W".repeat(200)}`)],
]

describe.each(fixtures)("figures of %s", (_, tables) => {
  it.each(figureNumbers)(
    "figure %i: a bar for each number, as long as it, and a line for each interval",
    async (which) => {
      const figure = figureOf(which, tables, complete)
      const elements = parse(await drawFigure(figure))
      const bars = figure.panels.flatMap(({ pairs }) => pairs.flatMap(({ base, other }) => [base, other]))
      assert.isAbove(bars.length, 0)
      const rects = marks(elements, "bar")
      assert.lengthOf(rects, bars.length)
      // One scale for all panels: so many units of length for one point of F1.
      const unit = Math.max(...rects.map((rect) => number(rect, "width"))) / Math.max(...bars.map(({ f1 }) => f1))
      const close = (lengths: ReadonlyArray<number>, values: ReadonlyArray<number>): void => {
        assert.lengthOf(lengths, values.length)
        const [drawn, wanted] = [sorted(lengths), sorted(values)]
        for (const [index, length] of drawn.entries()) assert.closeTo(length / unit, wanted[index] ?? NaN, 1e-6)
      }
      close(rects.map((rect) => number(rect, "width")), bars.map(({ f1 }) => f1))
      const lines = marks(elements, "rule", "#111")
      close(
        lines.map((line) => Math.abs(number(line, "x2") - number(line, "x1"))),
        bars.flatMap(({ low, high }) => (low === null || high === null ? [] : [high - low])),
      )
      assert.lengthOf(marks(elements, "tick", "#111"), 2 * lines.length)
    },
  )

  it.each(figureNumbers)("figure %i: all words stand within the frame", async (which) => {
    const elements = parse(await drawFigure(figureOf(which, tables, complete)))
    const width = number(elements[0] ?? assert.fail("no element"), "width")
    for (const element of elements) {
      if (element.name !== "text") continue
      // Where a text starts: the sum of what it and the groups around it are moved by.
      let x = number(element, "x") || 0
      for (const { attributes } of [...element.within, element]) {
        x += Number(/translate\(([-\d.]+)/u.exec(attributes["transform"] ?? "")?.[1] ?? 0)
      }
      const anchor = [...element.within, element].findLast(({ attributes }) => "text-anchor" in attributes)
        ?.attributes["text-anchor"]
      const size = [...element.within, element].findLast(({ attributes }) => "font-size" in attributes)
        ?.attributes["font-size"]
      const own = widthOf(element.text.join("")) * Number.parseFloat(size ?? "12")
      const start = anchor === "end" ? x - own : anchor === "middle" ? x - own / 2 : x
      assert.isAtLeast(start, 0, element.text.join(""))
      assert.isAtMost(start + own, width, element.text.join(""))
    }
  })

  it("the same twice", async () => {
    const [first, second] = await Promise.all([1, 2].map(() => drawFigure(figureOf(2, tables, complete))))
    assert.strictEqual(first, second)
  })
})

describe("a figure", () => {
  it("tells the difference of each pair, bold and starred where it is significant", async () => {
    const elements = parse(await drawFigure(figureOf(2, tinyTables, complete)))
    const told = texts(elements)
    for (const text of ["CDR", "T5-Base", "42.0", "50.0", "+8.0", "*"]) assert.include(told, text)
    const difference = elements.find(({ text }) => text.join("") === "+8.0")
    assert.strictEqual(difference?.within.at(-1)?.attributes["font-weight"], "bold")
    assert.match(told.join(" "), /pairs stand in for its pairs/u)
  })

  it("marks what is not tested, and says why", async () => {
    const told = texts(parse(await drawFigure(figureOf(5, paperTables(), complete))))
    assert.lengthOf(told.filter((text) => text === "°"), 2)
    assert.match(told.join(" "), /°: not tested: a model knew the corpus before/u)
    assert.notMatch(told.join(" "), /stand in/u)
  })

  it("draws no interval for a bar that is of other seeds than the row", () => {
    const [comparison] = tinyTables.comparisons
    const tables = { ...tinyTables, comparisons: comparison === undefined ? [] : [{ ...comparison, baseF1: 41 }] }
    assert.deepStrictEqual(figureOf(2, tables, complete).panels[0]?.pairs[0]?.base, {
      model: "T5-Base",
      f1: 41,
      low: null,
      high: null,
    })
  })

  it("without pairs says so", async () => {
    assert.match(texts(parse(await drawFigure(figureOf(3, noTables, complete)))).join(" "), /No pairs of models/u)
  })

  it("leaves its words apart where all numbers are 100", async () => {
    const most = paperTables()
    const tables = {
      ...most,
      results: most.results.map((row) => ({ ...row, f1: 100, low: 100, high: 100 })),
      comparisons: most.comparisons.map((row) => ({
        ...row,
        baseF1: 100,
        otherF1: 100,
        difference: -100,
        adjusted: 0,
      })),
    }
    const { width, x, frame } = await (async () => {
      const elements = parse(await drawFigure(figureOf(2, tables, complete)))
      const bar = marks(elements, "bar")[0] ?? assert.fail("no bar")
      return { width: number(bar, "width"), x: number(bar, "x"), frame: 460 }
    })()
    // Behind the end of the bar: a gap of 7 and "100.0"; from the right: a mark and "−100.0" in bold.
    assert.isAtMost(x + width + 7 + 12 * 2.87, frame - 10 - 12 * 4.02)
  })
})

describe("a PNG", () => {
  it("has twice the size of its SVG, and is not blank", async () => {
    const svg = await drawFigure(figureOf(4, demoTables(), complete))
    const [root] = parse(svg)
    const png = Buffer.from(await pngOf(svg))
    assert.strictEqual(png.toString("latin1", 1, 4), "PNG")
    // The IHDR chunk comes first: its width and height.
    assert.deepStrictEqual(
      [png.readUInt32BE(16), png.readUInt32BE(20)],
      root === undefined ? [] : [2 * number(root, "width"), 2 * number(root, "height")],
    )
    const blank = Buffer.from(await pngOf(svg.replace(/<g[\s\S]*<\/g>|<text[\s\S]*<\/text>/gu, "")))
    assert.isAbove(png.length, 5 * blank.length)
    assert.isTrue(png.equals(Buffer.from(await pngOf(svg))))
  })

  it("has letters, from the package's font", async () => {
    const svg = (text: string): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20" font-family="'DejaVu Sans'"><text y="15">${text}</text></svg>`
    const [letters, others, none] = await Promise.all(["F1 ± −", "F1 * °", ""].map((text) => pngOf(svg(text))))
    assert.notDeepEqual(letters, none)
    assert.notDeepEqual(letters, others)
  })
})

describe("lettering", () => {
  it("keeps both ends of a name that is too long", () => {
    assert.strictEqual(fitted("biobart-v2-base", 20), "biobart-v2-base")
    const cut = fitted("an-organisation/with-a-model-of-a-long-name-large", 10)
    assert.match(cut, /^an-or.*….*large$/u)
    assert.isAtMost(widthOf(cut), 10)
    assert.strictEqual(fitted("a\u0000b\nc", 9), "a b c")
  })

  it("wraps words, and leaves one that is too long alone", () => {
    assert.deepStrictEqual(wrapped("aa bb cc", 3), ["aa bb", "cc"])
    assert.deepStrictEqual(wrapped("aa bbbbbbbbbb cc", 3), ["aa", "bbbbbbbbbb", "cc"])
  })
})
