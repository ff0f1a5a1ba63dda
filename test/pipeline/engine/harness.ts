import { Cause, Effect, Exit, Fiber, Layer, Result } from "effect"
import { AssertionError, deepStrictEqual } from "node:assert"
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Digest, digestOf } from "../../../pipeline/base/digest.ts"
import { executeHere } from "../../../pipeline/execute/here.ts"
import * as LocalExecutor from "../../../pipeline/execute/local.ts"
import { declarationOf } from "../../../pipeline/graph/declare.ts"
import { type FileSet, findFiles } from "../../../pipeline/graph/files.ts"
import { noFilters } from "../../../pipeline/graph/filters.ts"
import { everything } from "../../../pipeline/graph/needed.ts"
import { CodeBase } from "../../../pipeline/identity/code.ts"
import { runGraph } from "../../../pipeline/run/scheduler.ts"
import type { Summary } from "../../../pipeline/run/summary.ts"
import { acceptable } from "../../../pipeline/status/accept.ts"
import { ReadsRecords } from "../../../pipeline/status/at-a-glance.ts"
import { plannedPart } from "../../../pipeline/status/changed-plan.ts"
import { sinceThen } from "../../../pipeline/status/changed.ts"
import { freshPlanOf } from "../../../pipeline/status/fresh-plans.ts"
import { rememberFresh } from "../../../pipeline/status/remember-fresh.ts"
import { type NodeSnapshot, type Snapshot, snapshotOf } from "../../../pipeline/status/snapshot.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import { type Event, Events } from "../../../pipeline/store/events.ts"
import { layoutOf } from "../../../pipeline/store/layout.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"
import * as Store from "../../../pipeline/store/store.ts"
import { filePath, nameOf, ValueRow, WorldEngine } from "./engine.ts"
import type { Overrides, Value, World } from "./model.ts"

/** How one of the engines goes about its run. */
export interface RunOf {
  readonly world: World
  /** How many actions run at a time. */
  readonly jobs: number
  /** After how many events the run is interrupted; undefined where it is let go to its end. */
  readonly stopAfter?: number
  readonly keepGoing?: boolean
  readonly overrides?: Overrides
  /** Whether it looks at no more than what changed, where that is known; not where something may be damaged in secret. */
  readonly isPart?: boolean
}

/** What one run of the real engine did. */
export interface Observed {
  readonly world: World
  readonly planned: Snapshot
  readonly events: ReadonlyArray<Event>
  /** Undefined where the run was interrupted. */
  readonly summary: Summary | undefined
  /** The work that was executed, as often as it was, in the words of `workOf`. */
  readonly executed: ReadonlyArray<string>
  /** By node, the key that the events name. */
  readonly keys: ReadonlyMap<string, Digest>
}

/** The name of the build that a world is of: other code is another build. */
const buildOf = ({ versions }: World): string => versions.join(".")

/** How each node of a plan stands. */
const standings = ({ nodes }: Snapshot): ReadonlyArray<unknown> =>
  [...nodes].map(([name, { status, record }]) => [
    name,
    status._tag,
    record?.key,
    record?.outputs,
    status._tag === "Fresh" ? [status.key, status.accepted?.as, status.frozen, status.released] : "",
  ])

/**
 * What is remembered of a run in which all was up to date says what a plan says that looks at every node: of a node that it
 * leaves out, that it is up to date with that key; of the others, the same. Gives the plan of these.
 */
const remembered = Effect.fnUntraced(function*({ definition, folder, world }: WorldEngine, whole: Snapshot) {
  const { layout, digests } = yield* Store.Store
  const plan = yield* freshPlanOf(layout, "random", noFilters)
  if (plan === undefined) return undefined
  const find = (set: FileSet) => findFiles(set, digests)
  const about = { profile: "random", layout, build: buildOf(world), find, isShown: () => true }
  const changed = yield* sinceThen(plan, about, () => declarationOf(definition, "random", folder))
  if (changed === undefined) return undefined
  if (changed === "nothing") {
    for (const [name, { status }] of whole.nodes) deepStrictEqual([name, status._tag], [name, "Fresh"])
    return undefined
  }
  const part = yield* plannedPart(definition, changed)
  if (part === undefined) return undefined
  const { graph, nodes } = part.planned
  const told = ({ status, record }: NodeSnapshot) => [
    status._tag,
    status._tag === "WillRun" ? [status.action?.key, status.reasons, status.after] : "",
    status._tag === "MayRun" ? [status.reasons, status.after] : "",
    record?.key,
  ]
  const rest = graph.rest?.all()
  const others = new Map((rest?.nodes ?? []).map((name, at) => [name, rest?.keys[at]]))
  deepStrictEqual(nodes.size + others.size, whole.nodes.size)
  for (const [name, each] of whole.nodes) {
    const own = nodes.get(name)
    if (own === undefined) {
      deepStrictEqual([name, each.status._tag, each.record?.key], [name, "Fresh", others.get(name)])
    } else deepStrictEqual([name, told(own)], [name, told(each)])
  }
  return { changed, planned: part.planned }
})

/** What is said of many nodes at once, node by node. */
const eachIn = (event: Event): ReadonlyArray<Event> =>
  event._tag !== "NodesCached" ? [event] : event.nodes.flatMap((node, at) => {
    const key = event.keys[at]
    return key === undefined ? [] : [{ _tag: "NodeCached", node, key }]
  })

/** Gives the engine for a world whose files stand in the folder. */
export type EngineOf = (world: World, folder: string) => WorldEngine

/** In memory where the system has a folder there: what these tests show does not depend on a disk. */
const temporaries = existsSync("/dev/shm") ? "/dev/shm" : tmpdir()

/** Real engines on one store in a temporary folder, with stages that count their executions. */
export class Harness {
  readonly folder = mkdtempSync(join(temporaries, "redag-engine-"))
  readonly store = join(this.folder, "store")
  readonly #engineOf: EngineOf
  /** How many runs looked at no more than what had changed since all was up to date. */
  parts = 0

  constructor(engineOf: EngineOf = (world, folder) => new WorldEngine(world, folder)) {
    this.#engineOf = engineOf
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Plans and runs worlds, all at once on one store. Their files are those of the first. */
  async run(runs: readonly [RunOf, ...ReadonlyArray<RunOf>]): Promise<ReadonlyArray<Observed>> {
    this.#writeFiles(runs[0].world)
    return Promise.all(runs.map((run) => this.#run(run, runs.length === 1)))
  }

  #writeFiles({ files }: World): void {
    for (const [index, content] of files.entries()) {
      const path = filePath(this.folder, index)
      if (content === null) rmSync(path, { force: true })
      else writeFileSync(path, String(content))
    }
  }

  /** Accepts what a node last made for what it now is, and gives the key that this is about. */
  async accept(world: World, index: number): Promise<Digest> {
    this.#writeFiles(world)
    const engine = this.#engineOf(world, this.folder)
    const accept = Effect.gen(function*() {
      const store = yield* Store.Store
      const names = namesOf(world, new Set([index]))
      const { found: [found] } = yield* acceptable(engine.graph, names, names)
      // The model says that it is not.
      if (found === undefined) throw new AssertionError({ message: `node ${index} is up to date` })
      const { node, key, preImage, as } = found
      const noted = { node, key, preImage, as, profile: "random", reason: "a test", differences: [] }
      yield* store.files.accepted.publish(key, { ...noted, when: "", commit: null, dirty: false })
      return key
    })
    return Result.getOrThrow(await this.#ask(Effect.provideService(accept, CodeBase, engine.code)))
  }

  async #run(
    { world, jobs, stopAfter = Infinity, keepGoing = true, overrides, isPart = false }: RunOf,
    isAlone: boolean,
  ): Promise<Observed> {
    const engine = this.#engineOf(world, this.folder)
    const { graph } = engine
    const events: Array<Event> = []
    let planned: Snapshot | undefined
    const emit = (event: Event) =>
      Effect.sync(() => {
        events.push(...eachIn(event))
        if (events.length >= stopAfter) fiber.interruptUnsafe()
      })
    const inline = executeHere(
      ({ stage }) => Effect.sync(() => engine.stageOf(stage)),
      Effect.succeed({ peakMemory: null, log: null }),
    )
    const services = LocalExecutor.layer(Effect.succeed({ alone: inline }), { program: "none", arguments: [] }).pipe(
      Layer.provideMerge(Store.layer(this.store).pipe(Layer.provideMerge(Disk.layer))),
      Layer.provideMerge(Layer.succeed(CodeBase, engine.code)),
      Layer.provideMerge(Layer.succeed(Events, { emit })),
    )
    const program = Effect.gen({ self: this }, function*() {
      const treated = {
        forced: namesOf(world, overrides?.forced),
        frozen: namesOf(world, overrides?.frozen),
      }
      planned = yield* snapshotOf(graph, treated)
      // What can be told at a glance is what reading every record says.
      if (isAlone) {
        const read = yield* Effect.provideService(snapshotOf(graph, treated), ReadsRecords, true)
        deepStrictEqual(standings(planned), standings(read))
      }
      const options = {
        run: "test",
        selectors: [],
        asked: everything,
        limits: { jobs, cpu: jobs, memory: 4096, gpu: 0 },
        keepGoing,
        commit: { commit: null, dirty: false },
      }
      const isUsual = isAlone && isPart && treated.forced.size + treated.frozen.size === 0
      const since = isUsual ? yield* remembered(engine, planned) : undefined
      if (since !== undefined) this.parts++
      const begun = since ?? { planned, changed: undefined }
      const summary = yield* runGraph(begun.planned.graph, begun.planned, options)
      if (isUsual) {
        const made = new Map(
          events.flatMap((event) => event._tag === "NodeSucceeded" ? [[event.node, event.key] as const] : []),
        )
        yield* rememberFresh(begun.planned, buildOf(world), made, null, begun.changed)
      }
      return summary
    })
    // What ends without waiting for anything would end before the fiber has its name.
    const fiber: Fiber.Fiber<Summary, unknown> = Effect.runFork(
      Effect.andThen(Effect.yieldNow, program.pipe(Effect.provide(services))),
    )
    const exit = await Effect.runPromise(Fiber.await(fiber))
    if (Exit.isFailure(exit) && (events.length < stopAfter || !Cause.hasInterruptsOnly(exit.cause))) {
      throw new Error("the run ended in a failure", { cause: exit })
    }
    if (planned === undefined) throw new Error("the run ended before its plan was made")
    const keys = new Map(
      events.flatMap((event) =>
        "node" in event && "key" in event && event.key !== null ? [[event.node, event.key] as const] : []
      ),
    )
    const summary = Exit.isSuccess(exit) ? exit.value : undefined
    return { world, planned, events, summary, executed: engine.executed, keys }
  }

  #ask<A, E>(effect: Effect.Effect<A, E, Store.Store>): Promise<Result.Result<A, E>> {
    const layer = Store.layer(this.store).pipe(Layer.provideMerge(Disk.layer))
    return Effect.runPromise(Effect.result(effect).pipe(Effect.provide(layer)))
  }

  /** The record of an action, if the store has it and can read it. */
  async record(key: Digest): Promise<ActionRecord | undefined> {
    return Result.getOrUndefined(await this.#ask(Effect.flatMap(Store.Store, (store) => store.record(key))))
  }

  /** The value that an object holds; undefined where it cannot be read, or is not what its name says. */
  async value(digest: Digest): Promise<Value | undefined> {
    const read = await this.#ask(Effect.flatMap(Store.Store, (store) => store.readRows(ValueRow, digest)))
    return (Result.getOrUndefined(read) as ReadonlyArray<Value> | undefined)?.[0]
  }

  object(digest: Digest): string {
    return layoutOf(this.store).object(digest)
  }

  /** Whether an object has the content that its name says. */
  isWhole(digest: Digest): boolean {
    const path = this.object(digest)
    return existsSync(path) && digestOf(readFileSync(path)) === digest
  }

  deleteObject(digest: Digest): void {
    rmSync(this.object(digest), { force: true })
  }

  truncateObject(digest: Digest): void {
    truncateSync(this.object(digest), 5)
  }

  /** Flips a bit, so that the object keeps its size. */
  flipObject(digest: Digest): void {
    flip(this.object(digest))
  }

  deleteRecord(key: Digest): void {
    rmSync(this.#recordPath(key), { force: true })
  }

  tearRecord(key: Digest): void {
    writeFileSync(this.#recordPath(key), "{ torn")
  }

  flipRecord(key: Digest): void {
    flip(this.#recordPath(key))
  }

  /** Puts the record of another action in its place, where there is another. */
  swapRecord(key: Digest): void {
    const { folder, path } = layoutOf(this.store).records
    const isOther = (name: string) => !readFileSync(join(folder, name), "utf8").includes(`"key": "${key}"`)
    const other = readdirSync(folder).find(isOther)
    if (other === undefined) this.tearRecord(key)
    else copyFileSync(join(folder, other), path(key))
  }

  /** How many records there are that others of the same key contradict. */
  async conflicts(): Promise<number> {
    return Result.getOrThrow(await this.#ask(Effect.flatMap(Store.Store, (store) => store.conflicts))).length
  }

  #recordPath(key: Digest): string {
    return layoutOf(this.store).records.path(key)
  }

  /** The key of the last action of each node. */
  async heads(): Promise<ReadonlyMap<string, Digest>> {
    return Result.getOrThrow(await this.#ask(Effect.flatMap(Store.Store, (store) => store.heads("random"))))
  }

  deleteHeads(): void {
    rmSync(join(this.store, "heads"), { recursive: true, force: true })
  }

  flipHeads(): void {
    const { heads: { folder } } = layoutOf(this.store)
    if (existsSync(folder)) { for (const name of readdirSync(folder)) flip(join(folder, name)) }
  }
}

const namesOf = ({ nodes }: World, indices: ReadonlySet<number> = new Set()): ReadonlySet<string> =>
  new Set(nodes.flatMap((spec, index) => (indices.has(index) ? [nameOf(spec, index)] : [])))

const flip = (path: string): void => {
  const bytes = readFileSync(path)
  const at = bytes.length >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(path, bytes)
}
