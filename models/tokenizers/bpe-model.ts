import { Bpe, type Merge } from "./bpe.ts"
import type { SubwordModel } from "./codec.ts"
import { TokenizerError } from "./errors.ts"
import { mergeNeeds, neitherSymbolNorUnknown } from "./messages.ts"
import type { Vocabulary } from "./vocabulary.ts"

/** What a BPE model may have beside its merges. */
export interface BpeOptions {
  /** For characters that are not in the vocabulary; without one they are left out. */
  readonly unknown?: string | undefined
  /** Whether neighbouring unknown characters are one unknown token. */
  readonly fuseUnknown?: boolean
  /** What the last character of a word carries. */
  readonly endOfWord?: string
  /** Whether a word that is in the vocabulary is taken whole. */
  readonly wholeWords?: boolean
}

/** The BPE model of Hugging Face's tokenizers. Throws `TokenizerError`, which names `file`, for a merge of no tokens. */
export const bpeModel = (
  file: string,
  vocabulary: Vocabulary,
  merges: readonly Merge[],
  { unknown, fuseUnknown = false, endOfWord = "", wholeWords = false }: BpeOptions,
): SubwordModel => {
  for (const [left, right] of merges) {
    const missing = [left, right, left + right].find((token) => vocabulary.id(token) === undefined)
    if (missing !== undefined) {
      throw new TokenizerError(file, mergeNeeds(left, right, missing))
    }
  }
  const bpe = new Bpe(merges, "one by one")
  const unknownId = unknown === undefined ? undefined : vocabulary.id(unknown)

  const encode = (word: string): readonly number[] => {
    const whole = wholeWords ? vocabulary.id(word) : undefined
    if (whole !== undefined) return [whole]
    if (word === "") return []
    const characters = Array.from(word)
    characters.push((characters.pop() ?? "") + endOfWord)
    const ids: number[] = []
    let known = true
    // Without an unknown token, what is around such a character moves together before it is merged.
    const symbols = unknown === undefined ? characters.filter((each) => vocabulary.id(each) !== undefined) : characters
    for (const symbol of bpe.merge(symbols)) {
      const id = vocabulary.id(symbol)
      if (id !== undefined) ids.push(id)
      else if (unknownId !== undefined && (known || !fuseUnknown)) ids.push(unknownId)
      else if (unknownId === undefined && unknown !== undefined) {
        throw new TokenizerError(file, neitherSymbolNorUnknown(symbol, unknown))
      }
      known = id !== undefined
    }
    return ids
  }

  return { size: vocabulary.size, id: (token) => vocabulary.id(token), token: (id) => vocabulary.token(id), encode }
}
