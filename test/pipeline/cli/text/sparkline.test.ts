import { assert, describe, it } from "@effect/vitest"
import { levelCurve, type Levels, withLevel } from "../../../../pipeline/cli/text/level.ts"
import { curvesText, showsUnicode, sparkline } from "../../../../pipeline/cli/text/sparkline.ts"

const points = (ys: ReadonlyArray<number>) => ys.map((y, x) => ({ x, y }))

describe("a sparkline", () => {
  it("has the mean of each part as a block of that height, a space where there is none, and one height for one value", () => {
    const range = { from: 0, to: 7 }
    assert.strictEqual(sparkline(points([0, 1, 2, 3, 4, 5, 6, 7]), 8, range, true), "▁▂▃▄▅▆▇█")
    assert.strictEqual(sparkline(points([0, 1, 2, 3, 4, 5, 6, 7]), 4, range, true), "▁▃▆█")
    assert.strictEqual(sparkline(points([0, 1, 2, 3, 4, 5, 6, 7]), 8, range, false), "_.-~=+*#")
    assert.strictEqual(sparkline([{ x: 0, y: 1 }, { x: 7, y: 2 }], 8, range, true), "▁      █")
    assert.strictEqual(sparkline(points([3, 3, 3]), 3, { from: 0, to: 2 }, true), "▁▁▁")
    assert.strictEqual(sparkline([{ x: 5, y: 3 }], 3, { from: 5, to: 5 }, true), "▁  ")
    assert.strictEqual(sparkline(points([-2, -1]), 2, { from: 0, to: 1 }, true), "▁█")
  })

  it("is of blocks but where the locale is of another character set than UTF-8", () => {
    assert.isTrue(showsUnicode({ LANG: "de_DE.UTF-8" }))
    assert.isTrue(showsUnicode({ LC_ALL: "", LANG: "C.utf8" }))
    assert.isTrue(showsUnicode({}))
    assert.isFalse(showsUnicode({ LC_ALL: "C", LANG: "en_US.UTF-8" }))
    assert.isFalse(showsUnicode({ LC_CTYPE: "de_DE.ISO-8859-1" }))
  })

  it("fits into the width of the terminal, with numbers of three digits beside it", () => {
    const curve = { output: "a", column: "b", title: "learning rate", over: "step" }
    const ys = Array.from({ length: 500 }, (_, index) => (index + 1) / 3e8)
    for (const width of [60, 80, 100, 200, undefined]) {
      const lines = curvesText([{ ...curve, points: points(ys) }], width, true).split("\n")
      assert.lengthOf(lines, 2)
      for (const line of lines) assert.isAtMost(line.length, width ?? 100)
      assert.match(lines[1] ?? "", /^learning rate +▁[▁-█]+█ +3\.33e-9 +1\.67e-6 +3\.33e-9 +1\.67e-6$/u)
    }
    const long = Array.from({ length: 200_000 }, (_, index) => index % 10)
    assert.include(curvesText([{ ...curve, points: points(long) }], 80, true), "step 0 to 199999")
  })
})

describe("the curve of a running node", () => {
  const along = (done: number): Levels =>
    Array.from({ length: done }, (_, index) => index + 1).reduce<Levels>(
      (levels, step) => withLevel(levels, step, 1600, 1600 - step),
      new Map(),
    )

  it("grows with what is done, as wide as all of it at the end", () => {
    assert.strictEqual(levelCurve(along(100), true), "")
    assert.strictEqual(levelCurve(along(200), true), "█▁")
    assert.strictEqual(levelCurve(along(800), true), "█▇▆▅▄▃▂▁")
    assert.strictEqual(levelCurve(along(1600), true), "██▇▇▆▆▅▅▄▄▃▃▂▂▁▁")
  })
})
