import { Effect } from "effect"
import { columnsOf, type Field } from "../../base/columns.ts"
import type { Digest } from "../../base/digest.ts"
import type { FileSource } from "../../graph/files.ts"
import type { Graph } from "../../graph/node.ts"
import { columnsDigest } from "../../identity/fingerprint.ts"
import { type Ancestor, lineages } from "../../status/lineage.ts"
import type { Snapshot } from "../../status/snapshot.ts"
import type { ActionRecord } from "../../store/record.ts"
import type { Redaction } from "./redact.ts"

/** What is told of the project that was run; what its package.json does not say is undefined. */
export interface ProjectFacts {
  readonly name: string
  readonly version: string | undefined
  readonly description: string | undefined
  /** The licence of the project, as SPDX names it. */
  readonly licence: string | undefined
  readonly repository: string | undefined
  readonly author: string | undefined
}

/** A table that an action made. */
export interface Made {
  readonly output: string
  readonly artifact: string
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
  readonly rows: number
  /** Undefined where the stage has other columns now than it had then, or is gone. */
  readonly columns: ReadonlyArray<Field> | undefined
}

/** A table that an action took, and which action made it. */
export interface Taken {
  readonly role: string
  readonly digest: Digest
  /** The action and its output; undefined where the store has no record of it. */
  readonly maker: { readonly action: string; readonly output: string } | undefined
}

/** A file from outside that an action read. */
export interface ReadFile {
  readonly role: string
  /** As the graph names it, without the folder of this machine. */
  readonly name: string
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
  /** Where it is published and under which licence; undefined where the graph does not say. */
  readonly source: FileSource | undefined
}

/** One action, as programs of other makers are told of it. */
export interface ProvenanceAction {
  /** The name of its node, or its key where no node stands for it now. */
  readonly id: string
  readonly node: string
  /** The node that it was executed for, where that is another one: nodes of one key are executed once. */
  readonly ranFor: string | undefined
  readonly key: Digest
  readonly stage: string
  readonly params: Readonly<Record<string, unknown>>
  readonly code: Digest
  readonly takes: ReadonlyArray<Taken>
  readonly reads: ReadonlyArray<ReadFile>
  readonly makes: ReadonlyArray<Made>
  /** Files without columns, such as weights. */
  readonly blobs: ActionRecord["blobs"]
  /** When it began and ended, as ISO 8601 writes it. */
  readonly started: string
  readonly ended: string
  readonly resources: ActionRecord["resources"]
  readonly peakMemory: number | null
  readonly environment: Omit<ActionRecord["environment"], "host">
  readonly packages: ReadonlyArray<readonly [name: string, version: string]>
  readonly warnings: ReadonlyArray<string>
  /** The reason for which a user accepted it for what its node is now. */
  readonly accepted: string | undefined
}

/** What the nodes of a profile were made by: every action once, each after those that it takes something from. */
export interface Executed {
  readonly project: ProjectFacts
  readonly profile: string
  readonly actions: ReadonlyArray<ProvenanceAction>
}

/**
 * The actions that some nodes stand for, with all that these were made from. Nodes that never ran have none.
 *
 * The name of the machine is no part of it, nor what the redaction takes out of texts.
 */
export const provenanceOf = Effect.fnUntraced(function*(
  snapshot: Snapshot,
  names: Iterable<string>,
  project: ProjectFacts,
  redact: Redaction,
) {
  const lineageOf = yield* lineages(snapshot)
  const ancestors = new Map<string, Ancestor>()
  for (const name of names) {
    if (ancestors.has(name)) continue
    for (const ancestor of yield* lineageOf(name)) ancestors.set(ancestor.id, ancestor)
  }
  const actions = inOrder(ancestors).map((ancestor) => actionOf(ancestor, ancestors, snapshot.graph, redact))
  return { project, profile: snapshot.graph.profile, actions } satisfies Executed
})

/** Each action after those that made what it takes. */
const inOrder = (ancestors: ReadonlyMap<string, Ancestor>): ReadonlyArray<Ancestor> => {
  const done = new Set<Ancestor>()
  const open: Array<Ancestor> = [...ancestors.values()].toReversed()
  const entered = new Set<Ancestor>()
  for (let next = open.at(-1); next !== undefined; next = open.at(-1)) {
    const sources = entered.has(next) ? [] : next.sources.flatMap(({ maker }) => {
      const made = maker === undefined ? undefined : ancestors.get(maker.id)
      return made === undefined || entered.has(made) ? [] : [made]
    })
    entered.add(next)
    if (sources.length > 0) open.push(...sources.toReversed())
    else {
      open.pop()
      done.add(next)
    }
  }
  return [...done]
}

const actionOf = (
  { id, node, record, code, sources, accepted }: Ancestor,
  ancestors: ReadonlyMap<string, Ancestor>,
  { nodes }: Graph,
  redact: Redaction,
): ProvenanceAction => {
  const { key, preImage, outputs, files, blobs, started, milliseconds, resources, peakMemory, warnings = [] } = record
  const { host: _, ...environment } = record.environment
  const declared = node === undefined ? undefined : nodes.get(node)
  return {
    id,
    node: node ?? record.node,
    ranFor: node === undefined || node === record.node ? undefined : record.node,
    key,
    stage: preImage.stage,
    params: Object.fromEntries(Object.entries(preImage.params).map(([name, value]) => [name, redact.value(value)])),
    code: preImage.code,
    takes: sources.map(({ role, digest, maker }) => ({
      role,
      digest,
      maker: maker === undefined ? undefined : outputWith(ancestors.get(maker.id), digest),
    })),
    reads: files.map(({ role, name, digest, size }) => {
      const wire = declared?.inputs.get(role)
      return {
        role,
        name: redact.text(name),
        digest,
        size,
        source: wire?._tag === "Files" ? wire.set.provenance : undefined,
      }
    }),
    makes: Object.entries(outputs).map(([output, { artifact, digest, size, rows }]) => {
      const row = declared?.stage.outputs[output]
      const columns = row !== undefined && preImage.outputs[output] === columnsDigest(row) ? columnsOf(row) : undefined
      return { output, artifact, digest, size, rows, columns }
    }),
    blobs,
    started,
    ended: new Date(Date.parse(started) + milliseconds).toISOString(),
    resources,
    peakMemory,
    environment,
    packages: code === undefined
      ? []
      : Object.entries(code.packages).map(([name, { version }]) => [name, version] as const),
    warnings: warnings.map(redact.text),
    accepted: accepted === undefined ? undefined : redact.text(accepted.reason),
  }
}

const outputWith = (maker: Ancestor | undefined, digest: Digest): Taken["maker"] => {
  const made = Object.entries(maker?.record.outputs ?? {}).find(([, output]) => output.digest === digest)
  return maker === undefined || made === undefined ? undefined : { action: maker.id, output: made[0] }
}
