import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { type Tokenizer } from "../../../models/tokenizers/tokenizer.ts"
import { Corpora } from "./corpora.ts"

const reference = join(import.meta.dirname, "reference")
const root = resolve(process.env["DAG_CORPORA"] ?? "../shared/data")

/** Why tests on the published tokenizers and corpora do not run here, or undefined where they do. */
export const dataMissing = existsSync(join(root, "tokenizers"))
  ? undefined
  : `no published tokenizers and corpora at ${root} (DAG_CORPORA)`

const json = (name: string): unknown => JSON.parse(readFileSync(join(reference, `${name}.json`), "utf8"))

/** A string with a name for messages. */
export interface Named {
  readonly name: string
  readonly text: string
}

const strings = json("strings") as { readonly own: readonly string[]; readonly blocks: readonly number[] }

/** The characters of a block as they follow each other, then each with an accent. */
const block = (number: number): string => {
  const characters = Array.from({ length: 256 }, (_, index) => String.fromCodePoint(number * 256 + index))
  return `${characters.join("")} ${characters.map((character) => `a${character}\u0301`).join(" ")}`
}

/** The strings that need no corpora. */
export const ownStrings: readonly Named[] = [
  ...strings.own.map((text) => ({ name: JSON.stringify(text.slice(0, 60)), text })),
  ...strings.blocks.map((number) => ({ name: `block ${number.toString(16)}`, text: block(number) })),
]

/** The strings of the corpora, in the order of the tables. Throws where one is not that which the tables were made of. */
export const corpusStrings = (): readonly Named[] => {
  const corpora = new Corpora(root)
  const places =
    (json("corpora") as { readonly strings: readonly (readonly [string, string, string, string])[] }).strings
  return places.map(([corpus, document, portion, expected]) => {
    const name = `${corpus} ${document} ${portion}`
    const text = corpora.find(corpus, document, portion)
    if (digest(text) !== expected) throw new Error(`${name} is not the text that the tables were made of`)
    return { name, text }
  })
}

/** A reference table: of each string the digests of its ids and of their decoding. */
export const table = (name: string): readonly string[] => json(name) as readonly string[]

/** The tables of the small tokenizers, by name. */
export const smallTables = json("small") as Readonly<Record<string, readonly string[]>>

/** The files of a folder, by name. */
export const filesOf = (folder: string): ReadonlyMap<string, Uint8Array> =>
  new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]))

/** The files of a small tokenizer. */
export const smallFiles = (name: string): ReadonlyMap<string, Uint8Array> => filesOf(join(reference, "small", name))

/** The files of a published tokenizer. */
export const publishedFiles = (name: string): ReadonlyMap<string, Uint8Array> => filesOf(join(root, "tokenizers", name))

const digest = (text: string): string => createHash("sha256").update(text).digest().subarray(0, 6).toString("base64url")

/** How many strings of a table came out as it says, and the names of those that did not. */
export interface Comparison {
  readonly strings: number
  readonly ids: number
  readonly decodes: number
  readonly wrong: readonly string[]
  /** How many ids a second of processor time gave. */
  readonly speed: number
}

/** Encodes strings and decodes their ids, and compares both with a table. */
export const compare = (tokenizer: Tokenizer, named: readonly Named[], expected: readonly string[]): Comparison => {
  if (named.length !== expected.length) throw new Error(`${named.length} strings, ${expected.length} in the table`)
  const wrong: string[] = []
  let [ids, decodes] = [0, 0]
  const before = process.cpuUsage()
  const all = named.map(({ text }) => tokenizer.encode(text, Infinity).ids)
  const { user, system } = process.cpuUsage(before)
  const speed = all.flat().length / ((user + system) / 1e6)
  named.forEach(({ name }, index) => {
    const encoded = all[index] ?? []
    const made = [digest(encoded.join(" ")), digest(tokenizer.decode(encoded))]
    const [sameIds, sameDecode] = (expected[index] ?? "").split(" ").map((each, at) => each === made[at])
    if (sameIds === true) ids++
    if (sameDecode === true) decodes++
    if (sameIds !== true || sameDecode !== true) wrong.push(name)
  })
  return { strings: named.length, ids, decodes, wrong, speed }
}
