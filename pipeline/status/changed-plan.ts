import { Effect } from "effect"
import { attempt } from "../base/attempt.ts"
import type { Digest } from "../base/digest.ts"
import type { Profiles } from "../graph/builder.ts"
import type { Declared } from "../graph/declare.ts"
import { expandPart } from "../graph/expand.ts"
import { everything } from "../graph/needed.ts"
import type { Rest } from "../graph/node.ts"
import { unknownWork } from "../graph/stage.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import type { Changed } from "./changed.ts"
import { goneFor } from "./planned-to-run.ts"
import { plannedRun } from "./planned.ts"
import { type NodeSnapshot, type Snapshot, withStatus } from "./snapshot.ts"

/** The plan of what changed since a plan found every node up to date. */
export interface PlannedPart {
  readonly changed: Changed
  readonly planned: Snapshot
  readonly needed: ReadonlySet<string>
}

/** Records of more nodes are read many at a time. */
const FEW = 256

/**
 * Plans what changed, where a run of all nodes has to look at no more than that. Undefined where it has to, which is where
 * anything is to be said of a node but that it will run, may run or is up to date.
 */
export const plannedPart = Effect.fnUntraced(function*(definition: Profiles, changed: Changed) {
  const { declaration, affected, sources } = changed
  const settled = yield* settledIn(changed)
  if (settled === undefined) return undefined
  const declared = declaration.nodes.entries().flatMap(([at, each]): Iterable<readonly [Declared, boolean]> =>
    affected.has(at) ? [[each, false]] : sources.has(at) ? [[each, true]] : []
  )
  const graph = yield* attempt(() => expandPart(definition, declaration, declared, restOf(changed)))
  const { planned, needed } = yield* plannedRun(graph, everything, { forced: new Set(), frozen: new Set(), settled })
  const isAll = [...planned.nodes.values()].every(isPlain) && (yield* goneFor(planned)) === 0
  return isAll ? { changed, planned, needed } satisfies PlannedPart : undefined
}, Effect.catch(() => Effect.succeed(undefined)))

/** Whether nothing but times of others is to be known for a forecast of these nodes. */
export const isMeasured = (planned: Snapshot): boolean =>
  withStatus(planned, "WillRun", "MayRun").every(({ node: { stage }, record }) =>
    stage.work === unknownWork && record !== undefined
  )

const isPlain = ({ status }: NodeSnapshot): boolean => {
  if (status._tag !== "Fresh") return status._tag === "WillRun" || status._tag === "MayRun"
  return status.accepted === undefined && status.released === undefined && status.frozen === undefined
}

/** The records of the nodes that changed ones take input from; undefined where one is not as it was remembered. */
const settledIn = Effect.fnUntraced(function*({ plan, declaration, sources, placeOf }: Changed) {
  const store = yield* Store
  const look = sources.size > FEW ? yield* store.known.look : undefined
  const settled = new Map<string, ActionRecord>()
  for (const at of sources) {
    const [node, place] = [declaration.nodes[at], placeOf(at)]
    if (node === undefined || place === undefined) return undefined
    const key = plan.nodes.keyAt(place)
    const hit = look === undefined ? yield* store.hit(key) : undefined
    const record = look === undefined ? (hit?._tag === "Hit" ? hit.record : undefined) : look(key)
    if (record?.key !== key) return undefined
    settled.set(node.name, record)
  }
  return settled
})

const restOf = ({ plan, declaration, affected, sources, placeOf }: Changed): Rest => {
  const wanted = new Set([...affected, ...sources].flatMap((at) => declaration.nodes[at]?.name ?? []))
  const heads = new Map<string, Digest>()
  for (const [place, name] of plan.nodes.names.entries()) if (wanted.has(name)) heads.set(name, plan.nodes.keyAt(place))
  return {
    size: declaration.nodes.length - wanted.size,
    heads,
    all: () => {
      const [nodes, keys]: [Array<string>, Array<Digest>] = [[], []]
      for (const [at, { name }] of declaration.nodes.entries()) {
        const place = wanted.has(name) ? undefined : placeOf(at)
        if (place === undefined) continue
        nodes.push(name)
        keys.push(plan.nodes.keyAt(place))
      }
      return { nodes, keys }
    },
  }
}
