import { assert, describe, it } from "@effect/vitest"
import { Automaton, type State } from "../../../models/generation/constraints/automaton.ts"
import { automata } from "../../../models/generation/constraints/constraint.ts"
import { nameSource } from "../../../models/generation/constraints/names.ts"
import { type Spelled, type Vocabulary, vocabularyOf } from "../../../models/generation/constraints/spelling.ts"
import { TokenTrie } from "../../../models/generation/constraints/trie.ts"
import { toByteCharacters } from "../../../models/tokenizers/byte-level.ts"
import { readTokenizer } from "../../../models/tokenizers/kinds/bpe.ts"
import { namesOf } from "../../../stages/generate/constrained.ts"
import { grammarOf } from "../../../stages/generate/grammar.ts"
import type { ConstraintParam } from "../../../stages/shared/params/constraint.ts"
import { slowNames, slowTexts } from "./slow-constraint.ts"

/** Numbers from 0 to below `below`, the same each time. */
const random = (seed: number) => {
  let state = seed * 2_654_435_761 >>> 0
  return (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
}
type Draw = ReturnType<typeof random>
const pick = <A>(draw: Draw, from: readonly [A, ...A[]]): A => from[draw(from.length)] ?? from[0]

/** Templates in the manner of the four corpora, with short words, and with names that hold those words. */
const templates: readonly [ConstraintParam, ...ConstraintParam[]] = [
  {
    template: {
      source: "{text}",
      clause: "r {head} and {tail} is",
      labels: { A: "" },
      separator: "; ",
      end: ".",
      none: ".",
    },
    extraction: { slots: { head: ".*", tail: ".*?" } },
  },
  {
    template: {
      source: "{text}",
      clause: "{head} and {tail} is {label}",
      labels: { A: "a", B: "a b" },
      separator: "; ",
      end: ".",
      none: "No.",
    },
    extraction: { slots: { head: ".*", tail: ".*", label: ".*" } },
  },
  {
    template: {
      source: "{text}",
      clause: "{head}-{tail}",
      labels: { A: "" },
      separator: " | ",
      end: "",
      none: "",
    },
    extraction: { slots: { head: ".*?", tail: ".*" } },
  },
  {
    template: {
      source: "{text}",
      clause: "{drugs} is {label}",
      labels: { A: "a", B: "x" },
      list: { slot: "drugs", pair: " and ", between: ", ", last: ", and " },
      separator: "; ",
      end: ".",
      none: "No.",
    },
    extraction: { slots: { drugs: "[^]*?", label: ".*" }, rewrite: [{ from: " - ", to: "-" }] },
  },
]
/** Sources with names that hold a template's words, which are read otherwise than they are meant in some slot. */
const tricky = ["a and b", "b is a", "a, and b", "x, b", "and", "a - b", "a-b-x", "r a and"] as const
const words = ["a", "b", "and", "is", "-", ",", ";", "x,", "a-b", "No", "r", "é", "|", "\n"] as const

/** A vocabulary whose tokens lose a blank at the beginning of a text, or do not. */
const madeVocabulary = (tokens: readonly string[], strips: boolean): Vocabulary => {
  const spelled = (spellings: readonly string[]): Spelled => ({
    spellings,
    trie: new TokenTrie(spellings),
    silent: spellings.flatMap((spelling, id) => spelling === "" ? [id] : []),
  })
  return {
    first: spelled(strips ? tokens.map((token) => token.replace(/^ /u, "")) : tokens),
    later: spelled(tokens),
    unitsOf: (character) => character,
  }
}

/** The least tokens that spell the rest of a text from each of its places, the end of sequence included. */
const restsOf = (text: string, tokens: readonly string[]): readonly number[] => {
  const rests = Array.from({ length: text.length + 1 }, () => Infinity)
  rests[text.length] = 1
  for (let at = text.length - 1; at >= 0; at--) {
    for (const token of tokens) {
      if (text.startsWith(token, at)) {
        rests[at] = Math.min(rests[at] ?? Infinity, 1 + (rests[at + token.length] ?? Infinity))
      }
    }
  }
  return rests
}

/** How many tokens there is room for, so that no text has more clauses or names than are written out. */
const roomBelow = (
  { template: { clause, separator, list } }: ConstraintParam,
  most: { readonly clauses: number; readonly names: number },
  tokens: readonly string[],
): number => {
  // Each stretch between two names takes a token that is in it or at its edge, and each name one unit at least.
  const between = list === undefined ? clause.split(/\{\w+\}/u) : [list.between]
  const units = between.join("").length + between.length - 1
  const more = list === undefined ? (most.clauses + 1) * (units + separator.length) : (most.names + 1) * (units + 1)
  const longest = Math.max(...tokens.map(({ length }) => length))
  return Math.floor(more / longest)
}

interface Walked {
  readonly automaton: Automaton
  /** Spells `tokens` by their places among them. */
  readonly vocabulary: Pick<Vocabulary, "first" | "later">
  readonly texts: readonly string[]
  readonly tokens: readonly string[]
  readonly room: number
  readonly draw: Draw
  /** What a failure is told with. */
  readonly told: unknown
}

/** Writes outputs at random, and compares what may follow with the texts written out, at each step. */
const compareWalks = ({ automaton, vocabulary, texts, tokens, room, draw, told }: Walked): void => {
  const rests = new Map(texts.map((each) => [each, restsOf(each, tokens)]))
  const compare = (state: State, written: string, fitting: readonly string[], left: number): readonly number[] => {
    const spellings = (state.first ? vocabulary.first : vocabulary.later).spellings
    const expected = tokens.flatMap((_, id) => {
      const now = written + (spellings[id] ?? "")
      if (!state.first && spellings[id] === "") return []
      const rest = Math.min(
        ...fitting.filter((each) => each.startsWith(now)).map((each) => rests.get(each)?.[now.length] ?? Infinity),
      )
      return rest < left ? [id] : []
    })
    const { tokens: allowed, rest } = automaton.allowed(state)
    const found = [...allowed].filter((_, index) => (rest[index] ?? 0) < left).toSorted((a, b) => a - b)
    assert.deepStrictEqual(found, expected, JSON.stringify({ told, written, left }))
    assert.strictEqual(state.complete, fitting.includes(written), JSON.stringify({ told, written }))
    return expected
  }
  for (let walk = 0; walk < 12; walk++) {
    let [state, written, fitting]: [State, string, readonly string[]] = [automaton.start, "", texts]
    for (let left = room; left > 0; left--) {
      const allowed = compare(state, written, fitting, left)
      const token = allowed[draw(allowed.length + 1)]
      if (token === undefined) break
      written += (state.first ? vocabulary.first : vocabulary.later).spellings[token] ?? ""
      state = automaton.next(state, token)
      fitting = fitting.filter((each) => each.startsWith(written))
    }
  }
}

/** Sources with characters of two, three and four bytes. */
const wide = ["é and β", "β-é", "a→é", "x😀 and é", "ﬁ, β", "é - ﬁ"] as const

describe("the tokens of bytes that a constraint allows", () => {
  it.each(Array.from({ length: 2 * wide.length }, (_, seed) => [seed]))(
    "are those with which some text goes on, be it within a character: case %i",
    (seed) => {
      const draw = random(seed + 100)
      const constraint = pick(draw, templates)
      const source = wide[seed >> 1] ?? ""
      const text = namesOf(source, constraint)
      const isList = constraint.template.list !== undefined
      const most = { clauses: 1, names: isList ? 3 : 2 }
      // Each byte as the character that GPT-2's files write for it.
      const texts = slowTexts(constraint, slowNames(text), most).map(toByteCharacters)
      const pieces = Array.from({ length: 40 }, () => {
        const from = texts[draw(texts.length)] ?? ""
        const start = draw(from.length + 1)
        return from.slice(start, start + 2 + draw(4))
      })
      const tokens = [...new Set([...Array.from(texts.join("")), "Ġr", "Ġand", "ĠÃ", ...pieces])].filter((token) =>
        token !== ""
      )
      const written = Object.fromEntries([...tokens, "<|endoftext|>"].map((token, id) => [token, id]))
      const bytes = (contents: string) => new TextEncoder().encode(contents)
      const tokenizer = readTokenizer(
        new Map([["vocab.json", bytes(JSON.stringify(written))], ["merges.txt", bytes("#version: 0.2\n")]]),
        "gpt2",
      )
      const vocabulary = vocabularyOf(tokenizer)
      const automaton = automata({ grammar: grammarOf(constraint), names: [text] }, vocabulary)(0)
      const spelled = { spellings: tokens, trie: vocabulary.later.trie, silent: [] }
      const room = roomBelow(constraint, most, tokens)
      const told = { source, tokens, seed }
      compareWalks({ automaton, vocabulary: { first: spelled, later: spelled }, texts, tokens, room, draw, told })
    },
  )
})

describe("the tokens that a constraint allows", () => {
  it.each(Array.from({ length: 64 }, (_, seed) => [seed]))(
    "are those with which some text goes on: case %i",
    (seed) => {
      const draw = random(seed + 1)
      const constraint = (seed < 4 * tricky.length ? templates[seed % 4] : undefined) ?? pick(draw, templates)
      const isList = constraint.template.list !== undefined
      const source = seed < 4 * tricky.length
        ? tricky[seed >> 2] ?? ""
        : Array.from({ length: isList ? 3 : 3 + draw(2) }, () => pick(draw, words)).join(" ")
      const text = namesOf(source, constraint)
      const names = slowNames(text)
      const clauses = names.length > 8 || isList ? 1 : 2
      const most = { clauses, names: isList ? (names.length > 6 ? 3 : 4) : 2 }
      const texts = slowTexts(constraint, names, most)

      const everything = [...new Set(texts.join(""))]
      const longest = 1 + draw(5)
      const tokens = [
        ...new Set([
          ...everything.filter(() => draw(12) > 0),
          ...Array.from({ length: 14 }, () => {
            const from = texts[draw(texts.length)] ?? ""
            const start = draw(from.length + 1)
            return from.slice(start, start + 1 + draw(longest))
          }),
          " ",
          " r",
        ]),
      ].filter((token) => token !== "")
      const vocabulary = madeVocabulary(tokens, draw(2) === 0)
      const automaton = new Automaton(grammarOf(constraint), nameSource(text, vocabulary.unitsOf), vocabulary)

      const room = roomBelow(constraint, most, tokens)
      compareWalks({ automaton, vocabulary, texts, tokens, room, draw, told: { source, tokens, seed } })
    },
  )
})
