import { Effect, Exit } from "effect"
import type { Digest } from "../base/digest.ts"
import { type DagError, StoreError } from "../base/errors.ts"
import { type Graph, type Node, sources } from "../graph/node.ts"
import { Events } from "../store/events.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import type { Outcome, States } from "./transition.ts"

/** Takes nodes back that are settled or run, so that they are looked at again. */
export interface Heal {
  /**
   * Sees to it that an object which an execution found damaged, or gone, is made again: takes back the nodes above that
   * made it, and these, which wait for them. Gives the nodes that are to be looked at now; undefined where nobody can make
   * it, or it was made again already in this run.
   */
  readonly make: (
    digest: Digest,
    waiting: readonly [Node, ...ReadonlyArray<Node>],
  ) => Effect.Effect<ReadonlyArray<Node> | undefined>
  /** Why what an execution failed for is not made again, where the reason is not in the failure itself. */
  readonly whyNot: (digest: Digest | undefined) => string | undefined
  /** Of nodes with one key that ended, those that began from what is not so any more: they are taken back. */
  readonly outdated: (ended: ReadonlyArray<Node>) => ReadonlyArray<Node>
  /** After a node that was taken back has made other bytes: takes back those that took the ones before. */
  readonly lookAgain: (node: Node) => ReadonlyArray<Node>
}

/** The object that an execution failed for, because it is damaged or gone. */
export const damagedIn = (exit: Exit.Exit<unknown, DagError>): Digest | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
  return failure?.error instanceof StoreError ? failure.error.damaged : undefined
}

/** Heals among the nodes of a run; `dependents` gets a node more where one waits for a node that it takes nothing from. */
export const makeHeal = Effect.fnUntraced(function*(
  graph: Graph,
  states: States,
  dependents: Map<string, Array<Node>>,
): Effect.fn.Return<Heal, never, Store | Events> {
  const store = yield* Store
  const events = yield* Events
  /** By object, the nodes that were taken back to make it again. */
  const takenBack = new Map<Digest, Set<string>>()
  /** By node, those that it waits for and takes nothing from: blobs may be handed on. */
  const others = new Map<string, Set<string>>()
  /** Nodes that are ready or run with inputs that were made again as other bytes. */
  const outdated = new Set<string>()

  const isSettled = (name: string) => states.of(name)._tag === "Settled"

  const above = (node: Node, known = new Set<string>()): ReadonlySet<string> => {
    for (const source of sources(node)) {
      const found = graph.nodes.get(source)
      if (known.has(source) || found === undefined) continue
      known.add(source)
      above(found, known)
    }
    return known
  }

  const takeBack = (node: Node): void => {
    for (const { name } of dependents.get(node.name) ?? []) {
      const state = states.of(name)
      if (state._tag === "Waiting") states.transition(name, { _tag: "Waiting", on: state.on + 1 })
    }
    wait(node)
  }

  const wait = (node: Node): void => {
    const all = new Set([...sources(node), ...others.get(node.name) ?? []])
    states.transition(node.name, { _tag: "Waiting", on: [...all].filter((name) => !isSettled(name)).length })
  }

  const waitFor = (node: Node, name: string): void => {
    if (sources(node).includes(name)) return
    const known = others.get(node.name) ?? new Set()
    others.set(node.name, known.add(name))
    const waiting = dependents.get(name) ?? []
    if (!waiting.includes(node)) dependents.set(name, [...waiting, node])
  }

  /** Those that wait for nothing. */
  const free = (nodes: ReadonlyArray<Node>) =>
    nodes.filter(({ name }) => {
      const state = states.of(name)
      return state._tag === "Waiting" && state.on === 0
    })

  const make = Effect.fnUntraced(function*(
    digest: Digest,
    waiting: readonly [Node, ...ReadonlyArray<Node>],
  ) {
    const [{ name: found }] = waiting
    const before = takenBack.get(digest) ?? new Set()
    const all = new Set(waiting.flatMap((node) => [...above(node)]))
    const pending = [...all].filter((name) => before.has(name) && !isSettled(name))
    const makers = [...all].filter((name) => !before.has(name) && made(states.outcomes.get(name), digest))
    if (pending.length + makers.length === 0) return undefined
    takenBack.set(digest, before)
    // Known here at once: the hint that a worker left is seen a moment later.
    yield* store.suspects.add(digest)
    if (store.remote !== undefined) yield* store.remote.forget(digest)
    yield* events.emit({ _tag: "ObjectDamaged", node: found, object: digest, makers })
    const nodes = makers.flatMap((name) => graph.nodes.get(name) ?? [])
    for (const node of nodes) {
      before.add(node.name)
      takeBack(node)
    }
    for (const node of waiting) {
      outdated.delete(node.name)
      const own = above(node)
      for (const name of [...pending, ...makers]) if (own.has(name)) waitFor(node, name)
      wait(node)
    }
    return free([...nodes, ...waiting])
  })

  return {
    make,
    whyNot: (digest) =>
      digest !== undefined && takenBack.has(digest)
        ? "it was made again in this run and is damaged again: check the disk and the memory of this machine"
        : undefined,
    outdated: (ended) => {
      const nodes = ended.filter(({ name }) => outdated.delete(name))
      for (const node of nodes) wait(node)
      return nodes
    },
    lookAgain: ({ name }) => {
      const settled: Array<Node> = []
      for (const node of dependents.get(name) ?? []) {
        const { _tag } = states.of(node.name)
        if (_tag === "Settled") settled.push(node)
        else if (_tag !== "Waiting") outdated.add(node.name)
      }
      for (const node of settled) takeBack(node)
      return free(settled)
    },
  }
})

/** Whether a node has an object among what it made. */
export const made = (outcome: Outcome | undefined, digest: Digest): boolean =>
  outcome?._tag === "Fresh" && objectsOf(outcome.record).includes(digest)

const objectsOf = ({ outputs, blobs }: ActionRecord): ReadonlyArray<Digest> =>
  [...Object.values(outputs), ...blobs].map((object) => object.digest)
