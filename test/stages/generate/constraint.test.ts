import { assert, describe, it } from "@effect/vitest"
import { Automaton, type State } from "../../../models/generation/constraints/automaton.ts"
import { nameSource } from "../../../models/generation/constraints/names.ts"
import type { Spelled, Vocabulary } from "../../../models/generation/constraints/spelling.ts"
import { TokenTrie } from "../../../models/generation/constraints/trie.ts"
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
const vocabularyOf = (tokens: readonly string[], strips: boolean): Vocabulary => {
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
      const vocabulary = vocabularyOf(tokens, draw(2) === 0)
      const automaton = new Automaton(grammarOf(constraint), nameSource(text, vocabulary.unitsOf), vocabulary)

      const rests = new Map(texts.map((each) => [each, restsOf(each, tokens)]))
      const room = roomBelow(constraint, most, tokens)

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
        assert.deepStrictEqual(found, expected, JSON.stringify({ source, tokens, written, left, seed }))
        assert.strictEqual(state.complete, fitting.includes(written), JSON.stringify({ source, tokens, written }))
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
    },
  )
})
