import type { Merge } from "./bpe.ts"
import { textOf, TokenizerError } from "./errors.ts"
import { lineNotTwoSymbols } from "./messages.ts"

/** The merges of a GPT-2 `merges.txt`: two symbols a line, behind an optional line that starts with `#version`. */
export const parseMerges = (file: string, bytes: Uint8Array): readonly Merge[] =>
  textOf(file, bytes).split("\n").flatMap((line, index): readonly Merge[] => {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line
    if (text === "" || text.startsWith("#version")) return []
    const [left, right, ...rest] = text.split(" ")
    if (left === undefined || right === undefined || rest.length > 0) {
      throw new TokenizerError(file, lineNotTwoSymbols(index + 1))
    }
    return [[left, right]]
  })
