import type { Document, Mention } from "../../schemas/documents.ts"
import type { Answer, Example } from "../../schemas/examples.ts"
import type { Extraction, PredictedRelation } from "../../schemas/relations.ts"
import { type Random, randomFrom } from "../../stages/compose/random.ts"

/** An entity of the made-up corpus: a concept and the names that texts use for it. */
interface Entity {
  readonly concept: string
  readonly names: readonly [string, ...string[]]
}

const syllables = "al ben car dol eth fen gli hex ib ket lor met nap ol pen quin rif sul tam ur val xan zol".split(" ")

/** Entities of a kind; as in CDR, a third have a second name, and names are of one to three words. */
const entities = (kind: string, count: number, random: Random): readonly Entity[] => {
  const word = (): string => Array.from({ length: 2 + random.integer(3) }, () => random.pick(syllables)).join("")
  const name = (): string => Array.from({ length: 1 + random.integer(3) }, word).join(" ")
  return Array.from({ length: count }, (_, index) => {
    const first = name()
    const more = random.chance(1 / 3) ? [random.chance(0.5) ? name() : first.toUpperCase()] : []
    return { concept: `${kind}${index}`, names: [first, ...more] }
  })
}

/** One document of some 16 mentions and 3 relations, with its example. */
const compose = (
  id: string,
  chemicals: readonly Entity[],
  diseases: readonly Entity[],
  random: Random,
): readonly [Document, Example] => {
  const drawn = [chemicals, diseases].map((
    all,
  ) => [...new Set(Array.from({ length: 2 + random.integer(3) }, () => random.pickSkewed(all, 2)))])
  const mentions = drawn.flat().flatMap((entity) =>
    [...entity.names, random.pick(entity.names), random.pick(entity.names)].map((text, index): Mention => ({
      id: `${entity.concept}.${index}`,
      type: "entity",
      text,
      spans: [{ start: index, end: index + text.length }],
      concepts: [entity.concept],
      parts: [],
    }))
  )
  const [heads = [], tails = []] = drawn
  const pairs = heads.flatMap((head) => tails.map((tail) => [head, tail] as const))
  const related = random.shuffle(pairs).slice(0, 1 + random.integer(5))
  const answers = related.map((pair): Answer => ({ label: "CID", arguments: pair.map(({ names }) => names) }))
  const document: Document = {
    corpus: "made up",
    portion: "test",
    id,
    text: mentions.map(({ text }) => text).join(" and "),
    mentions,
    relations: related.map((pair) => ({
      label: "CID",
      level: "concept",
      arguments: pair.map(({ concept }) => concept),
    })),
  }
  return [document, { document: id, partition: "test", source: document.text, target: "", answers }]
}

const label = "CID"
const rubbish = ["The relation between"]

/** What a system of some skill says of a document: right relations, near ones, wrong ones, and pieces that are none. */
export const say = (
  { document, answers }: Example,
  { mentions }: Document,
  { skill, random }: { readonly skill: number; readonly random: Random },
): Extraction => {
  const relations: PredictedRelation[] = []
  for (const { arguments: [heads = [], tails = []] } of answers) {
    const head = random.pick(heads)
    const tail = random.pick(tails)
    const draw = random.next()
    if (draw < skill) relations.push({ label, arguments: [head, tail] })
    else if (draw < skill + 0.04) relations.push({ label: "?none", arguments: [head, tail] })
    else if (draw < skill + 0.08) relations.push({ label, arguments: [head.toUpperCase(), tail] })
    else if (draw < skill + 0.14) relations.push({ label, arguments: [head, `severe ${tail}`] })
  }
  for (let spurious = random.integer(4); spurious > 0; spurious--) {
    relations.push({ label, arguments: [random.pick(mentions).text, random.pick(mentions).text] })
  }
  return {
    document,
    relations: random.shuffle(relations),
    malformed: random.chance(0.1) ? rubbish : [],
    finished: random.chance(0.95),
    sourceTruncated: random.chance(0.15),
  }
}

/** A made-up corpus, with concepts as CDR has them. */
export const composeCorpus = (count: number): readonly (readonly [Document, Example])[] => {
  const random = randomFrom("corpus")
  const chemicals = entities("C", 4000, random)
  const diseases = entities("D", 3000, random)
  return Array.from({ length: count }, (_, index) => compose(`d${index}`, chemicals, diseases, random))
}
