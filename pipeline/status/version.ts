import { Effect } from "effect"
import { attempt } from "../base/attempt.ts"
import type { Digest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import { artifactOf, dispensable, type Graph, type Node } from "../graph/node.ts"
import { CodeBase } from "../identity/code.ts"
import type { Code } from "../identity/code.ts"
import { preImageOf, type ResolvedInput } from "../identity/fingerprint.ts"
import type { PreImage } from "../identity/pre-image.ts"
import type { ActionRecord } from "../store/record.ts"
import type { RunLog } from "../store/runs.ts"
import type { Reader } from "./reader.ts"
import type { NodeSnapshot, Snapshot } from "./snapshot.ts"

/** What a node is in one of two experiments that are compared. */
export type Version =
  /** An action made its outputs. `wires` names the nodes that its inputs came from by role, where that is known. */
  | {
    readonly _tag: "Made"
    readonly key: Digest
    readonly preImage: PreImage
    readonly code: Code | undefined
    readonly outputs: Readonly<Record<string, Digest>>
    readonly wires?: Wires
  }
  /** It is declared so and was not executed. `unknown` are the roles whose artifacts or files are not there yet. */
  | {
    readonly _tag: "Declared"
    /** Undefined where an input is unknown. */
    readonly key: Digest | undefined
    readonly preImage: PreImage
    readonly code: Code | undefined
    readonly unknown: ReadonlySet<string>
    readonly wires: Wires
  }
  /** It was to be made and was not, or nothing is known of it any more. */
  | { readonly _tag: "Unmade"; readonly why: string }

/** The nodes that the inputs of a node come from, by role and in order. */
export type Wires = ReadonlyMap<string, ReadonlyArray<string>>

/** The nodes of an experiment by name. */
export type Versions = ReadonlyMap<string, Version>

/** What a run brought its nodes to. */
export const versionsOfRun = Effect.fnUntraced(function*({ keys, made, unmade }: RunLog, reader: Reader) {
  const versions = new Map(yield* versionsOfKeys(keys, reader, made))
  for (const [node, why] of unmade) versions.set(node, { _tag: "Unmade", why })
  return versions
})

/** Nodes that have these keys; `made` is what is known of their outputs besides their records. */
export const versionsOfKeys = Effect.fnUntraced(function*(
  keys: ReadonlyMap<string, Digest>,
  reader: Reader,
  made: RunLog["made"] = new Map(),
): Effect.fn.Return<Versions, StoreError> {
  const versions = new Map<string, Version>()
  for (const [node, key] of keys) {
    const record = yield* reader.record(key)
    const version: Version = record === undefined
      ? { _tag: "Unmade", why: "lost the record in the store" }
      : yield* madeBy(record, reader)
    const outputs = made.get(node)
    versions.set(node, version._tag === "Made" && outputs !== undefined ? { ...version, outputs } : version)
  }
  return versions
})

const madeBy = Effect.fnUntraced(function*({ key, preImage, outputs }: ActionRecord, { code }: Reader) {
  return {
    _tag: "Made",
    key,
    preImage,
    code: yield* code(preImage.code),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { digest }]) => [name, digest])),
  } as const
})

/** What a graph declares: what is up to date with what it made, all else as it would be made. */
export const versionsDeclared = Effect.fnUntraced(function*(snapshot: Snapshot, reader: Reader) {
  const codeBase = yield* CodeBase
  const versions = new Map<string, Version>()
  for (const each of snapshot.nodes.values()) {
    const { node, status } = each
    const wires = wiresOf(node, snapshot)
    if (status._tag === "Fresh") {
      versions.set(node.name, { ...yield* madeBy(status.record, reader), wires })
      continue
    }
    const { code, digest } = yield* attempt(() => codeBase.of(node.stage.name, node.options))
    const preImage = "preImage" in status ? status.preImage : preImageOf(node, withoutContent(node), digest)
    const key = status._tag === "WillRun" ? status.action?.key : undefined
    versions.set(node.name, { _tag: "Declared", key, preImage, code, unknown: unknownRoles(each, snapshot), wires })
  }
  return versions
})

/** Nodes in the order of a graph, and after them those that it does not have, by name. */
export const inOrderOf = (graph: Graph | undefined, versions: Versions): Versions => {
  const known = [...graph?.nodes.keys() ?? []].filter((name) => versions.has(name))
  const others = [...versions.keys()].filter((name) => graph?.nodes.has(name) !== true).sort(byName)
  return new Map([...known, ...others].flatMap((name) => {
    const version = versions.get(name)
    return version === undefined ? [] : [[name, version]]
  }))
}

const { compare: byName } = new Intl.Collator("en", { numeric: true })

/** Where an input takes what there is, the nodes that cannot run are none of its wires. */
const wiresOf = (node: Node, { nodes }: Snapshot): Wires => {
  const isThere = (name: string) => {
    const status = nodes.get(name)?.status._tag
    return status !== "Missing" && status !== "Blocked" && status !== "Unneeded"
  }
  const partial = dispensable(node)
  const wires = new Map<string, ReadonlyArray<string>>()
  for (const [role, wire] of node.inputs) {
    if (wire._tag !== "Artifacts") continue
    const names = wire.refs.map((ref) => ref.node)
    wires.set(role, partial.has(role) ? names.filter(isThere) : names)
  }
  return wires
}

/** The inputs of a node of which nothing is known but that it has them. */
const withoutContent = (node: Node): ReadonlyMap<string, ResolvedInput> =>
  new Map(
    Object.entries(node.stage.inputs).flatMap(([role, input]): ReadonlyArray<readonly [string, ResolvedInput]> =>
      input._tag === "Files" ? [] : [[role, { _tag: "Artifacts", artifact: artifactOf(input.row), digests: [] }]]
    ),
  )

/** The inputs that are not there yet: all of a node that cannot run, otherwise those from nodes that run first. */
const unknownRoles = ({ node, status }: NodeSnapshot, snapshot: Snapshot): ReadonlySet<string> => {
  if (status._tag === "Missing" || status._tag === "Blocked") return new Set(node.inputs.keys())
  const isOpen = (source: string) => snapshot.nodes.get(source)?.status._tag !== "Fresh"
  return new Set([...wiresOf(node, snapshot)].filter(([, sources]) => sources.some(isOpen)).map(([role]) => role))
}
