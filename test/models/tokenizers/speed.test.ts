import { assert, describe, it } from "@effect/vitest"
import { smallFiles } from "../../parity/tokenizers/tables.ts"
import { readTokenizer } from "../reading.ts"

const LENGTH = 200_000
const units = ["a", "ab", "-", ".", "a'", "1,", "é1", "e\u0301", "日", "😀", "</s", " ", " x", "DOT"]

describe(`a text of ${LENGTH} characters takes seconds at most`, () => {
  for (
    const [name, modelType] of Object.entries({
      t5: "t5",
      gpt2: "gpt2",
      bart: "bart",
      biogpt: "biogpt",
      "unigram-json": "x",
    })
  ) {
    it(name, () => {
      const tokenizer = readTokenizer(smallFiles(name), modelType)
      for (const unit of units) {
        const text = unit.repeat(LENGTH / unit.length)
        // Processor time: the machine may be busy.
        const before = process.cpuUsage()
        const { ids } = tokenizer.encode(text, Infinity)
        tokenizer.decode(ids)
        const { user, system } = process.cpuUsage(before)
        assert.isBelow((user + system) / 1e6, 4, JSON.stringify(unit))
      }
    })
  }
})
