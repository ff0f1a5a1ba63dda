import { Effect } from "effect"
import { attempt } from "../base/attempt.ts"
import type { Digest } from "../base/digest.ts"
import { artifactOf, type Graph, type Node } from "../graph/node.ts"
import { CodeBase } from "../identity/code.ts"
import type { Code } from "../identity/code.ts"
import { preImageOf, type ResolvedInput } from "../identity/fingerprint.ts"
import type { ActionRecord } from "../store/record.ts"
import type { RunLog } from "../store/runs.ts"
import { Store } from "../store/store.ts"
import type { Standing, State, Wires } from "./diff.ts"
import { type Freshness, plan } from "./freshness.ts"

/** Reads what two states have in common once. */
export interface Reader {
  readonly record: (key: Digest) => Effect.Effect<ActionRecord | undefined>
  readonly code: (digest: Digest) => Effect.Effect<Code | undefined>
}

/** What can be read of the store's records and code; what is damaged is as good as gone. */
export const makeReader = Effect.gen(function*() {
  const store = yield* Store
  const once = <A>(read: (digest: Digest) => Effect.Effect<A | undefined, unknown>) => {
    const known = new Map<Digest, A | undefined>()
    return Effect.fnUntraced(function*(digest: Digest) {
      if (!known.has(digest)) known.set(digest, yield* Effect.orElseSucceed(read(digest), () => undefined))
      return known.get(digest)
    })
  }
  return { record: once(store.record), code: once(store.code) } satisfies Reader
})

/** The state that a run brought its nodes to. */
export const stateOfRun = Effect.fnUntraced(function*({ keys, made, unmade }: RunLog, reader: Reader) {
  const state = new Map(yield* stateOfKeys(keys, reader, made))
  for (const [node, why] of unmade) state.set(node, { _tag: "Unmade", why })
  return state
})

/** The state in which nodes have these keys; `made` is what is known of their outputs besides their records. */
export const stateOfKeys = Effect.fnUntraced(function*(
  keys: ReadonlyMap<string, Digest>,
  reader: Reader,
  made: RunLog["made"] = new Map(),
): Effect.fn.Return<State> {
  const state = new Map<string, Standing>()
  for (const [node, key] of keys) {
    const record = yield* reader.record(key)
    const standing: Standing = record === undefined
      ? { _tag: "Unmade", why: "lost the record in the store" }
      : yield* madeBy(record, reader)
    const outputs = made.get(node)
    state.set(node, standing._tag === "Made" && outputs !== undefined ? { ...standing, outputs } : standing)
  }
  return state
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

/** The state that a graph declares: what is up to date with what it made, all else as it would be made. */
export const stateAsDeclared = Effect.fnUntraced(function*(graph: Graph, reader: Reader) {
  const codeBase = yield* CodeBase
  const plans = yield* plan(graph)
  const state = new Map<string, Standing>()
  for (const node of graph.nodes.values()) {
    const freshness = plans.get(node.name)
    if (freshness === undefined) throw new Error(`${node.name} was not planned`)
    const wires = wiresOf(node)
    const { code, digest } = yield* attempt(() => codeBase.of(node.stage.name, node.options))
    switch (freshness._tag) {
      case "Fresh":
        state.set(node.name, { ...yield* madeBy(freshness.record, reader), wires })
        break
      case "Stale": {
        const { key, preImage } = freshness
        state.set(node.name, { _tag: "Declared", key, preImage, code, unknown: new Set(), wires })
        break
      }
      default: {
        const unknown = unknownRoles(node, freshness, plans)
        const preImage = freshness._tag === "Pending"
          ? freshness.preImage
          : preImageOf(node, withoutContent(node), digest)
        state.set(node.name, { _tag: "Declared", key: undefined, preImage, code, unknown, wires })
      }
    }
  }
  return state
})

const wiresOf = (node: Node): Wires => {
  const wires = new Map<string, ReadonlyArray<string>>()
  for (const [role, wire] of node.inputs) {
    if (wire._tag === "Artifacts") wires.set(role, wire.refs.map((ref) => ref.node))
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

/** The inputs that are not there yet: all where files are missing, otherwise those from nodes that run first. */
const unknownRoles = (
  node: Node,
  { _tag }: Freshness,
  plans: ReadonlyMap<string, Freshness>,
): ReadonlySet<string> =>
  new Set(
    [...node.inputs].flatMap(([role, wire]) =>
      _tag !== "Pending"
        || (wire._tag === "Artifacts" && wire.refs.some((ref) => plans.get(ref.node)?._tag !== "Fresh"))
        ? [role]
        : []
    ),
  )
