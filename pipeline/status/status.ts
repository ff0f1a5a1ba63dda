import { Effect } from "effect"
import { attempt } from "../base/attempt.ts"
import { NotCanonical } from "../base/canonical.ts"
import type { Digest } from "../base/digest.ts"
import { InputError, type StoreError } from "../base/errors.ts"
import { type Absent, type FileSet, findFiles, type Found } from "../graph/files.ts"
import type { Digests } from "../graph/hashing.ts"
import { artifactOf, dispensable, indispensable, type Node, sources } from "../graph/node.ts"
import { CodeBase } from "../identity/code.ts"
import { keyOf, preImageOf, type ResolvedInput } from "../identity/fingerprint.ts"
import type { PreImage } from "../identity/pre-image.ts"
import type { Accepted } from "../store/accepted.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { digestsNow } from "./file-digests.ts"
import { type Reason, reasonsBetween } from "./reasons.ts"

/** What a run would do with a node. */
export type Status =
  /** Nothing: the store has what the node makes, or what was accepted for that: `record` is then of another key. */
  | {
    readonly _tag: "Fresh"
    readonly key: Digest
    readonly record: ActionRecord
    readonly accepted?: Accepted
    /** It stays as it last was, as the user asked, whatever changed. */
    readonly frozen?: true
    /** Objects of it that were released. */
    readonly released?: ReadonlyArray<Digest>
  }
  /**
   * It will run, for reasons of its own: whatever other nodes make.
   *
   * Only if other nodes run first and make bytes that an action in the store was made of, it turns out to be fresh.
   */
  | {
    readonly _tag: "WillRun"
    readonly reasons: ReadonlyArray<Reason>
    /** Nodes that it takes input from and that run first. */
    readonly after: ReadonlyArray<string>
    /** With what is known of its inputs. */
    readonly preImage: PreImage
    /** Undefined where nodes run first: its inputs are not known before. */
    readonly action: Action | undefined
  }
  /** It runs if one of these nodes runs and makes other bytes than before. */
  | {
    readonly _tag: "MayRun"
    readonly after: ReadonlyArray<string>
    /** Its own differences from what it last was, where the store has the action that they lead to. */
    readonly reasons: ReadonlyArray<Reason>
    readonly preImage: PreImage
  }
  /** It cannot run: files that it reads are not there. */
  | { readonly _tag: "Missing"; readonly set: FileSet } & Omit<Absent, "_tag">
  /** It cannot run: nodes that it takes input from cannot run, or failed. */
  | { readonly _tag: "Blocked"; readonly by: ReadonlyArray<string> }
  /** It would run for nothing: all that takes input from it lacks files. */
  | { readonly _tag: "Unneeded" }

/** What will be executed for a node whose inputs are known. */
export interface Action {
  readonly key: Digest
  readonly preImage: PreImage
  readonly files: ActionRecord["files"]
  /** Whether an execution that did not finish left something that the next one goes on from. */
  readonly unfinished: boolean
}

/** What is known of other nodes: their status, or that they ran and failed, or that a failure elsewhere keeps them from it. */
export interface Known {
  readonly status: {
    readonly get: (node: string) => Status | { readonly _tag: "Failed" | "NotStarted" } | undefined
  }
  /** What a node was when it was last up to date; undefined where it never was, or the record is lost. */
  readonly last: (node: string) => Effect.Effect<ActionRecord | undefined, StoreError>
  readonly find: FileFinder
  readonly overrides: Overrides
}

/** Nodes that a run treats otherwise than what changed says. */
export interface Overrides {
  /** They run, whether they are up to date or not. */
  readonly forced: ReadonlySet<string>
  /** They stay as they last were. */
  readonly frozen: ReadonlySet<string>
  /** They do not run: all that takes input from them lacks files. */
  readonly unneeded?: ReadonlySet<string>
  /** They do not run: the user excluded them, or what they cannot do without. */
  readonly leftOut?: ReadonlySet<string>
  /** They run since others that run need what was released of them. */
  readonly needed?: ReadonlySet<string>
  /** They are up to date with these records, whatever they take. */
  readonly settled?: ReadonlyMap<string, ActionRecord>
}

/** Looks for files, whose digests may be remembered. */
export type FileFinder = (set: FileSet, digests: Digests) => Effect.Effect<Found, InputError>

/** Looks files up once for all nodes that read them. */
export const makeFileFinder = (): FileFinder => {
  const cache = new Map<string, Found>()
  return (set, digests) => {
    const id = JSON.stringify([set.base, set.names, set.elsewhere])
    const known = cache.get(id)
    if (known !== undefined) return Effect.succeed(known)
    return Effect.tap(findFiles(set, digests), (found) => Effect.sync(() => cache.set(id, found)))
  }
}

/** The status of a node, given that of its sources. */
export const statusOf = Effect.fnUntraced(function*(
  node: Node,
  known: Known,
): Effect.fn.Return<Status, StoreError | InputError, Store | CodeBase> {
  const found = yield* unfrozen(node, known)
  const { unneeded, leftOut } = known.overrides
  const isUnneeded = found._tag === "WillRun" || found._tag === "MayRun"
    ? unneeded?.has(node.name) === true || leftOut?.has(node.name) === true
    : found._tag !== "Fresh" && leftOut?.has(node.name) === true
  const status: Status = isUnneeded ? { _tag: "Unneeded" } : found
  if (status._tag === "Fresh" || !known.overrides.frozen.has(node.name)) return status
  const store = yield* Store
  const record = yield* known.last(node.name)
  if (record !== undefined && (yield* store.hit(record.key))._tag === "Hit") {
    return { _tag: "Fresh", key: record.key, record, frozen: true }
  }
  return yield* new InputError({
    field: node.name,
    message: `cannot stay as it last was: ${
      record === undefined ? "it has not run" : "what it made is gone or damaged"
    }`,
    help: "leave it out of --freeze",
  })
})

const unfrozen = Effect.fnUntraced(function*(
  node: Node,
  known: Known,
): Effect.fn.Return<Status, StoreError | InputError, Store | CodeBase> {
  const store = yield* Store
  const codeBase = yield* CodeBase

  const inputs = new Map<string, ResolvedInput>()
  const files: Array<ActionRecord["files"][number]> = []
  // Before anything else, so that one list names all files that a run lacks.
  for (const [role, wire] of node.inputs) {
    if (wire._tag !== "Files") continue
    const found = yield* known.find(wire.set, yield* digestsNow)
    if (found._tag === "Absent") return { ...found, _tag: "Missing", set: wire.set }
    inputs.set(role, { _tag: "Files", files: found.files })
    files.push(...found.files.map((file) => ({ role, ...file })))
  }

  const by = blockersOf(node, known)
  if (by.length > 0) return { _tag: "Blocked", by }

  // What is stuck and can be done without is not waited for.
  const after = sources(node).filter((source) => {
    const status = known.status.get(source)
    return status?._tag !== "Fresh" && !isStuck(status)
  })
  const code = yield* attempt(() => codeBase.of(node.stage.name, node.options))
  const describe = (digestOf: (node: string, output: string) => Digest | undefined) => {
    const preImage = preImageOf(node, new Map([...inputs, ...artifactsOf(node, digestOf)]), code.digest)
    // A param that no key can hold is said now, not in the middle of a run.
    return Effect.map(
      attempt(() => keyOf(preImage), (thrown) => unwritable(node, thrown)),
      (key) => ({ key, preImage }),
    )
  }
  const isNeeded = known.overrides.needed?.has(node.name) === true
  const isForced = isNeeded || known.overrides.forced.has(node.name)
  const forced: ReadonlyArray<Reason> = [{ _tag: isNeeded ? "Released" : "Forced" }]
  const { key, preImage } = yield* describe((source, output) => outputOf(known.status.get(source), output))
  const ownReasons = Effect.gen(function*() {
    const last = yield* known.last(node.name)
    if (last === undefined) return [{ _tag: "NeverRun" }] satisfies ReadonlyArray<Reason>
    // The digest of code costs next to nothing; the code itself is wanted only where it changed.
    const changed = last.preImage.code !== code.digest
    const before = changed
      ? yield* store.code(last.preImage.code).pipe(Effect.orElseSucceed(() => undefined))
      : undefined
    const there = (name: string) => !isStuck(known.status.get(name))
    return reasonsBetween(node, last, before, preImage, changed ? code.code : undefined, {
      pending: new Set(after),
      there,
    })
  })

  if (after.length > 0) {
    if (isForced) return { _tag: "WillRun", after, reasons: forced, preImage, action: undefined }
    const reasons = yield* ownReasons
    if (reasons.length === 0) return { _tag: "MayRun", after, reasons, preImage }
    const lasts = new Map<string, ActionRecord | undefined>()
    for (const name of after) lasts.set(name, yield* known.last(name))
    const unlessTheyChange = yield* describe((source, output) =>
      lasts.get(source)?.outputs[output]?.digest ?? outputOf(known.status.get(source), output)
    )
    const isMade = [...lasts.values()].every((last) => last !== undefined)
      && (yield* store.hit(unlessTheyChange.key))._tag === "Hit"
    return isMade
      ? { _tag: "MayRun", after, reasons, preImage }
      : { _tag: "WillRun", after, reasons, preImage, action: undefined }
  }

  const hit = yield* store.hit(key)
  if (hit._tag === "Hit" && !isForced) {
    const { record, accepted, released } = hit
    return {
      _tag: "Fresh",
      key,
      record,
      ...(accepted === undefined ? {} : { accepted }),
      ...(released === undefined ? {} : { released }),
    }
  }
  const reasons: ReadonlyArray<Reason> = hit._tag === "Hit"
    ? forced
    : hit._tag === "Damaged"
    ? [{ _tag: "RecordDamaged", problem: hit.problem }]
    : hit._tag === "Incomplete"
    ? [{ _tag: "ObjectMissing", digest: hit.digest, problem: hit.problem }]
    : yield* ownReasons
  const unfinished = yield* store.unfinished(key).isThere
  return { _tag: "WillRun", after, reasons, preImage, action: { key, preImage, files, unfinished } }
})

/** What keeps a node from running: what it cannot do without, or all that there is of an input of which it takes any. */
const blockersOf = (node: Node, { status }: Known): ReadonlyArray<string> => {
  const stuck = (name: string): boolean => isStuck(status.get(name))
  const by = new Set(indispensable(node).filter(stuck))
  for (const names of dispensable(node).values()) {
    if (names.every(stuck)) { for (const name of names) by.add(name) }
  }
  return [...by]
}

type KnownStatus = ReturnType<Known["status"]["get"]>

/** What a node is that makes nothing for others. */
const stuck: ReadonlySet<string> = new Set<NonNullable<KnownStatus>["_tag"]>([
  "Missing",
  "Blocked",
  "Unneeded",
  "Failed",
  "NotStarted",
])

const isStuck = (status: KnownStatus): boolean => status !== undefined && stuck.has(status._tag)

/** What a node that is up to date made. */
const outputOf = (status: KnownStatus, output: string): Digest | undefined => {
  if (status?._tag !== "Fresh") return undefined
  const made = status.record.outputs[output]
  if (made === undefined) throw new Error(`the record ${status.key} has no output ${output}`)
  return made.digest
}

/** The artifacts that a node takes, as far as the outputs of other nodes are known. */
const artifactsOf = (
  node: Node,
  digestOf: (node: string, output: string) => Digest | undefined,
): ReadonlyArray<readonly [role: string, input: ResolvedInput]> =>
  [...node.inputs].flatMap(([role, wire]) => {
    if (wire._tag === "Files") return []
    const input = node.stage.inputs[role]
    if (input === undefined || input._tag === "Files") throw new Error(`role ${role} of ${node.name} has no artifact`)
    const digests = wire.refs.flatMap((ref) => digestOf(ref.node, ref.output) ?? [])
    return [[role, { _tag: "Artifacts", artifact: artifactOf(input.row), digests }]]
  })

/** What a pre-image cannot be written for: a param that its Schema allows but JSON cannot hold. */
const unwritable = (node: Node, thrown: unknown): InputError | undefined => {
  if (!(thrown instanceof NotCanonical)) return undefined
  return new InputError({
    file: "dag.config.ts",
    field: `${node.name} ${thrown.path}`,
    message: thrown.message,
    help: "give a value that JSON can hold",
  })
}
