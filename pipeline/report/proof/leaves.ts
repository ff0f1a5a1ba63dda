import { canonical } from "../../base/canonical.ts"
import type { Digest } from "../../base/digest.ts"
import type { Graph } from "../../graph/node.ts"
import type { ActionRecord } from "../../store/record.ts"
import type { Leaf } from "../../store/signatures.ts"
import { leafHash, rootOver } from "./merkle.ts"

/** What a result was made from. */
export interface Closure {
  /** The nodes in the order of their names, and what each of them made. */
  readonly records: ReadonlyMap<string, ActionRecord>
  /** Inputs that no wired node has the bytes of now: the result is older than these. */
  readonly untraced: ReadonlyArray<{ readonly node: string; readonly role: string; readonly digest: Digest }>
}

/**
 * All actions that the artifacts of some nodes were made by, as the wires of the graph lead to them. A wired node whose
 * bytes an action did not take, as one that failed when a table was made of what there was, is no part of it.
 */
export const closureOf = (
  { nodes }: Pick<Graph, "nodes">,
  records: ReadonlyMap<string, ActionRecord>,
  starts: ReadonlyArray<string>,
): Closure => {
  const found = new Map<string, ActionRecord>()
  const untraced: Array<Closure["untraced"][number]> = []
  const queue = [...starts]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const record = records.get(name)
    if (record === undefined || found.has(name)) continue
    found.set(name, record)
    for (const [role, input] of Object.entries(record.preImage.inputs)) {
      if (input._tag === "Files") continue
      const wire = nodes.get(name)?.inputs.get(role)
      const wanted = new Set<string>(input.digests)
      const traced = new Set<string>()
      for (const { node, output } of wire?._tag === "Artifacts" ? wire.refs : []) {
        const digest = records.get(node)?.outputs[output]?.digest
        if (digest === undefined || !wanted.has(digest)) continue
        traced.add(digest)
        queue.push(node)
      }
      for (const digest of input.digests) if (!traced.has(digest)) untraced.push({ node: name, role, digest })
    }
  }
  // By code units, as canonical JSON orders names.
  const ordered = [...found].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return { records: new Map(ordered), untraced }
}

/**
 * What a root holds of a node: which action it stands for, and what that made. Outputs that are declared to vary, such as
 * the speed of a training, are left out, so that whoever makes the same results again has the same root.
 */
export const leafOf = (node: string, { key, outputs }: Pick<ActionRecord, "key" | "outputs">): Leaf => ({
  node,
  key,
  outputs: Object.fromEntries(
    Object.entries(outputs).flatMap(([name, { digest, varies }]) => (varies ? [] : [[name, digest]])),
  ),
})

/** The leaves of a closure, in the order of the names of its nodes. */
export const leavesOf = ({ records }: Pick<Closure, "records">): ReadonlyArray<Leaf> =>
  [...records].map(([node, record]) => leafOf(node, record))

/** The text of a leaf. */
export const leafText = (leaf: Leaf): string => `redag/leaf/1\n${canonical(leaf)}`

/** The digest of everything that results were made by: nothing below them can change without it. */
export const rootOf = (leaves: ReadonlyArray<Leaf>): Digest => rootOver(leaves.map((leaf) => leafHash(leafText(leaf))))
