import { AddedTokens } from "./added-tokens.ts"
import { Bpe, type Merge } from "./bpe.ts"
import { type Codec, remembering } from "./codec.ts"
import { textOf, TokenizerError } from "./errors.ts"
import { Fields } from "./fields.ts"
import { DICTIONARY, type Files, MERGES, VOCABULARY } from "./files.ts"
import { lineNotTokenAndCount, lineNotTwoSymbols, noUnknownAndEnd, tokenTwice } from "./messages.ts"
import { mosesDetokenize, mosesTokenize } from "./moses.ts"
import { pythonSplit } from "./python-space.ts"
import { type Defaults, readSpecialTokens } from "./special-tokens.ts"
import { Vocabulary } from "./vocabulary.ts"

const END_OF_WORD = "</w>"
const BIOGPT: Defaults = {
  roles: { bos: "<s>", eos: "</s>", unk: "<unk>", sep: "</s>", pad: "<pad>" },
  others: [],
}

/**
 * BioGPT's tokenizer from `vocab.json` and `merges.txt`, as transformers' BioGptTokenizer: Moses' words, each split by
 * byte-pair encoding into tokens of which the last ends in `</w>`; `</s>` stands before a text. Throws `TokenizerError`.
 */
export const bioGpt = (
  files: Files,
  vocabularyBytes: Uint8Array,
  mergesBytes: Uint8Array,
  mergesFile: string = MERGES,
): Codec => {
  const vocabulary = Vocabulary.of(Fields.parse(VOCABULARY, vocabularyBytes))
  const bpe = new Bpe(parseMerges(mergesFile, mergesBytes), "all at once")
  const { added, roles } = readSpecialTokens(files, (token) => vocabulary.id(token), vocabulary.count, BIOGPT)
  const tokens = new AddedTokens(added, (text) => text)
  const [unknown, start] = [roles.get("unk"), roles.get("sep")]
  if (unknown === undefined || start === undefined) throw new TokenizerError(VOCABULARY, noUnknownAndEnd)

  const encodeWord = remembering((word) => {
    const characters = Array.from(word)
    characters.push((characters.pop() ?? "") + END_OF_WORD)
    return bpe.merge(characters).map((symbol) => tokens.id(symbol) ?? vocabulary.id(symbol) ?? unknown)
  })
  return {
    size: Math.max(vocabulary.size, tokens.size),
    prefix: [start],
    suffix: [],
    id: (token) => tokens.id(token) ?? vocabulary.id(token),
    encode: (text) => {
      const ids: number[] = []
      for (const part of tokens.split(text)) {
        if ("id" in part) ids.push(part.id)
        else for (const word of mosesTokenize(part.text)) for (const id of encodeWord(word)) ids.push(id)
      }
      return ids
    },
    decode: (ids) => {
      const words = ids.flatMap((id) => {
        const token = tokens.content(id) ?? vocabulary.token(id)
        return token === undefined || tokens.isSpecial(token) ? [] : [token.replaceAll(" ", "")]
      }).map((token) => token.replaceAll(END_OF_WORD, " ")).join("")
      return mosesDetokenize(pythonSplit(words))
    },
  }
}

/** The merges, of which lines may have counts behind them; a file's last line counts only if it is ended. */
const parseMerges = (file: string, bytes: Uint8Array): readonly Merge[] =>
  textOf(file, bytes).split(/\r\n|\r|\n/u).slice(0, -1).map((line, index) => {
    const [left, right] = pythonSplit(line)
    if (left === undefined || right === undefined) {
      throw new TokenizerError(file, lineNotTwoSymbols(index + 1))
    }
    return [left, right]
  })

const SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"] as const

/**
 * The files that transformers' conversion makes of fairseq's `dict.txt` and `bpecodes`. A token's id is its line, behind
 * four special ones; one that ends in `@@` goes on, any other ends its word. Throws `TokenizerError`.
 */
export const bioGptFromFairseq = (dictionary: Uint8Array, merges: Uint8Array): Files => {
  const ids: Record<string, number> = Object.create(null)
  SPECIALS.forEach((token, id) => ids[token] = id)
  const seen = new Set<string>(SPECIALS)
  const lines = textOf(DICTIONARY, dictionary).split(/\r\n|\r|\n/u)
  if (lines.at(-1) === "") lines.pop()
  lines.forEach((line, index) => {
    const token = /^(.*) \d+\s*$/su.exec(line)?.[1]
    if (token === undefined) throw new TokenizerError(DICTIONARY, lineNotTokenAndCount(index + 1))
    if (seen.has(token)) throw new TokenizerError(DICTIONARY, tokenTwice(index + 1, token))
    seen.add(token)
    ids[token.endsWith("@@") ? token.slice(0, -2) : token + END_OF_WORD] = index + SPECIALS.length
  })
  const config = {
    bos_token: "<s>",
    eos_token: "</s>",
    model_max_length: 1024,
    pad_token: "<pad>",
    special_tokens_map_file: null,
    tokenizer_class: "BioGptTokenizer",
    unk_token: "<unk>",
  }
  const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value, null, 2))
  return new Map([[VOCABULARY, json(ids)], [MERGES, merges], ["tokenizer_config.json", json(config)]])
}
