import { noConsistentNames } from "./messages.ts"
import { type Entity, type SlotKinds, slotKinds } from "./names.ts"
import type { Filling, Passage } from "./passage.ts"
import { fill, join, plain } from "./passage.ts"
import type { Pattern, PatternBook } from "./pattern.ts"
import { slotsOf } from "./pattern.ts"
import type { Random } from "./random.ts"

/** How many sentences of each sort a document has: every list is drawn from evenly, so a value may stand twice. */
export interface DocumentPlan {
  readonly stating: readonly number[]
  readonly distracting: readonly number[]
  readonly framing: readonly number[]
  /** How much more often the first patterns of a book come than its last; 1 is evenly. */
  readonly skew: number
  /** How often a slot names an entity that the document has named before. */
  readonly reuse: number
  /** What may stand in slots, where it is not what most corpora have there. */
  readonly kinds?: SlotKinds
}

/** A document before it is written in its corpus's format. */
export interface ComposedDocument {
  readonly title: Passage
  readonly sentences: readonly Passage[]
}

const unrelated = "unrelated"

/** What stands between the clauses of a sentence, and at its end. */
export const clauseLinks = [" , while ", " ; "] as const
export const clauseEnd = "."

/** What a document has said so far: its entities, and for every pair named in one sentence what was said of it. */
class Cast {
  readonly #random: Random
  readonly #reuse: number
  readonly #kinds: SlotKinds
  readonly #entities: Entity[] = []
  readonly #said = new Map<string, string>()

  constructor(random: Random, reuse: number, kinds: SlotKinds = slotKinds) {
    this.#random = random
    this.#reuse = reuse
    this.#kinds = kinds
  }

  /** Fills a pattern so that no pair is said to be related in one sentence and otherwise in another. */
  speak(pattern: Pattern): Passage {
    for (let trial = 0; trial < 1000; trial++) {
      const fillings = this.#choose(pattern, trial < 20 ? this.#reuse : 0)
      const statements = this.#statements(pattern, fillings)
      if ([...statements].every(([pair, label]) => (this.#said.get(pair) ?? label) === label)) {
        for (const [pair, label] of statements) this.#said.set(pair, label)
        for (const { entity } of fillings.values()) {
          if (!this.#entities.includes(entity)) this.#entities.push(entity)
        }
        return fill(pattern, fillings)
      }
    }
    throw new Error(noConsistentNames(pattern.text))
  }

  #choose(pattern: Pattern, reuse: number): ReadonlyMap<string, Filling> {
    const fillings = new Map<string, Filling>()
    const taken = new Set<Entity>()
    for (const slot of slotsOf(pattern.text)) {
      const kind = this.#kinds[slot.slice(0, 1)] ?? []
      const known = this.#entities.filter((entity) => kind.includes(entity) && !taken.has(entity))
      const free = kind.filter((entity) => !taken.has(entity))
      const entity = this.#random.pick(known.length > 0 && this.#random.chance(reuse) ? known : free)
      taken.add(entity)
      fillings.set(slot, { entity, name: this.#random.pick(entity.names) })
    }
    return fillings
  }

  #statements(pattern: Pattern, fillings: ReadonlyMap<string, Filling>): ReadonlyMap<string, string> {
    const statements = new Map<string, string>()
    const slots = [...fillings.keys()]
    const nameOf = (slot: string): string => fillings.get(slot)?.entity.names[0] ?? ""
    for (const one of slots) {
      for (const other of slots) {
        if (one >= other) continue
        const stated = pattern.relations.find((relation) =>
          relation.slots.includes(one) && relation.slots.includes(other)
        )
        statements.set([nameOf(one), nameOf(other)].sort().join("|"), stated?.label ?? unrelated)
      }
    }
    return statements
  }
}

/** The patterns of a document, none twice and at least one, in any order. */
const drawPatterns = (book: PatternBook, plan: DocumentPlan, random: Random): readonly Pattern[] => {
  const stating = random.pick(plan.stating)
  const distracting = random.pick(plan.distracting)
  const patterns = [
    ...Array.from({ length: stating }, () => random.pickSkewed(book.stating, plan.skew)),
    ...Array.from(
      { length: stating === 0 ? Math.max(1, distracting) : distracting },
      () => random.pick(book.distracting),
    ),
  ]
  return random.shuffle([...new Set(patterns)])
}

/** A document of whole sentences, with a title where the book has titles. */
export const composeDocument = (book: PatternBook, plan: DocumentPlan, random: Random): ComposedDocument => {
  const cast = new Cast(random, plan.reuse, plan.kinds)
  const title = book.titles.length === 0 ? plain("") : cast.speak(random.pick(book.titles))
  const framing = random.pick(plan.framing)
  const sentences = drawPatterns(book, plan, random).map((pattern) => cast.speak(pattern))
  for (let added = 0; added < framing; added++) sentences.push(plain(random.pick(book.framing)))
  return { title, sentences }
}

/** A document of one sentence of clauses in spaced tokens, as DCE has them: a frame, then clauses about other drugs. */
export const composeClauses = (book: PatternBook, plan: DocumentPlan, random: Random): ComposedDocument => {
  const cast = new Cast(random, 0)
  const stating = random.pick(plan.stating)
  const distracting = random.pick(plan.distracting)
  const patterns = [
    ...Array.from({ length: stating }, () => random.pickSkewed(book.stating, plan.skew)),
    ...Array.from(
      { length: stating === 0 ? Math.max(1, distracting) : distracting },
      () => random.pick(book.distracting),
    ),
  ]
  const clauses = random.shuffle([...new Set(patterns)]).map((pattern) => cast.speak(pattern))
  const body = join(clauses, random.chance(0.5) ? " , while " : " ; ")
  return { title: plain(""), sentences: [join([plain(random.pick(book.framing)), body, plain(".")], " ")] }
}
