import { assert, describe, it } from "@effect/vitest"
import { smallFiles } from "../../parity/tokenizers/tables.ts"
import { readTokenizer } from "../reading.ts"

const units = ["a", "ab", "-", ".", "a'", "1,", "é1", "e\u0301", "日", "😀", "</s", " ", " x", "DOT"]

/** Declares the tests that say that every tokenizer reads and writes a text of that length within so many seconds. */
export const takesSecondsAtMost = (length: number, seconds: number): void => {
  describe(`a text of ${length} characters takes ${seconds} s of the processor at most`, () => {
    const tokenizers = { t5: "t5", gpt2: "gpt2", bart: "bart", biogpt: "biogpt", "unigram-json": "x" }
    it.each(Object.entries(tokenizers))("%s", (name, modelType) => {
      const tokenizer = readTokenizer(smallFiles(name), modelType)
      for (const unit of units) {
        const text = unit.repeat(length / unit.length)
        // Processor time: the machine may be busy.
        const before = process.cpuUsage()
        const { ids } = tokenizer.encode(text, Infinity)
        tokenizer.decode(ids)
        const { user, system } = process.cpuUsage(before)
        assert.isBelow((user + system) / 1e6, seconds, JSON.stringify(unit))
      }
    })
  })
}
