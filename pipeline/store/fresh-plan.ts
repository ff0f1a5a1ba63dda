import { type Digest, isDigest } from "../base/digest.ts"
import { envelop, openEnvelope } from "./envelope.ts"
import { type NodeMemory, nodesIn, nodesText, type Piece, type Stamp } from "./node-memory.ts"

/** Texts by name. */
type Texts = Readonly<Record<string, string>>

/** What besides the declaration decides on keys, each as a digest. */
export interface Facts {
  /** By stage, what it takes and makes. */
  readonly stages: Texts
  /** By program, as the outline names it, its code. */
  readonly programs: Texts
  /** By set, as the outline names it, the files that are there. */
  readonly sets: Texts
}

/**
 * A plan that found every node up to date: all that it depended on, so that the next one need only see that all of that is
 * as it was. The file in `index/` is disposable, and one that is damaged is none.
 */
export interface FreshPlan extends Facts {
  /** What its engine took for the key of one and the same action: another one takes the keys of all otherwise. */
  readonly sample: string
  /** The build that made it. */
  readonly build: string
  /** Of what was declared: see the graph's Outline. */
  readonly outline: string
  readonly adapting: ReadonlyArray<string>
  /** The names of the files of the profile's heads, and how the newest stood. */
  readonly heads: ReadonlyArray<string>
  readonly newestHeads?: Stamp
  /** The files of code, each by its digest and with the sha256 of its bytes. */
  readonly code: Texts
  /** The results that were printed then; null where none were. */
  readonly results: Results | null
}

/** Results that were up to date: the node that holds them and, by output, the object that a table is in. */
interface Results {
  readonly node: string
  readonly tables: Texts
}

/** A plan as it was remembered, and its nodes in the order in which they were declared. */
export interface RememberedPlan extends FreshPlan {
  readonly nodes: NodeMemory
}

const VERSION = 6

/** The file of a plan; its nodes are those of these pieces, of which some are of an earlier memory. */
export const freshPlanText = (plan: FreshPlan, pieces: ReadonlyArray<Piece>, before?: NodeMemory): string =>
  envelop(JSON.stringify({ version: VERSION, ...plan, nodes: nodesText(pieces, before) }))

/** The plan in a file; undefined where it is none that this version wrote. */
export const freshPlanIn = (file: Buffer | undefined): RememberedPlan | undefined => {
  const opened = file === undefined ? undefined : openEnvelope(file)
  if (opened?._tag !== "Sound") return undefined
  const written: unknown = JSON.parse(opened.text)
  if (!isObject(written) || written["version"] !== VERSION) return undefined
  const { version: _, nodes: texts, ...plan } = written
  const nodes = nodesIn(texts)
  return nodes !== undefined && isPlan(plan) ? { ...plan, nodes } : undefined
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isText = (value: unknown): value is string => typeof value === "string"

const areTexts = (value: unknown): boolean => isObject(value) && Object.values(value).every(isText)

const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isText)

const isStamp = (value: unknown): boolean => {
  if (!isObject(value)) return false
  const { _tag, digest, glance } = value
  return _tag === "Bytes" ? isText(digest) : _tag === "Glance" && isObject(glance)
    && ["inode", "size", "mtime", "changed"].every((name) => typeof glance[name] === "number")
}

const areResults = (value: unknown): boolean =>
  value === null || (isObject(value) && isText(value["node"]) && areTexts(value["tables"]))

/** A Schema would take longer than the rest of it all. */
const isPlan = (value: object): value is FreshPlan => {
  const plan = value as Readonly<Record<string, unknown>>
  return isText(plan["sample"]) && isText(plan["build"]) && isText(plan["outline"]) && isList(plan["adapting"])
    && isList(plan["heads"])
    && (plan["newestHeads"] === undefined || isStamp(plan["newestHeads"])) && areResults(plan["results"])
    && ["stages", "programs", "sets", "code"].every((name) => areTexts(plan[name]))
}

/** The objects that results are in, as digests. */
export const objectsOfResults = ({ results }: FreshPlan): ReadonlyArray<Digest> =>
  Object.values(results?.tables ?? {}).filter(isDigest)
