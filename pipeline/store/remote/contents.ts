import { Effect, Exit } from "effect"
import { type Digest, digestOf, isDigest } from "../../base/digest.ts"
import type { Disk } from "../disk.ts"
import type { Layout } from "../layout.ts"
import { makeDue, makeWithdrawn, type Marks } from "./marks.ts"

/**
 * What a remote is known to have: what this store pushed there, or read of there.
 *
 * An object is named by a record that was at the remote, which is written after its objects; "gone" is one that was not
 * found there since, or a record or pack that is there no more or is damaged. A record may be known by itself, and may be
 * in a pack. What else is in packs is named by its digest. "bad" is a pack with other bytes than its name says. "unpacked"
 * names a pack that somebody removed: what the others hold is not known any more.
 */
export type Kind = (typeof kinds)[number]
const kinds = [
  "object",
  "gone",
  "record",
  "packed",
  "code",
  "text",
  "pack",
  "bad",
  "unpacked",
] as const

/** Something that a remote has. Of a record the id is of its key and of what it names. */
export interface Held {
  readonly kind: Kind
  readonly id: Digest
  /** The bytes of an object. */
  readonly size?: number
}

/**
 * What a remote is known to have. It is remembered in a file of `index/`, one for each address: without it, packs are read
 * again. Nothing in it is believed of the bytes themselves, which are verified when they come. What the remote is yet to
 * hear is not in that file: it is found nowhere else.
 */
export interface Contents {
  /** How many bytes an object has that is there; undefined where none is known to be. */
  readonly sizeOf: (digest: Digest) => number | undefined
  readonly has: (kind: Kind, id: Digest) => boolean
  /** All of a kind that is known. */
  readonly all: (kind: Kind) => ReadonlyArray<Digest>
  /** Whether anything is known. */
  readonly isKnown: () => boolean
  /** The keys of records that are due until a pack has them. */
  readonly due: Marks
  /** The sha256 of the texts of what was accepted and withdrawn, by whomever. */
  readonly withdrawn: Marks
  /** Notes what was found or written, where that can be remembered; this process knows it in any case. */
  readonly note: (held: ReadonlyArray<Held>) => Effect.Effect<void>
}

interface Known {
  readonly objects: Map<Digest, number>
  readonly others: Set<string>
}

const line = /^\["([a-z]+)","([0-9a-f]{64})"(?:,(\d{1,16}))?\]$/u

/** The names of the files that say what remotes have. */
const prefix = "remote-"

/** The addresses of the remotes that a store has ever had behind it. */
export const addressesIn = Effect.fnUntraced(function*(disk: Disk["Service"], { index }: Layout) {
  const addresses: Array<string> = []
  for (const name of (yield* disk.list(index.folder)).flatMap((file) => index.nameOf(file) ?? [])) {
    if (!name.startsWith(prefix)) continue
    const text = (yield* disk.readBytes(index.path(name)))?.toString() ?? ""
    const [, address] = /^\["address","(.+)"\]$/mu.exec(text) ?? []
    if (address !== undefined) addresses.push(address)
  }
  return addresses
})

/** What the remotes that a store ever had behind it are known to have. */
export const rememberedIn = (disk: Disk["Service"], layout: Layout) =>
  Effect.map(
    addressesIn(disk, layout),
    (addresses) => addresses.map((address) => ({ address, contents: makeContents(disk, layout, address) })),
  )

/** What a remote of an address is known to have, which is read when it is first asked for. */
export const makeContents = (disk: Disk["Service"], layout: Layout, address: string): Contents => {
  const { index } = layout
  const short = digestOf(address).slice(0, 16)
  const path = index.path(`${prefix}${short}`)
  let isNew = false
  let known: Known | undefined

  const isUnknown = ({ kind, id, size = 0 }: Held, { objects, others }: Known): boolean =>
    kind === "object"
      ? objects.get(id) !== size
      : kind === "gone"
      ? objects.has(id) || ["record", "packed", "pack", "bad"].some((each) => others.has(`${each} ${id}`))
      : kind === "unpacked"
      ? others.has(`pack ${id}`)
      : !others.has(`${kind} ${id}`)

  const take = ({ kind, id, size = 0 }: Held, { objects, others }: Known): true => {
    if (kind === "object") objects.set(id, size)
    else if (kind === "gone") {
      objects.delete(id)
      for (const each of ["record", "packed", "pack", "bad"]) others.delete(`${each} ${id}`)
    } else if (kind === "unpacked") {
      for (const each of others) if (!each.startsWith("record ")) others.delete(each)
    } else others.add(`${kind} ${id}`)
    return true
  }

  const load = (): Known => {
    if (known !== undefined) return known
    known = { objects: new Map(), others: new Set() }
    const read = Effect.runSyncExit(disk.readBytes(path))
    const text = Exit.isSuccess(read) ? read.value?.toString("latin1") ?? "" : ""
    isNew = text === ""
    for (const each of text.split("\n")) {
      // A line may be torn, where a process was killed.
      const [, name, id, size] = line.exec(each) ?? []
      const kind = kinds.find((one) => one === name)
      if (kind === undefined || !isDigest(id)) continue
      take({ kind, id, ...(size === undefined ? {} : { size: Number(size) }) }, known)
    }
    return known
  }

  return {
    sizeOf: (digest) => load().objects.get(digest),
    has: (kind, id) => {
      const known = load()
      return kind === "object"
        ? known.objects.has(id)
        : known.others.has(`${kind} ${id}`)
    },
    all: (kind) => {
      const known = load()
      if (kind === "object") return [...known.objects.keys()]
      return [...known.others].flatMap((each) => {
        const [is, id] = each.split(" ")
        return is === kind && isDigest(id) ? [id] : []
      })
    },
    due: makeDue(disk, layout, short),
    withdrawn: makeWithdrawn(disk, layout),
    isKnown: () => load().others.size > 0,
    note: (held) =>
      Effect.suspend(() => {
        const all = load()
        const added = held.filter((each) => isUnknown(each, all) && take(each, all))
        if (added.length === 0) return Effect.void
        // The first break ends a line that was torn.
        const head = isNew ? `${JSON.stringify(["address", address])}\n` : ""
        isNew = false
        const text = added.map(({ kind, id, size }) =>
          JSON.stringify(size === undefined ? [kind, id] : [kind, id, size])
        )
        return Effect.ignore(
          Effect.andThen(disk.makeFolder(index.folder), disk.append(path, `\n${head}${text.join("\n")}\n`)),
        )
      }),
  }
}
