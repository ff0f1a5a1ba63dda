import { Effect, Layer, Result, Schema } from "effect"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Digest, digestOf } from "../../../pipeline/base/digest.ts"
import { StageError } from "../../../pipeline/base/errors.ts"
import * as LocalExecutor from "../../../pipeline/execute/local.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import type { Graph, Ref, RunnableStage } from "../../../pipeline/graph/node.ts"
import { files, many, stage } from "../../../pipeline/graph/stage.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"

import type { StageOf } from "../../../pipeline/execute/program.ts"
import { CodeBase, digestOfCode } from "../../../pipeline/identity/code.ts"
import { runGraph } from "../../../pipeline/run/scheduler.ts"
import type { Summary } from "../../../pipeline/run/summary.ts"
import { type Snapshot, snapshotOf } from "../../../pipeline/status/snapshot.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import { type Event, Events } from "../../../pipeline/store/events.ts"
import { layoutOf } from "../../../pipeline/store/layout.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"
import * as Store from "../../../pipeline/store/store.ts"
import { compute, type NodeSpec, type Value, workOf, type World } from "./model.ts"

const ValueRow = Schema.Struct({ value: Schema.Int, tag: Schema.Int }).annotate({ identifier: "values" })

/** What one run of the real engine did. */
export interface Observed {
  readonly planned: Snapshot
  readonly events: ReadonlyArray<Event>
  readonly summary: Summary
  /** The work that was executed, as often as it was, in the words of `workOf`. */
  readonly executed: ReadonlyArray<string>
  /** By node, the value read back from the store of the action that it settled on. */
  readonly values: ReadonlyMap<string, Value>
}

/** The name of a node in the graph. */
export const nameOf = (spec: NodeSpec, index: number): string => `op${spec.stage}/n${index}`

/** The engine on a store in a temporary folder, with stages that count their executions. */
export class Harness {
  readonly folder = mkdtempSync(join(tmpdir(), "redag-engine-"))
  readonly store = join(this.folder, "store")
  #executed: Array<string> = []
  #world: World = { nodes: [], versions: [], files: [], broken: new Set() }
  readonly #stages = [0, 1, 2].map((index) => this.#stage(index))

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #stage(index: number) {
    return stage({
      name: `op${index}`,
      params: Schema.Struct({ add: Schema.Int, tag: Schema.Int }),
      inputs: { from: many(ValueRow), text: files },
      outputs: { values: ValueRow },
      run: ({ params, inputs }) =>
        Effect.gen({ self: this }, function*() {
          const rows = yield* Effect.forEach(inputs.from, (table) => table.rows)
          const [file] = inputs.text
          const version = this.#world.versions[index] ?? 0
          const content = file === undefined ? 0 : Number(readFileSync(file.path, "utf8"))
          this.#executed.push(
            workOf({ stage: index, ...params }, version, rows.flat(), fileIndex(file?.name), content),
          )
          // Gives others the turn, so that actions really overlap.
          yield* Effect.yieldNow
          if (this.#world.broken.has(index)) {
            return yield* new StageError({ message: "broken", help: "mend it", transient: false })
          }
          return { values: [compute(version, params, rows.flat(), content)] }
        }),
    })
  }

  #graph(): Graph {
    const { nodes } = this.#world
    return expand(
      experiment({
        defaultProfile: "random",
        profiles: {
          random: (dag) => {
            const made: Array<Ref<Value>> = []
            for (const [index, spec] of nodes.entries()) {
              const op = this.#stages[spec.stage]
              if (op === undefined) throw new Error(`no stage ${spec.stage}`)
              const { values } = dag.add(op, {
                name: `n${index}`,
                params: { add: spec.add, tag: spec.tag },
                inputs: {
                  from: spec.from.flatMap((source) => made[source] ?? []),
                  text: { title: "text", base: this.folder, names: spec.file === null ? [] : [fileName(spec.file)] },
                },
              })
              made.push(values)
            }
          },
        },
      }),
      "random",
      this.folder,
    )
  }

  /** Plans and runs the world, and reads back what every node settled on. */
  async run(world: World, jobs: number): Promise<Observed> {
    this.#world = world
    this.#executed = []
    for (const [index, content] of world.files.entries()) {
      const path = join(this.folder, fileName(index))
      if (content === null) rmSync(path, { force: true })
      else writeFileSync(path, String(content))
    }
    const graph = this.#graph()
    const stages = new Map<string, RunnableStage>([...graph.nodes.values()].map(({ stage }) => [stage.name, stage]))
    const stageOf: StageOf = ({ stage }) => Effect.fromNullishOr(stages.get(stage)).pipe(Effect.orDie)
    const events: Array<Event> = []
    const services = LocalExecutor.layer(stageOf, { program: "none", arguments: [] }).pipe(
      Layer.provideMerge(Store.layer(this.store).pipe(Layer.provideMerge(Disk.layer))),
      Layer.provideMerge(Layer.succeed(CodeBase, this.#code())),
      Layer.provideMerge(Layer.succeed(Events, { emit: (event) => Effect.sync(() => void events.push(event)) })),
    )
    const program = Effect.gen(function*() {
      const planned = yield* snapshotOf(graph)
      const summary = yield* runGraph(graph, planned, {
        run: "test",
        selectors: [],
        limits: { jobs, cpu: jobs, memory: 4096, gpu: 0 },
        keepGoing: true,
        commit: { commit: null, dirty: false },
      })
      const store = yield* Store.Store
      const values = new Map<string, Value>()
      for (const event of events) {
        if (event._tag !== "NodeCached" && event._tag !== "NodeSucceeded") continue
        const hit = yield* store.hit(event.key)
        const output = hit._tag === "Hit" ? hit.record.outputs["values"] : undefined
        if (output === undefined) throw new Error(`${event.node} settled on ${event.key}, which is ${hit._tag}`)
        const rows = (yield* store.readRows(ValueRow, output.digest)) as ReadonlyArray<Value>
        if (rows[0] !== undefined) values.set(event.node, rows[0])
      }
      return { planned, summary, values }
    })
    const outcome = await Effect.runPromise(program.pipe(Effect.provide(services)))
    return { ...outcome, events, executed: this.#executed }
  }

  #code(): CodeBase["Service"] {
    return {
      of: (name) => {
        const version = this.#world.versions[Number(name.slice("op".length))] ?? 0
        const parts = { [`stages/${name}/stage.ts: ${name}`]: `version ${version}` }
        const code = { program: digestOf(`${name} ${version}`), packages: {}, sources: null, parts, coarse: [] }
        return { code, digest: digestOfCode(code) }
      },
    }
  }

  /** The record of an action, if the store has it and can read it. */
  record(key: Digest): ActionRecord | undefined {
    const layer = Store.layer(this.store).pipe(Layer.provideMerge(Disk.layer))
    const read = Effect.flatMap(Store.Store, (store) => Effect.result(store.record(key)))
    return Result.getOrUndefined(Effect.runSync(read.pipe(Effect.provide(layer))))
  }

  object(digest: Digest): string {
    return layoutOf(this.store).object(digest)
  }

  deleteObject(digest: Digest): void {
    rmSync(this.object(digest), { force: true })
  }

  truncateObject(digest: Digest): void {
    truncateSync(this.object(digest), 5)
  }

  deleteRecord(key: string): void {
    rmSync(join(this.store, "actions", `${key}.json`), { force: true })
  }

  corruptRecord(key: string): void {
    writeFileSync(join(this.store, "actions", `${key}.json`), "{ torn")
  }

  deleteHeads(): void {
    rmSync(join(this.store, "heads"), { recursive: true, force: true })
    mkdirSync(this.store, { recursive: true })
  }
}

const fileName = (index: number): string => `f${index}.txt`

const fileIndex = (name: string | undefined): number | null => (name === undefined ? null : Number(name.slice(1, -4)))
