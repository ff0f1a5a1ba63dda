import { canonical, type Json } from "./canonical.ts"

/** Stands before and after a message that has no words yet: a control character that texts hardly ever hold. */
const mark = "\u0010"

/** A message that has no words yet, as programs write it: where its words are, and its facts. */
export interface Wordless {
  /** The module of messages, below the project. */
  readonly module: string
  /** Its export, with dots where it is a property of one. */
  readonly name: string
  readonly facts: ReadonlyArray<Json | undefined>
}

/** The text of a message without its words; it may stand within other texts, and among the facts of other messages. */
export const message = (module: string, name: string, ...facts: ReadonlyArray<unknown>): string =>
  `${mark}${encodeURIComponent(canonical([module, name, facts.map(given)]))}${mark}`

/** A text in which every message without words is replaced by what `words` gives for it. */
export const withWords = (text: string, words: (message: Wordless) => string): string =>
  text.replaceAll(new RegExp(`${mark}([^${mark}]*)${mark}`, "gu"), (all, encoded: string) => {
    const message = wordlessIn(encoded)
    return message === undefined
      ? all
      : words({ ...message, facts: message.facts.map((fact) => (fact === undefined ? fact : deep(fact, words))) })
  })

/** The message that a text between two marks holds; undefined where it is a text of the user's that has the mark too. */
const wordlessIn = (encoded: string): Wordless | undefined => {
  try {
    const parts = JSON.parse(decodeURIComponent(encoded)) as Json
    if (!Array.isArray(parts)) return undefined
    const [module, name, facts] = parts as ReadonlyArray<Json>
    return typeof module === "string" && typeof name === "string" && Array.isArray(facts)
      ? { module, name, facts: (facts as ReadonlyArray<ReadonlyArray<Json>>).map(([fact]) => fact) }
      : undefined
  } catch {
    return undefined
  }
}

/** Words for the messages among facts. */
const deep = (fact: Json, words: (message: Wordless) => string): Json => {
  if (typeof fact === "string") return withWords(fact, words)
  if (typeof fact !== "object" || fact === null) return fact
  if (Array.isArray(fact)) return fact.map((item) => deep(item, words))
  return Object.fromEntries(Object.entries(fact).map(([name, item]) => [name, deep(item, words)]))
}

/** A fact in an array of its own, which is empty where the fact is undefined: an optional one that was left out. */
const given = (fact: unknown): ReadonlyArray<Json> => (fact === undefined ? [] : [plain(fact, [])])

/** A fact as JSON holds it: what JSON cannot hold becomes text. `around` are the objects that it is in. */
const plain = (fact: unknown, around: ReadonlyArray<object>): Json => {
  if (fact === null || typeof fact === "boolean") return fact
  // A text cut in the middle of a character is no text that JSON holds.
  if (typeof fact === "string") return fact.toWellFormed()
  if (typeof fact === "number") return Number.isFinite(fact) ? fact : String(fact)
  if (typeof fact === "object") {
    if (around.includes(fact)) return "…"
    const inside = [...around, fact]
    if (fact instanceof Error) return { name: plain(fact.name, inside), message: plain(fact.message, inside) }
    if (fact instanceof Date) return String(fact)
    if (Array.isArray(fact) || fact instanceof Set || fact instanceof Map) {
      return Array.from<unknown, Json>(fact, (item) => plain(item, inside))
    }
    return Object.fromEntries(
      Object.entries(fact).filter(([, item]) => item !== undefined)
        .map(([name, item]) => [name.toWellFormed(), plain(item, inside)]),
    )
  }
  return typeof fact === "bigint" || typeof fact === "symbol" || typeof fact === "function" ? String(fact) : null
}
