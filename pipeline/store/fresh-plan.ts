import type { Digest } from "../base/digest.ts"
import { envelop, openEnvelope } from "./envelope.ts"
import type { Glance } from "./reading.ts"

/** What shows that a file is as it was: how it stood, where its times were over then, otherwise the sha256 of its bytes. */
export type Stamp =
  | { readonly _tag: "Glance"; readonly glance: Glance }
  | { readonly _tag: "Bytes"; readonly digest: string }

/**
 * A plan that found every node up to date: all that it depended on, so that the next one need only see that all of that is
 * as it was. The file in `index/` is disposable, and one that is damaged is none.
 */
export interface FreshPlan {
  /** The build that made it. */
  readonly build: string
  readonly nodes: number
  /** Of what was declared: see the graph's Outline. */
  readonly outline: string
  readonly adapting: ReadonlyArray<string>
  /** By path, the sha256 of the files that the declaration read: where one is another, so is most likely the outline. */
  readonly read: Readonly<Record<string, string>>
  /** The digest of what stages take and make, of their code, and of the files that nodes read. */
  readonly facts: string
  /** The names of the files of the profile's heads, and how the newest stood. */
  readonly heads: ReadonlyArray<string>
  readonly newestHeads: Stamp | undefined
  /** The files of code, each by its digest and with the sha256 of its bytes. */
  readonly code: Readonly<Record<string, string>>
  readonly records: ReadonlyMap<Digest, Stamp>
  /** The objects that the records name, and their sizes. */
  readonly objects: ReadonlyMap<Digest, number>
  /** The results that were printed then, on an output that looked so, and the objects that they are in; null where none are. */
  readonly results: { readonly look: string; readonly text: string; readonly objects: ReadonlyArray<string> } | null
}

/** A Schema would take longer than the rest of it all. */
const isDigest = (text: string): text is Digest => /^[0-9a-f]{64}$/u.test(text)

const VERSION = 3
const DIGEST = 64
/** So many numbers say how a file stood. */
const NUMBERS = 4

/** A hundred thousand records as a few long texts, which are read at once. */
interface Written extends Omit<FreshPlan, "records" | "objects"> {
  readonly version: number
  /** Keys, one behind the other. */
  readonly records: string
  /** How each record stood, as base64 of numbers; nothing but zeros where its bytes are compared. */
  readonly glances: string
  /** By place, the sha256 of a record's bytes. */
  readonly bytes: Readonly<Record<string, string>>
  readonly objects: string
  readonly sizes: string
}

const numbersText = (numbers: Float64Array): string => Buffer.from(numbers.buffer).toString("base64")

const numbersIn = (text: string): Float64Array => {
  const bytes = Buffer.from(text, "base64")
  const numbers = new Float64Array(Math.floor(bytes.length / 8))
  Buffer.from(numbers.buffer).set(bytes.subarray(0, numbers.byteLength))
  return numbers
}

/** The file of a plan. */
export const freshPlanText = ({ records, objects, ...rest }: FreshPlan): string => {
  const glances = new Float64Array(records.size * NUMBERS)
  const bytes: Record<string, string> = {}
  let at = 0
  for (const stamp of records.values()) {
    if (stamp._tag === "Bytes") bytes[at] = stamp.digest
    else {
      const { inode, size, mtime, changed } = stamp.glance
      glances.set([inode, size, mtime, changed], at * NUMBERS)
    }
    at++
  }
  const written: Written = {
    version: VERSION,
    ...rest,
    records: [...records.keys()].join(""),
    glances: numbersText(glances),
    bytes,
    objects: [...objects.keys()].join(""),
    sizes: numbersText(Float64Array.from(objects.values())),
  }
  return envelop(JSON.stringify(written))
}

/** Looks at a plan as it is written, without making an object of each record. */
export interface WrittenPlan extends Omit<FreshPlan, "records" | "objects"> {
  /** Whether each record is as it was. */
  readonly everyRecord: (isSo: (key: string, stamp: Stamp) => boolean) => boolean
  readonly everyObject: (isSo: (digest: Digest, size: number) => boolean) => boolean
}

/** The plan in a file; undefined where it is none that this version wrote. What is whole is what was written. */
export const freshPlanIn = (file: Buffer | undefined): WrittenPlan | undefined => {
  const opened = file === undefined ? undefined : openEnvelope(file)
  if (opened?._tag !== "Sound") return undefined
  const written = JSON.parse(opened.text) as Written
  if (written.version !== VERSION) return undefined
  const { records, glances, bytes, objects, sizes, version: _, ...rest } = written
  return {
    ...rest,
    everyRecord: (isSo) => {
      const numbers = numbersIn(glances)
      for (let at = 0; at * DIGEST < records.length; at++) {
        const digest = bytes[at]
        const [inode = 0, size = 0, mtime = 0, changed = 0] = numbers.subarray(at * NUMBERS, (at + 1) * NUMBERS)
        const stamp: Stamp = digest === undefined
          ? { _tag: "Glance", glance: { inode, size, mtime, changed } }
          : { _tag: "Bytes", digest }
        if (!isSo(records.slice(at * DIGEST, (at + 1) * DIGEST), stamp)) return false
      }
      return true
    },
    everyObject: (isSo) => {
      const numbers = numbersIn(sizes)
      for (let at = 0; at * DIGEST < objects.length; at++) {
        const digest = objects.slice(at * DIGEST, (at + 1) * DIGEST)
        if (!isDigest(digest) || !isSo(digest, numbers[at] ?? -1)) return false
      }
      return true
    },
  }
}
