import { Effect } from "effect"
import { attempt } from "../base/attempt.ts"
import { NotCanonical } from "../base/canonical.ts"
import type { Digest } from "../base/digest.ts"
import { InputError, type StoreError } from "../base/errors.ts"
import { type FileSet, findFiles, type Found } from "../graph/files.ts"
import { artifactOf, type Graph, type Node, sources } from "../graph/node.ts"
import { CodeBase } from "../identity/code.ts"
import { keyOf, preImageOf, type ResolvedInput } from "../identity/fingerprint.ts"
import type { PreImage } from "../identity/pre-image.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { type Reason, reasonsBetween } from "./reasons.ts"

/** How a node stands before a run: one of these, with what is known in that state. */
export type Freshness =
  /** The store has what the node would make. */
  | { readonly _tag: "Fresh"; readonly key: Digest; readonly record: ActionRecord }
  /** The node must run, for these reasons. */
  | {
    readonly _tag: "Stale"
    readonly key: Digest
    readonly preImage: PreImage
    readonly files: ActionRecord["files"]
    readonly reasons: ReadonlyArray<Reason>
    /** Whether an execution that did not finish left something that the next one goes on from. */
    readonly unfinished: boolean
  }
  /** Nodes that it takes input from run first; if they make the same bytes as before, it may not run. */
  | {
    readonly _tag: "Pending"
    readonly on: ReadonlyArray<string>
    /** With what is known of its inputs by now. */
    readonly preImage: PreImage
    readonly reasons: ReadonlyArray<Reason>
  }
  /** Files that it reads are not there. */
  | { readonly _tag: "Missing"; readonly set: FileSet; readonly names: ReadonlyArray<string> }
  /** A node that it stands on cannot run. */
  | { readonly _tag: "Blocked"; readonly by: string }

/** What is known of the nodes that came before: how they stand, or that they ran and failed. */
export type Known = ReadonlyMap<string, Freshness | { readonly _tag: "Failed" }>

/** Files are looked up once for all nodes that read them. */
export const makeFileCache = (): (set: FileSet) => Found => {
  const cache = new Map<string, Found>()
  return (set) => {
    const id = JSON.stringify([set.base, set.names])
    const found = cache.get(id) ?? findFiles(set)
    cache.set(id, found)
    return found
  }
}

/** The freshness of one node, given that of its sources. */
export const freshnessOf = Effect.fnUntraced(function*(
  node: Node,
  known: Known,
  lookUp: (set: FileSet) => Found,
  head: Digest | undefined,
): Effect.fn.Return<Freshness, StoreError | InputError, Store | CodeBase> {
  const store = yield* Store
  const codeBase = yield* CodeBase

  const inputs = new Map<string, ResolvedInput>()
  const files: Array<ActionRecord["files"][number]> = []
  // Before anything else, so that one list names all files that a run lacks.
  for (const [role, wire] of node.inputs) {
    if (wire._tag !== "Files") continue
    const found = yield* attempt(() => lookUp(wire.set))
    if (found._tag === "Absent") return { _tag: "Missing", set: wire.set, names: found.names }
    inputs.set(role, { _tag: "Files", files: found.files })
    files.push(...found.files.map((file) => ({ role, ...file })))
  }

  for (const source of sources(node)) {
    const state = known.get(source)
    if (state?._tag === "Missing" || state?._tag === "Blocked" || state?._tag === "Failed") {
      return { _tag: "Blocked", by: source }
    }
  }

  const pending = new Set<string>()
  for (const [role, wire] of node.inputs) {
    if (wire._tag === "Files") continue
    const digests: Array<Digest> = []
    for (const ref of wire.refs) {
      const state = known.get(ref.node)
      const output = state?._tag === "Fresh" ? state.record.outputs[ref.output] : undefined
      if (output === undefined) pending.add(ref.node)
      else digests.push(output.digest)
    }
    const input = node.stage.inputs[role]
    if (input === undefined || input._tag === "Files") throw new Error(`role ${role} of ${node.name} has no artifact`)
    inputs.set(role, { _tag: "Artifacts", artifact: artifactOf(input.row), digests })
  }

  // Its digest alone costs next to nothing; the code itself is wanted only where it changed.
  const present = yield* attempt(() => codeBase.of(node.stage.name, node.options))
  const { digest } = present
  const preImage = preImageOf(node, inputs, digest)
  // No key yet while sources are pending, but a param that no key can hold is told now, not in the middle of a run.
  const key = yield* attempt(() => keyOf(preImage), (thrown) => unwritable(node, thrown))
  const before = head === undefined ? undefined : yield* store.record(head).pipe(Effect.orElseSucceed(() => undefined))
  const changed = before !== undefined && before.preImage.code !== digest
  const codeBefore = changed ? yield* formerCode(before.preImage) : undefined
  const code = changed ? present.code : undefined

  if (pending.size > 0) {
    const reasons = before === undefined ? [] : reasonsBetween(node, before, codeBefore, preImage, code, pending)
    return { _tag: "Pending", on: [...pending], preImage, reasons }
  }

  const hit = yield* store.hit(key)
  if (hit._tag === "Hit") return { _tag: "Fresh", key, record: hit.record }
  const reasons: ReadonlyArray<Reason> = hit._tag === "Damaged"
    ? [{ _tag: "RecordDamaged", problem: hit.problem }]
    : hit._tag === "Incomplete"
    ? [{ _tag: "ObjectMissing", digest: hit.digest }]
    : before === undefined
    ? [{ _tag: "NeverRun" }]
    : reasonsBetween(node, before, codeBefore, preImage, code, new Set())
  return { _tag: "Stale", key, preImage, files, reasons, unfinished: yield* store.unfinished(key).isThere }
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

const formerCode = Effect.fnUntraced(function*(preImage: PreImage) {
  const store = yield* Store
  return yield* store.code(preImage.code).pipe(Effect.orElseSucceed(() => undefined))
})

/** The freshness of every node of a graph: what a run would do, and why. Nothing is written. */
export const plan = Effect.fnUntraced(function*(graph: Graph) {
  const store = yield* Store
  const heads = yield* store.heads(graph.profile)
  const lookUp = makeFileCache()
  const known = new Map<string, Freshness>()
  for (const node of graph.nodes.values()) {
    known.set(node.name, yield* freshnessOf(node, known, lookUp, heads.get(node.name)))
  }
  return known
})
