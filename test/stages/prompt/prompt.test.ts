import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { prompter } from "../../../stages/prompt/prompt.ts"

const layout = { joint: " => ", between: " | " }
const words = (text: string): number => text.split(" ").filter((word) => word !== "").length

const shots = [
  { source: "a a a", target: "x" },
  { source: "b", target: "y" },
  { source: "c c", target: "z" },
]

describe("a few-shot prompt", () => {
  it("shows the shots in the order of the sample, then the document", () => {
    const promptOf = prompter({ shots, layout, limit: 100, tokensOf: words })
    assert.deepStrictEqual(promptOf({ source: "d" }), {
      text: "a a a => x | b => y | c c => z | d => ",
      shots: 3,
      leftOut: 0,
      tokens: 17,
      fits: true,
    })
  })

  it("leaves out as few as it must, the longest first, and keeps the order of the others", () => {
    const promptOf = prompter({ shots, layout, limit: 12, tokensOf: words })
    assert.deepInclude(promptOf({ source: "d" }), { text: "b => y | c c => z | d => ", leftOut: 1, tokens: 11 })
  })

  it("says that a document does not fit, and cuts nothing", () => {
    const promptOf = prompter({ shots, layout, limit: 3, tokensOf: words })
    assert.deepInclude(promptOf({ source: "d d d d" }), { text: "d d d d => ", shots: 0, leftOut: 3, fits: false })
  })

  it("shows as many shots as any choice of them that fits", () => {
    const text = fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 6 }).map((letters) => letters.join(" "))
    fc.assert(fc.property(
      fc.array(fc.record({ source: text, target: text }), { maxLength: 5 }),
      text,
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 2 }),
      (shots, source, limit, around) => {
        // A pair of equal words is one token, and a whole text has tokens around it.
        const tokensOf = (each: string, part: "whole" | "part"): number =>
          (each.match(/(\S+) \1(?= |$)|\S+/gu) ?? []).length + (part === "whole" ? around : 0)
        const made = prompter({ shots, layout, limit, tokensOf })({ source })
        const textOf = (kept: ReadonlyArray<(typeof shots)[number]>): string =>
          `${kept.map((shot) => `${shot.source} => ${shot.target} | `).join("")}${source} => `
        const choices = Array.from(
          { length: 2 ** shots.length },
          (_, bits) => shots.filter((_shot, index) => (bits >> index) % 2 === 1),
        )
        const most = Math.max(
          -1,
          ...choices.filter((kept) => tokensOf(textOf(kept), "whole") <= limit)
            .map(({ length }) => length),
        )
        assert.strictEqual(made.tokens, tokensOf(made.text, "whole"))
        assert.strictEqual(made.fits, most >= 0)
        assert.strictEqual(made.shots, Math.max(0, most))
      },
    ))
  })
})
