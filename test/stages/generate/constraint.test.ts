import { assert, describe, it } from "@effect/vitest"
import { Automaton, type State } from "../../../models/generation/constraints/automaton.ts"
import { automata } from "../../../models/generation/constraints/constraint.ts"
import { nameSource } from "../../../models/generation/constraints/names.ts"
import { type Spelled, type Vocabulary, vocabularyOf } from "../../../models/generation/constraints/spelling.ts"
import { TokenTrie } from "../../../models/generation/constraints/trie.ts"
import { toByteCharacters } from "../../../models/tokenizers/byte-level.ts"
import { readTokenizer } from "../../../models/tokenizers/kinds/bpe.ts"
import { readTokenizer as readMoses } from "../../../models/tokenizers/kinds/moses-bpe.ts"
import { mosesDetokenize, mosesTokenize } from "../../../models/tokenizers/moses.ts"
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
    spells: "text",
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

/** A tokenizer of Moses' words with these tokens, in which "_" is the end of a word. */
const mosesTokenizer = (tokens: readonly string[]) => {
  const written = ["<s>", "</s>", "<unk>", "<pad>", ...tokens].map((token, id) => [token.replace("_", "</w>"), id])
  const bytes = (contents: string) => new TextEncoder().encode(contents)
  return readMoses(
    new Map([["vocab.json", bytes(JSON.stringify(Object.fromEntries(written)))], [
      "merges.txt",
      bytes("#version: 0.2\n"),
    ]]),
    "biogpt",
  )
}

/** The stretches of a text that are runs of Moses' words and are written as they stand there, each tried by itself. */
const slowWordNames = (text: string): readonly string[] => {
  const known = new Set(slowNames(text))
  return [
    ...new Set(
      text.split("\n").flatMap((line) => {
        const words = mosesTokenize(line)
        return words.flatMap((_, start) =>
          words.slice(start).flatMap((_, size) => {
            const run = words.slice(start, start + size + 1)
            const name = /^x (?<name>.*) x$/u.exec(mosesDetokenize(["x", ...run, "x"]))?.groups?.["name"] ?? ""
            const isName = known.has(name) && mosesTokenize(name).join(" ") === run.join(" ")
            return isName && !run.some((word) => ["&apos;", "&quot;", "`"].includes(word)) ? [name] : []
          })
        )
      }),
    ),
  ]
}

/** Sources with what Moses' tokenizer takes apart, escapes and joins. */
const signs = [
  "a-b and x",
  "(a) and b",
  "a's b",
  "a' b and x",
  "\"a\" b",
  "a/b, x",
  "a & b",
  "a<b x",
  "[a] b%",
  "a  b and x",
  "5'-a b",
  "a\u200bb x",
  "a - b",
  "1,2-a b",
  "a\n(b",
] as const

describe("the tokens of Moses' words that a constraint allows", () => {
  it.each(Array.from({ length: 3 * signs.length }, (_, seed) => [seed]))(
    "are those with which some text goes on that is written by its words: case %i",
    (seed) => {
      const draw = random(seed + 200)
      const constraint = pick(draw, [templates[0], templates[1] ?? templates[0], templates[3] ?? templates[0]])
      const source = signs[Math.floor(seed / 3)] ?? ""
      const text = namesOf(source, constraint)
      const isList = constraint.template.list !== undefined
      const most = { clauses: 1, names: isList ? 3 : 2 }
      const meant = slowTexts(constraint, slowWordNames(text), most)
      const texts = meant.map((each) => mosesTokenize(each).map((word) => `${word} `).join(""))
      const pieces = Array.from({ length: 30 }, () => {
        const words = (texts[draw(texts.length)] ?? "").split(" ")
        const word = `${words[draw(words.length)] ?? ""}_`
        return word.slice(draw(word.length), 1 + draw(word.length))
      })
      const tokens = [
        ...new Set([...[...new Set(texts.join(""))].flatMap((one) => one === " " ? [] : [one, `${one}_`]), ...pieces]),
      ].filter((token) => token.replace("_", "") !== "")
      const tokenizer = mosesTokenizer(tokens)
      const vocabulary = vocabularyOf(tokenizer)
      const automaton = automata({ grammar: grammarOf(constraint), names: [text] }, vocabulary)(0)
      const spellings = ["<s>", "</s>", "<unk>", "<pad>"].map(() => "\0").concat(
        tokens.map((token) => token.replace("_", " ")),
      )
      const spelled = { spellings, trie: vocabulary.later.trie, silent: [] }
      const room = roomBelow(constraint, most, spellings)
      const told = { source, tokens, seed }
      compareWalks({
        automaton,
        vocabulary: { first: spelled, later: spelled },
        texts,
        tokens: spellings,
        room,
        draw,
        told,
      })
      // What is followed is what the tokenizer decodes.
      for (const [index, words] of texts.entries()) {
        const ids = Array.from(
          words.replaceAll(/(.) /gu, "$1_").matchAll(/._?/gu),
          ([token]) => 4 + tokens.indexOf(token),
        )
        assert.strictEqual(tokenizer.decode(ids), meant[index], JSON.stringify(told))
      }
    },
  )

  it("are those of targets, as models learned them", () => {
    const constraint = templates[1] ?? templates[0]
    const source = "Parkinson's disease (PD) of 1,2-a-b & IL-2/IL-4: L-dopa, <c> 5% [a] x"
    const names = ["Parkinson's disease", "PD", "1,2-a-b", "IL-2", "L-dopa", "&", "5%", "disease (PD)", "IL-4"]
    const signs = Array.from("abcdefghijklmnopqrstuvwxyz0123456789PIDLNo&;#@-.,()%'/:<>[]")
    const tokenizer = mosesTokenizer(signs.flatMap((one) => [one, `${one}_`]))
    const automaton = automata({ grammar: grammarOf(constraint), names: [source] }, vocabularyOf(tokenizer))(0)
    for (const [index, name] of names.entries()) {
      const target = `${name} and ${names[(index + 1) % names.length] ?? ""} is a b; ${name} and x is a.`
      const { ids } = tokenizer.encode(target, 1000, { specials: false })
      assert.strictEqual(tokenizer.decode(ids), target)
      let state = automaton.start
      for (const [place, id] of ids.entries()) {
        assert.include([...automaton.allowed(state).tokens], id, `token ${place} of ${target}`)
        state = automaton.next(state, id)
      }
      assert.isTrue(state.complete, target)
    }
  })

  it("leave out a label that is not written as it is, with the texts that have it", () => {
    const { template, extraction } = templates[1] ?? templates[0]
    const constraint = { template: { ...template, labels: { A: "a", B: "a and/or b" } }, extraction }
    const tokenizer = mosesTokenizer(Array.from("abdinorsNx./").flatMap((one) => [one, `${one}_`]))
    const automaton = automata({ grammar: grammarOf(constraint), names: ["x"] }, vocabularyOf(tokenizer))(0)
    const { ids } = tokenizer.encode("x and x is a and/or b.", 1000, { specials: false })
    let state = automaton.start
    const refused = ids.findIndex((id) => {
      if (!automaton.allowed(state).tokens.includes(id)) return true
      state = automaton.next(state, id)
      return false
    })
    assert.strictEqual(tokenizer.decode(ids.slice(0, refused)), "x and x is a")
    const { ids: right } = tokenizer.encode("x and x is a.", 1000, { specials: false })
    assert.isTrue(right.reduce((at, id) => automaton.next(at, id), automaton.start).complete)
  })

  it("are none where a template's words are not written as they are", () => {
    const [, , joined] = templates
    assert.throws(
      () =>
        automata({ grammar: grammarOf(joined ?? templates[0]), names: ["a b"] }, vocabularyOf(mosesTokenizer(["a_"]))),
      /Moses' tokenizer does not write "x-x" of the template as it is/u,
    )
  })
})
