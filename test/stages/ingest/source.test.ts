import { assert, describe, it } from "@effect/vitest"
import { type Line, readLines, readText } from "../../../stages/ingest/source.ts"
import { assertInputError, withFiles } from "../support.ts"

const linesOf = (content: string | Uint8Array): ReadonlyArray<Line> =>
  withFiles({ "f.txt": content }, (sources) => sources.flatMap((source) => [...readLines(source)]))

describe("source", () => {
  it("reads lines with either break, a last one without, and blank ones", () => {
    assert.deepStrictEqual(linesOf("\uFEFFa\r\n\nb\nc"), [
      { number: 1, text: "a" },
      { number: 2, text: "" },
      { number: 3, text: "b" },
      { number: 4, text: "c" },
    ])
    assert.deepStrictEqual(linesOf(""), [])
  })

  it("joins lines and characters that lie across chunks", () => {
    const long = "é𝛼".repeat(50_000)
    assert.deepStrictEqual(linesOf(`x\n${long}\ny`).map(({ text }) => text), ["x", long, "y"])
    assert.strictEqual(
      withFiles({ "f.txt": `\uFEFF${long}` }, ([source]) => source && readText(source)),
      `\uFEFF${long}`,
    )
  })

  it("joins a line of many chunks once, and refuses one without an end", () => {
    const long = "é".repeat(4 * 2 ** 20)
    assert.deepStrictEqual(linesOf(`a\n${long}\r\nb`).map(({ text }) => text), ["a", long, "b"])
    const endless = Buffer.alloc(257 * 2 ** 20, "x")
    endless.set([0x61, 0x0a])
    assertInputError(() => linesOf(endless), { file: "f.txt", line: 2, message: /longer than 256 MiB/u })
  })

  it("names the line that is not UTF-8", () => {
    const bytes = Uint8Array.from([97, 10, 0xff, 98, 10])
    assertInputError(() => linesOf(bytes), { file: "f.txt", line: 2, message: /UTF-8/u })
    const text = () => withFiles({ "f.txt": bytes }, ([source]) => source && readText(source))
    assertInputError(text, { file: "f.txt", line: 2, message: /UTF-8/u })
    const cut = Buffer.from("a\nb\né").subarray(0, -1)
    assertInputError(() => withFiles({ "f.txt": cut }, ([source]) => source && readText(source)), {
      file: "f.txt",
      line: 3,
      message: /UTF-8/u,
    })
  })

  it("says that a file does not exist or is a folder", () => {
    const lines = (path: string) => () => [...readLines({ name: "gone.txt", path })]
    assertInputError(lines("/nowhere/gone.txt"), { file: "gone.txt", message: /does not exist/u })
    assertInputError(lines("/"), { file: "gone.txt", message: /cannot be/u })
  })
})
