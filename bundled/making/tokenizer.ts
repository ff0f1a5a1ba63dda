import { clauseEnd, clauseLinks } from "../../stages/compose/compose.ts"
import { corpusNames } from "../../stages/compose/corpora.ts"
import { slotKinds } from "../../stages/compose/names.ts"
import { piecesOf, textsOf } from "../../stages/compose/pattern.ts"
import { books } from "./portions.ts"
import { paragraphEnd, paragraphStart } from "./write-dce.ts"

/**
 * The words that the four templates put around a document and its relations. A template that a user rewrites may hold
 * others: those are spelled letter by letter.
 */
const templateTexts: readonly string[] = [
  "Find all instances of relations between chemicals and diseases in the following passage:",
  "Find all instances of relations between chemicals and proteins in the following passage:",
  "Find all instances of drug-drug relations in the following passage:",
  "Find all instances of drugs used in combination and whether this combination had a positive impact on health in the "
  + "following sentence:",
  "The relation between one and the other exists; The relation",
  "the relation between one and the other is upregulation downregulation agonist antagonist substrate and/or product; the",
  "interaction mechanism effect advice.",
  "one, two, and three participate in a positive drug combination; one participate in a drug combination.",
  "No drug-gene relationships are established. No drug-drug interactions are established.",
  "No drug combinations are established.",
]

/** How a piece stands in a text: at the start of a word, where it carries the mark, or inside one. */
const mark = "▁"
const pieceOfText = /[A-Za-z0-9]+|[^A-Za-z0-9\s]/g

/** The pieces of a text, each with the mark where white space or nothing precedes it. */
const piecesIn = (text: string): readonly string[] =>
  [...text.matchAll(pieceOfText)].map((match) => {
    const before = text[match.index - 1]
    return before === undefined || /\s/.test(before) ? `${mark}${match[0]}` : match[0]
  })

/** Every text that the generators can write, names left out: they are added for every place that a name can take. */
const writtenTexts = (): readonly string[] => [
  ...corpusNames.flatMap((corpus) => Object.values(books[corpus]).flatMap((book) => textsOf(book))),
  ...clauseLinks,
  ` ${clauseEnd}`,
  paragraphStart,
  paragraphEnd,
]

/** Names as they stand in a text and, for proteins, as ChemProt's lower-cased targets write them. */
const allNames = (): readonly string[] => {
  const names = Object.values(slotKinds).flat().flatMap((entity) => entity.names)
  return names.flatMap((name) => [name, name.toLowerCase()])
}

/** The whole vocabulary after the special tokens: words and names with and without the mark, then single characters. */
export const words = (): readonly string[] => {
  const marked = new Set<string>()
  for (const text of writtenTexts()) {
    const spoken = piecesOf(text).map((piece, index) => index % 2 === 0 ? piece : "x").join("")
    for (const piece of piecesIn(spoken)) marked.add(piece)
  }
  for (const text of templateTexts) {
    for (const piece of piecesIn(text)) marked.add(piece)
  }
  for (const name of allNames()) marked.add(`${mark}${name}`)
  return [...marked].sort()
}

/** The mark itself and every printable character of ASCII: with these nothing in a plain text is unknown. */
const characters = (): readonly string[] => [
  mark,
  ...Array.from({ length: 0x7e - 0x21 + 1 }, (_, index) => String.fromCharCode(0x21 + index)),
]

/** The special tokens of a kind of model, in the order of their ids, and those put around a text. */
interface Specials {
  readonly tokens: readonly string[]
  readonly before: readonly string[]
  readonly after: readonly string[]
}

const ofBart: Specials = { tokens: ["<s>", "<pad>", "</s>", "<unk>"], before: ["<s>"], after: ["</s>"] }
const ofGpt: Specials = { tokens: ["<|endoftext|>", "<unk>"], before: [], after: [] }

/** The mini models, each with the special tokens that its large relatives use. */
const specialsOf = {
  "t5": { tokens: ["<pad>", "</s>", "<unk>"], before: [], after: ["</s>"] },
  "bart": ofBart,
  "gpt2": ofGpt,
  "gpt-neo": ofGpt,
  "biogpt": { ...ofBart, before: ["</s>"], after: [] },
} as const satisfies Readonly<Record<string, Specials>>

/** A mini model. */
export type MiniName = keyof typeof specialsOf

/** The mini models, one of each architecture. */
export const miniNames = Object.keys(specialsOf) as readonly MiniName[]

/** Equal scores make the split with the fewest pieces win, and a word is never spelled where its piece exists. */
const wordScore = -1
const characterScore = -10

/** The `tokenizer.json` of a mini model: a Unigram model in the manner of T5, with whole words as pieces. */
export const tokenizerJson = (name: MiniName): string => {
  const { tokens, before, after }: Specials = specialsOf[name]
  const special = tokens.map((token) => [token, 0] as const)
  const around = (sequence: string) => [
    ...before.map((id) => ({ SpecialToken: { id, type_id: 0 } })),
    { Sequence: { id: sequence, type_id: 0 } },
    ...after.map((id) => ({ SpecialToken: { id, type_id: 0 } })),
  ]
  const used = tokens.flatMap((token, id) =>
    before.includes(token) || after.includes(token) ? [[token, { id: token, ids: [id], tokens: [token] }]] : []
  )
  const known = words().map((word) => [word, wordScore] as const)
  const taken = new Set(words())
  const spelled = characters().filter((character) => !taken.has(character)).map((character) =>
    [character, characterScore] as const
  )
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: tokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "WhitespaceSplit" },
        { type: "Metaspace", replacement: mark, add_prefix_space: true, prepend_scheme: "always" },
      ],
    },
    post_processor: {
      type: "TemplateProcessing",
      single: around("A"),
      pair: [...around("A"), ...around("B")],
      special_tokens: Object.fromEntries(used),
    },
    decoder: { type: "Metaspace", replacement: mark, add_prefix_space: true, prepend_scheme: "always" },
    model: { type: "Unigram", unk_id: tokens.indexOf("<unk>"), vocab: [...special, ...known, ...spelled] },
  }
  return `${JSON.stringify(tokenizer, null, 1)}\n`
}
