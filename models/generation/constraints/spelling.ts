// How the tokens of a vocabulary spell text. What is decoded counts: pieces, bytes and marks of blanks are none of its business.
import { InvalidOption } from "../../ir/options.ts"
import { toByteCharacters } from "../../tokenizers/byte-level.ts"
import { Fields } from "../../tokenizers/fields.ts"
import { type Files, JSON_FILE, VOCABULARY } from "../../tokenizers/files.ts"
import type { Tokenizer } from "../../tokenizers/tokenizer.ts"
import { notSpelled } from "./messages.ts"
import { TokenTrie } from "./trie.ts"

/** What each token adds to a text at a place, in units: characters of UTF-16, or bytes. */
export interface Spelled {
  /** By id; undefined for a special token, which adds nothing anywhere. */
  readonly spellings: readonly (string | undefined)[]
  readonly trie: TokenTrie
  /** Tokens that add nothing at this place, although they do elsewhere. */
  readonly silent: readonly number[]
}

/** A vocabulary as a constraint reads it. */
export interface Vocabulary {
  /** As the first token of a text, and as any later one. */
  readonly first: Spelled
  readonly later: Spelled
  /** Whether tokens spell the text itself, or the words that Moses' tokenizer makes of it, with a blank behind each. */
  readonly spells: "text" | "words"
  /** The units of a character. */
  readonly unitsOf: (character: string) => string
}

/** How the tokens of a tokenizer spell. Throws `InvalidOption` where what one adds depends on those around it. */
export const vocabularyOf = (tokenizer: Tokenizer): Vocabulary => {
  const ended = wordTokens(tokenizer.saved())
  if (ended !== undefined) return words(tokenizer, ended)
  const written = byteTokens(tokenizer.saved())
  return written === undefined ? characters(tokenizer) : bytes(tokenizer, written)
}

/** Tokens of bytes spell alike everywhere. */
const bytes = (tokenizer: Tokenizer, tokens: readonly (readonly [token: string, id: number])[]): Vocabulary => {
  const units = byteUnits()
  const spellings: (string | undefined)[] = Array.from({ length: tokenizer.size })
  for (const [token, id] of tokens) {
    if (tokenizer.decode([id]) === "") continue
    const spelled = Array.from(token, (character) => units.get(character))
    spellings[id] = spelled.includes(undefined) ? utf8(token) : spelled.join("")
  }
  const spelled = { spellings, trie: new TokenTrie(spellings), silent: [] }
  return { first: spelled, later: spelled, spells: "text", unitsOf: utf8 }
}

/** The spellings that decoding shows: of each token alone, and behind another one. */
const characters = (tokenizer: Tokenizer): Vocabulary => {
  const ids = Array.from({ length: tokenizer.size }, (_, id) => id)
  const before = ids.find((id) => tokenizer.decode([id]).trim() !== "")
  if (before === undefined) throw new InvalidOption("constraint", notSpelled)
  const text = tokenizer.decode([before])
  const behind = tokenizer.decode([before, before]).slice(text.length)
  const later = ids.map((id) => {
    const both = tokenizer.decode([before, id])
    const added = both.slice(text.length)
    if (!both.startsWith(text) || tokenizer.decode([before, id, before]) !== both + behind) {
      throw new InvalidOption("constraint", notSpelled)
    }
    return added === "" ? undefined : added
  })
  const first = ids.map((id) => later[id] === undefined ? undefined : tokenizer.decode([id]))
  const silent = ids.filter((id) => first[id] === "")
  return {
    first: { spellings: first, trie: new TokenTrie(first), silent },
    later: { spellings: later, trie: new TokenTrie(later), silent: [] },
    spells: "text",
    unitsOf: (character) => character,
  }
}

/** Tokens of Moses' words: the last of each has a mark at its end, which stands for a blank. */
const words = (tokenizer: Tokenizer, tokens: readonly (readonly [token: string, id: number])[]): Vocabulary => {
  const spellings: (string | undefined)[] = Array.from({ length: tokenizer.size })
  for (const [token, id] of tokens) {
    const spelled = token.replaceAll(" ", "").replaceAll(END_OF_WORD, " ")
    if (spelled !== "" && tokenizer.decode([id]) !== "") spellings[id] = spelled
  }
  const spelled = { spellings, trie: new TokenTrie(spellings), silent: [] }
  return { first: spelled, later: spelled, spells: "words", unitsOf: (character) => character }
}

const END_OF_WORD = "</w>"

/** The tokens of BioGPT's tokenizer, which end words with a mark; undefined of any other. */
const wordTokens = (files: Files): readonly (readonly [string, number])[] | undefined => {
  const contents = files.has(JSON_FILE) ? undefined : files.get(VOCABULARY)
  if (contents === undefined) return undefined
  const tokens = Fields.parse(VOCABULARY, contents).entries()
    .flatMap(([token, id]) => typeof id === "number" ? [[token, id] as const] : [])
  return tokens.some(([token]) => token.endsWith(END_OF_WORD)) ? tokens : undefined
}

/** The tokens of a byte-level tokenizer as its files write them; undefined of any other. */
const byteTokens = (files: Files): readonly (readonly [string, number])[] | undefined => {
  const json = files.get(JSON_FILE)
  const [file, contents] = json === undefined ? [VOCABULARY, files.get(VOCABULARY)] : [JSON_FILE, json]
  if (contents === undefined) return undefined
  const fields = Fields.parse(file, contents)
  if (json !== undefined && !(JSON.stringify(fields.get("decoder")) ?? "").includes("\"ByteLevel\"")) return undefined
  const vocabulary = json === undefined ? fields : fields.object("model").object("vocab")
  const added = json === undefined
    ? []
    : fields.objects("added_tokens").map((token) => [token.string("content"), token.integer("id")] as const)
  const tokens = vocabulary.entries().flatMap(([token, id]) => typeof id === "number" ? [[token, id] as const] : [])
  return [...tokens, ...added]
}

const encoder = new TextEncoder()

/** The UTF-8 bytes of a text, each as a character of its number. */
const utf8 = (text: string): string =>
  text.length === 1 && text < "\u0080" ? text : String.fromCharCode(...encoder.encode(text))

/** The byte that each character of a byte-level token stands for; bytes that UTF-8 never has are left out. */
const byteUnits = (): ReadonlyMap<string, string> => {
  const units = new Map<string, string>()
  const codes = [
    ...Array.from({ length: 0x800 }, (_, code) => code),
    ...Array.from({ length: 0x110 }, (_, block) => block << 12),
  ]
  for (const code of codes) {
    if (code >= 0xd800 && code < 0xe000) continue
    const character = String.fromCodePoint(code)
    const written = Array.from(toByteCharacters(character))
    Array.from(utf8(character)).forEach((unit, index) => units.set(written[index] ?? "", unit))
  }
  return units
}
