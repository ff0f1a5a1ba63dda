import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { linesOf, makeChain } from "../../../pipeline/store/chain.ts"

/** A log of these texts, as its bytes. */
const logOf = (name: string, texts: ReadonlyArray<string>): Buffer => {
  const chain = makeChain(name)
  return Buffer.from(texts.map((text, at) => chain.link(JSON.stringify({ at, text }))).join(""))
}

const damagedIn = (name: string, log: Buffer) => linesOf(name, log).filter(({ _tag }) => _tag !== "Sound")

const texts = ["one", "zwei \uFFFD ö", "\"three\"", "four"]
const log = logOf("run", texts)

describe("the log of a run", () => {
  it("gives back the lines that were written", () =>
    fc.assert(fc.property(fc.array(fc.string({ unit: "binary" })), (written) => {
      const well = written.map((text) => text.toWellFormed())
      const lines = linesOf("run", logOf("run", well))
      assert.deepStrictEqual(
        lines.map((line) => (line._tag === "Sound" ? (JSON.parse(line.json) as { readonly text: string }).text : line)),
        well,
      )
    })))

  it("shows any one bit that changed", () => {
    for (let bit = 0; bit < log.length * 8; bit++) {
      const changed = Buffer.from(log)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      assert.isNotEmpty(damagedIn("run", changed), `bit ${bit}`)
    }
  })

  it("shows lines that were taken out, and a log of another name", () => {
    const lines = log.toString().split("\n").slice(0, -1)
    for (let out = 0; out < lines.length - 1; out++) {
      const left = Buffer.from(lines.toSpliced(out, 1).map((line) => `${line}\n`).join(""))
      assert.deepStrictEqual(damagedIn("run", left), [{ _tag: "Damaged", number: out + 1 }])
    }
    assert.deepStrictEqual(damagedIn("other", log), [{ _tag: "Damaged", number: 1 }])
  })

  it("of a process that was killed may end anywhere", () => {
    for (let length = 0; length <= log.length; length++) {
      assert.deepStrictEqual(damagedIn("run", log.subarray(0, length)), [], `${length} bytes`)
    }
  })
})
