import type { Digest } from "../base/digest.ts"
import type { FileSet } from "../graph/files.ts"
import { type Graph, sources } from "../graph/node.ts"
import type { PreImage } from "../identity/pre-image.ts"
import type { JobPlace } from "../store/batch.ts"
import type { Failure } from "../store/events.ts"
import type { ActionRecord } from "../store/record.ts"
import type { Again } from "./forced.ts"
import { Ordered } from "./ordered.ts"

/** What is to be executed for a node. */
export interface Action {
  readonly key: Digest
  readonly preImage: PreImage
  readonly files: ActionRecord["files"]
}

/** How a node ended in a run. */
export type Outcome =
  /**
   * The store has what it makes: it had it before, this node was executed, another node of the same key was, or another
   * run executed it meanwhile; or it stays as it last was, as the user asked.
   */
  | {
    readonly _tag: "Fresh"
    readonly by: "store" | "execution" | "other node" | "other run" | "freeze"
    readonly key: Digest
    readonly record: ActionRecord
    /** Where the store had what was executed: whether the same was made again. `record` is the one that counts. */
    readonly again?: Again
  }
  /** Its execution failed; or what is to be executed could not be found out, and there is no key. */
  | { readonly _tag: "Failed"; readonly key: Digest | null; readonly failure: Failure; readonly job?: JobPlace }
  /** Files that it reads are not there. */
  | { readonly _tag: "Missing"; readonly set: FileSet; readonly names: ReadonlyArray<string> }
  /** Nodes that it takes input from have no outputs. */
  | { readonly _tag: "Blocked"; readonly by: ReadonlyArray<string> }
  /** All that takes input from it lacks files. */
  | { readonly _tag: "Unneeded" }

/**
 * Where a node is in a run:
 *
 *     Waiting ─┬─▶ Ready ◀──▶ Elsewhere ─┬─▶ Settled
 *              │     ▲            ▲      │
 *              │     └─▶ Running ─┴──────┤
 *              ├─▶ Following ────────────┤
 *              └─────────────────────────┘
 *
 * A node that is settled, runs, follows or is executed elsewhere waits again where what it made, or took, turns out to be
 * damaged.
 */
export type State =
  /** That many of the nodes that it takes input from are not settled. */
  | { readonly _tag: "Waiting"; readonly on: number }
  /** It is to be executed as soon as there is room. */
  | { readonly _tag: "Ready"; readonly action: Action }
  | { readonly _tag: "Running"; readonly action: Action }
  /** Another run has the lease of its key: it executes it now, or has just done so. */
  | { readonly _tag: "Elsewhere"; readonly action: Action }
  /** Another node of the same key is ready, runs or is executed elsewhere; this one takes what that one makes. */
  | { readonly _tag: "Following"; readonly key: Digest }
  | { readonly _tag: "Settled"; readonly outcome: Outcome }

type Tag = State["_tag"]

const allowed: { readonly [From in Tag]: ReadonlyArray<Tag> } = {
  Waiting: ["Waiting", "Ready", "Following", "Settled"],
  Ready: ["Running", "Elsewhere"],
  // A process that is taken for dead loses the lease of what it executes; what may go better another time is tried again.
  Running: ["Ready", "Elsewhere", "Settled", "Waiting"],
  Elsewhere: ["Ready", "Settled", "Waiting"],
  Following: ["Settled", "Waiting"],
  Settled: ["Waiting"],
}

/** The states of all nodes of a graph, and what follows from them; at first every node waits. */
export class States {
  readonly #of = new Map<string, State>()
  readonly #outcomes = new Map<string, Outcome>()
  readonly #ready: Ordered
  readonly #elsewhere = new Set<string>()
  readonly #inWork = new Map<Digest, Array<string>>()
  readonly #takenBack = new Map<string, Outcome | undefined>()
  readonly #needed: ReadonlySet<string>
  readonly #leftOut = new Set<string>()
  #failed = 0

  /** `needed` are the nodes that what was asked for cannot do without; `order` has all nodes. */
  constructor(graph: Graph, needed: ReadonlySet<string>, order: Iterable<string> = graph.nodes.keys()) {
    this.#needed = needed
    this.#ready = new Ordered(order)
    for (const node of graph.nodes.values()) this.#of.set(node.name, { _tag: "Waiting", on: sources(node).length })
  }

  /** Takes a node from one state to another; the only place where a state changes. */
  transition(name: string, to: State): void {
    const from = this.of(name)
    if (!allowed[from._tag].includes(to._tag)) throw new Error(`${name} cannot go from ${from._tag} to ${to._tag}`)
    this.#of.set(name, to)
    this.#ready.delete(name)
    this.#elsewhere.delete(name)
    switch (to._tag) {
      case "Waiting":
        if (from._tag === "Waiting") break
        this.#takenBack.set(name, this.#outcomes.get(name) ?? this.#takenBack.get(name))
        if (this.#outcomes.get(name)?._tag === "Failed") this.#failed--
        this.#outcomes.delete(name)
        this.#leftOut.delete(name)
        if (from._tag === "Running" || from._tag === "Elsewhere") this.#inWork.delete(from.action.key)
        break
      case "Running":
        break
      case "Ready":
        this.#ready.add(name)
        if (from._tag === "Waiting") this.#inWork.set(to.action.key, [name])
        break
      case "Elsewhere":
        this.#elsewhere.add(name)
        break
      case "Following":
        this.#inWork.get(to.key)?.push(name)
        break
      case "Settled":
        this.#outcomes.set(name, to.outcome)
        if (to.outcome._tag === "Failed") this.#failed++
        if (this.leavesOut(name, to.outcome)) this.#leftOut.add(name)
        if (from._tag === "Running" || from._tag === "Elsewhere") this.#inWork.delete(from.action.key)
    }
  }

  of(name: string): State {
    const state = this.#of.get(name)
    if (state === undefined) throw new Error(`${name} is no node of this run`)
    return state
  }

  /** How the nodes ended that are settled. */
  get outcomes(): ReadonlyMap<string, Outcome> {
    return this.#outcomes
  }

  /** Whether a node that ends so only lacks files, its own or those of others, and nothing that was asked for needs it. */
  leavesOut(name: string, outcome: Outcome): boolean {
    if (this.#needed.has(name)) return false
    return outcome._tag === "Missing" || outcome._tag === "Unneeded"
      || (outcome._tag === "Blocked" && outcome.by.every((each) => this.#leftOut.has(each)))
  }

  /** Nodes that ended so. */
  get leftOut(): ReadonlySet<string> {
    return this.#leftOut
  }

  /** Nodes that were taken back, to be looked at again; each with how it had ended, where it had. */
  get takenBack(): ReadonlyMap<string, Outcome | undefined> {
    return this.#takenBack
  }

  /** Nodes that are ready, in their order. */
  get ready(): Pick<Ordered, "size"> & Iterable<string> {
    return this.#ready
  }

  /** Nodes whose keys another run has the leases of, in the order in which that was found. */
  get elsewhere(): ReadonlySet<string> {
    return this.#elsewhere
  }

  /** How many nodes run. */
  get running(): number {
    return this.#inWork.size - this.#ready.size - this.#elsewhere.size
  }

  /** By key, the node that is ready, runs or is executed elsewhere, then those that follow it. */
  get inWork(): ReadonlyMap<Digest, ReadonlyArray<string>> {
    return this.#inWork
  }

  /** Whether any node failed, and was not taken back since. */
  get failed(): boolean {
    return this.#failed > 0
  }
}
