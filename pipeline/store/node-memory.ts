import type { BlobRef } from "../base/blob-ref.ts"
import type { Digest } from "../base/digest.ts"
import { HASH } from "../graph/outline.ts"
import type { Glance } from "./reading.ts"

/** What shows that a file is as it was: how it stood, where its times were over then, otherwise the sha256 of its bytes. */
export type Stamp =
  | { readonly _tag: "Glance"; readonly glance: Glance }
  | { readonly _tag: "Bytes"; readonly digest: string }

/** What is remembered of a node that is up to date. */
export interface NodeEntry {
  readonly name: string
  /** The hash of how it was declared: see the graph's Outline. */
  readonly hash: string
  readonly key: Digest
  /** How the record of the key stood. */
  readonly stamp: Stamp
  /** The objects that the record names. */
  readonly objects: ReadonlyArray<BlobRef>
}

/** A hundred thousand nodes as a few long columns, which are read at once: no node is an object before it is asked for. */
export interface NodeMemory {
  readonly size: number
  readonly names: ReadonlyArray<string>
  /** Whether a node was declared so. */
  readonly wasDeclared: (at: number, hash: string) => boolean
  readonly keyAt: (at: number) => Digest
  readonly stampAt: (at: number) => Stamp
  /** Whether each object that the record of a node names is so. */
  readonly everyObjectAt: (at: number, isSo: (digest: Digest, size: number) => boolean) => boolean
  readonly entryAt: (at: number) => NodeEntry
  /** The places of nodes of which the bytes of records are compared. */
  readonly withBytes: ReadonlyArray<number>
  readonly columns: Columns
}

/** Nodes of a new memory: some that follow each other in an earlier one, from one place to before another, or new ones. */
export type Piece = { readonly from: number; to: number } | { readonly entries: Array<NodeEntry> }

/** So many digits has a digest, and so many numbers say how a file stood. */
const DIGEST = 64
const NUMBERS = 4

interface Columns {
  readonly names: ReadonlyArray<string>
  readonly hashes: string
  /** Keys, one behind the other. */
  readonly keys: string
  /** How each record stood; nothing but zeros where its bytes are compared. */
  readonly glances: Float64Array
  /** By place, the sha256 of a record's bytes. */
  readonly bytes: ReadonlyMap<number, string>
  /** By place, where the objects of a node begin among all; one more says where all end. */
  readonly starts: Float64Array
  readonly objects: string
  readonly sizes: Float64Array
}

const numbersText = (numbers: Float64Array): string =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64")

const numbersIn = (text: string): Float64Array => {
  const bytes = Buffer.from(text, "base64")
  const numbers = new Float64Array(Math.floor(bytes.length / 8))
  Buffer.from(numbers.buffer).set(bytes.subarray(0, numbers.byteLength))
  return numbers
}

/** The columns of nodes as they are written. */
export const nodesText = (pieces: ReadonlyArray<Piece>, before?: NodeMemory): object => {
  const { names, hashes, keys, glances, bytes, starts, objects, sizes } = columnsOf(pieces, before?.columns)
  return {
    names: names.join("\n"),
    hashes,
    keys,
    glances: numbersText(glances),
    bytes: Object.fromEntries(bytes),
    starts: numbersText(starts),
    objects,
    sizes: numbersText(sizes),
  }
}

const columnsOf = (pieces: ReadonlyArray<Piece>, before: Columns | undefined): Columns => {
  const all = pieces.map((piece) => {
    if ("entries" in piece) return columnsOfEntries(piece.entries)
    if (before === undefined) throw new Error("there is no earlier memory")
    return columnsBetween(before, piece.from, piece.to)
  })
  const size = all.reduce((total, { keys }) => total + keys.length / DIGEST, 0)
  const glances = new Float64Array(size * NUMBERS)
  const starts = new Float64Array(size + 1)
  const bytes = new Map<number, string>()
  const sizes = new Float64Array(all.reduce((total, each) => total + each.sizes.length, 0))
  let [at, object] = [0, 0]
  for (const each of all) {
    glances.set(each.glances, at * NUMBERS)
    sizes.set(each.sizes, object)
    for (const [place, digest] of each.bytes) bytes.set(at + place, digest)
    const count = each.keys.length / DIGEST
    for (let place = 0; place < count; place++) starts[at + place] = object + (each.starts[place] ?? 0)
    at += count
    object += each.sizes.length
  }
  starts[size] = object
  return {
    names: all.flatMap(({ names }) => names),
    hashes: all.map(({ hashes }) => hashes).join(""),
    keys: all.map(({ keys }) => keys).join(""),
    glances,
    bytes,
    starts,
    objects: all.map(({ objects }) => objects).join(""),
    sizes,
  }
}

const columnsBetween = (columns: Columns, from: number, to: number): Columns => {
  const { names, hashes, keys, glances, bytes, starts, objects, sizes } = columns
  const [first = 0, last = 0] = [starts[from], starts[to]]
  return {
    names: names.slice(from, to),
    hashes: hashes.slice(from * HASH, to * HASH),
    keys: keys.slice(from * DIGEST, to * DIGEST),
    glances: glances.subarray(from * NUMBERS, to * NUMBERS),
    bytes: new Map([...bytes].flatMap(([at, digest]) => (at >= from && at < to ? [[at - from, digest] as const] : []))),
    starts: starts.slice(from, to + 1).map((start) => start - first),
    objects: objects.slice(first * DIGEST, last * DIGEST),
    sizes: sizes.subarray(first, last),
  }
}

const columnsOfEntries = (entries: ReadonlyArray<NodeEntry>): Columns => {
  const glances = new Float64Array(entries.length * NUMBERS)
  const bytes = new Map<number, string>()
  const starts = new Float64Array(entries.length + 1)
  const objects: Array<BlobRef> = []
  for (const [at, { stamp, objects: own }] of entries.entries()) {
    if (stamp._tag === "Bytes") bytes.set(at, stamp.digest)
    else {
      const { inode, size, mtime, changed } = stamp.glance
      glances.set([inode, size, mtime, changed], at * NUMBERS)
    }
    for (const each of own) objects.push(each)
    starts[at + 1] = objects.length
  }
  return {
    names: entries.map(({ name }) => name),
    hashes: entries.map(({ hash }) => hash).join(""),
    keys: entries.map(({ key }) => key).join(""),
    glances,
    bytes,
    starts,
    objects: objects.map(({ digest }) => digest).join(""),
    sizes: Float64Array.from(objects, ({ size }) => size),
  }
}

/** The nodes that columns hold; undefined where they do not fit together. */
export const nodesIn = (written: unknown): NodeMemory | undefined => {
  if (typeof written !== "object" || written === null) return undefined
  const texts = written as Readonly<Record<string, unknown>>
  const text = (name: string): string => {
    const found = texts[name]
    return typeof found === "string" ? found : ""
  }
  const [keys, objects] = [text("keys"), text("objects")]
  const size = keys.length / DIGEST
  const columns: Columns = {
    // No name has a line break.
    names: size === 0 ? [] : text("names").split("\n"),
    hashes: text("hashes"),
    keys,
    glances: numbersIn(text("glances")),
    bytes: new Map(
      Object.entries(texts["bytes"] ?? {}).map(([at, digest]) => [Number(at), String(digest)] as const),
    ),
    starts: numbersIn(text("starts")),
    objects,
    sizes: numbersIn(text("sizes")),
  }
  const fits = Number.isInteger(size) && columns.names.length === size && columns.hashes.length === size * HASH
    && columns.glances.length === size * NUMBERS && columns.starts.length === size + 1
    && columns.starts[size] === columns.sizes.length && objects.length === columns.sizes.length * DIGEST
    && digits.test(keys) && digits.test(objects)
  return fits ? memoryOf(size, columns) : undefined
}

const digits = /^[0-9a-f]*$/u

/** Whether a piece of a column that holds nothing but digits is a digest: of each alone that would take longer. */
const isWhole = (piece: string): piece is Digest => piece.length === DIGEST

const digestAt = (column: string, at: number): Digest => {
  const digest = column.slice(at * DIGEST, (at + 1) * DIGEST)
  if (isWhole(digest)) return digest
  throw new Error("a memory of nodes has no such place")
}

const memoryOf = (size: number, columns: Columns): NodeMemory => {
  const { names, hashes, keys, glances, bytes, starts, objects, sizes } = columns
  const memory: NodeMemory = {
    size,
    names,
    columns,
    wasDeclared: (at, hash) => hashes.startsWith(hash, at * HASH),
    withBytes: [...bytes.keys()],
    entryAt: (at) => {
      const own: Array<BlobRef> = []
      memory.everyObjectAt(at, (digest, size) => own.push({ digest, size }) > 0)
      const hash = hashes.slice(at * HASH, (at + 1) * HASH)
      return { name: names[at] ?? "", hash, key: memory.keyAt(at), stamp: memory.stampAt(at), objects: own }
    },
    keyAt: (at) => digestAt(keys, at),
    stampAt: (at) => {
      const digest = bytes.get(at)
      if (digest !== undefined) return { _tag: "Bytes", digest }
      const first = at * NUMBERS
      const [inode = 0, size = 0, mtime = 0, changed = 0] = glances.subarray(first, first + NUMBERS)
      return { _tag: "Glance", glance: { inode, size, mtime, changed } }
    },
    everyObjectAt: (at, isSo) => {
      const last = starts[at + 1] ?? 0
      for (let object = starts[at] ?? 0; object < last; object++) {
        if (!isSo(digestAt(objects, object), sizes[object] ?? -1)) return false
      }
      return true
    },
  }
  return memory
}
