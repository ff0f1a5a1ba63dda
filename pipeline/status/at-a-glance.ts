import { Context, Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import type { Found } from "../graph/files.ts"
import { artifactOf, type Node } from "../graph/node.ts"
import { CodeBase } from "../identity/code.ts"
import { keyOfNode, type ResolvedInput } from "../identity/fingerprint.ts"
import { Store } from "../store/store.ts"
import { digestsNow } from "./file-digests.ts"
import type { Known, Status } from "./status.ts"

type Fresh = Extract<Status, { readonly _tag: "Fresh" }>

/** Whether a plan reads every record, whatever is remembered of it, as what checks or removes something does. */
export const ReadsRecords = Context.Reference<boolean>("redag/ReadsRecords", { defaultValue: () => false })

/** What was found of the files that a node reads, by role. */
export type FoundFiles = ReadonlyMap<string, Found>

/** What is found for a node that reads no files. */
export const noFiles: FoundFiles = new Map()

/** Whether a node reads files. */
export const readsFiles = ({ stage }: Node): boolean => {
  for (const role in stage.inputs) if (stage.inputs[role]?._tag === "Files") return true
  return false
}

/** Looks for the files that a node reads. */
export const filesOf = Effect.fnUntraced(function*({ inputs }: Node, { find }: Known) {
  const digests = yield* digestsNow
  const found = new Map<string, Found>()
  for (const [role, wire] of inputs) if (wire._tag === "Files") found.set(role, yield* find(wire.set, digests))
  return found
})

/**
 * Gives a function that finds out of a node, given the status of its sources, that it is up to date; undefined where that
 * cannot be told at a glance: `statusOf` says then how the node stands. The two never differ in what they say of a node.
 *
 * Most nodes of most plans are up to date, and a hundred thousand of them are not worth an Effect each.
 */
export const makeAtAGlance = Effect.fnUntraced(function*(
  { status, overrides: { forced, needed } }: Known,
): Effect.fn.Return<(node: Node, files: FoundFiles) => Fresh | undefined, StoreError, Store | CodeBase> {
  if (yield* ReadsRecords) return () => undefined
  const { known } = yield* Store
  const codeBase = yield* CodeBase
  const recordOf = yield* known.look

  const inputsOf = ({ stage, inputs }: Node, files: FoundFiles): Map<string, ResolvedInput> | undefined => {
    const resolved = new Map<string, ResolvedInput>()
    for (const [role, wire] of inputs) {
      if (wire._tag === "Files") {
        const found = files.get(role)
        if (found === undefined || found._tag === "Absent") return undefined
        resolved.set(role, { _tag: "Files", files: found.files })
        continue
      }
      const input = stage.inputs[role]
      if (input === undefined || input._tag === "Files") return undefined
      const taken: Array<Digest> = []
      for (const { node, output } of wire.refs) {
        const source = status.get(node)
        if (source?._tag !== "Fresh") return undefined
        const digest = source.record.outputs[output]?.digest
        if (digest !== undefined) taken.push(digest)
      }
      resolved.set(role, { _tag: "Artifacts", artifact: artifactOf(input.row), digests: taken })
    }
    return resolved
  }

  const keyOf = (node: Node, files: FoundFiles): Digest | undefined => {
    const inputs = inputsOf(node, files)
    if (inputs === undefined) return undefined
    try {
      return keyOfNode(node, inputs, codeBase.of(node.stage.name, node.options).digest)
    } catch {
      // What is wrong with it is said by who makes its pre-image.
      return undefined
    }
  }

  return (node, files) => {
    if (forced.has(node.name) || needed?.has(node.name) === true) return undefined
    const key = keyOf(node, files)
    const record = key === undefined ? undefined : recordOf(key)
    return key === undefined || record === undefined ? undefined : { _tag: "Fresh", key, record }
  }
})
