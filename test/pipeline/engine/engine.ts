import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { StageError } from "../../../pipeline/base/errors.ts"
import type { Profiles } from "../../../pipeline/graph/builder.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import { noFilters } from "../../../pipeline/graph/filters.ts"
import type { Graph, Ref, RunnableStage } from "../../../pipeline/graph/node.ts"
import { available, files, many, stage } from "../../../pipeline/graph/stage.ts"
import { type CodeBase, digestOfCode } from "../../../pipeline/identity/code.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"
import { compute, type NodeSpec, type Value, workOf, type World } from "./model.ts"

/** The artifact that every stage of the tests makes. */
export const ValueRow = Schema.Struct({ value: Schema.Int, tag: Schema.Int }).annotate({ identifier: "values" })

/** The name of a node in the graph. */
export const nameOf = (spec: NodeSpec, index: number): string => `op${spec.stage}/n${index}`

/** The name of a file that nodes read. */
export const fileName = (index: number): string => `f${index}.txt`

const fileIndex = (name: string | undefined): number | null => (name === undefined ? null : Number(name.slice(1, -4)))

/** A world as the engine takes it: a graph, stages that count their executions, and the code that they are of. */
export class WorldEngine {
  /** The work that was executed, as often as it was, in the words of `workOf`. */
  readonly executed: Array<string> = []
  readonly world: World
  readonly graph: Graph
  /** The graph as a project declares it. */
  readonly definition: Profiles
  readonly folder: string
  readonly #operations = [0, 1, 2].map((index) => this.#stage(index))
  readonly #stages: ReadonlyMap<string, RunnableStage>

  /** The world's files stand in the folder. */
  constructor(world: World, folder: string) {
    this.world = world
    this.folder = folder
    this.definition = this.#definition()
    this.graph = expand(this.definition, "random", folder, noFilters, true)
    this.#stages = new Map([...this.graph.nodes.values()].map(({ stage }) => [stage.name, stage]))
  }

  /** The stage of a name. */
  stageOf(name: string): RunnableStage {
    const found = this.#stages.get(name)
    if (found === undefined) throw new Error(`no stage ${name}`)
    return found
  }

  get code(): CodeBase["Service"] {
    return {
      of: (name) => {
        const version = this.world.versions[Number(name.slice("op".length))] ?? 0
        const parts = { [`stages/${name}/stage.ts: ${name}`]: `version ${version}` }
        const code = { program: digestOf(`${name} ${version}`), packages: {}, sources: null, parts, coarse: [] }
        return { code, digest: digestOfCode(code) }
      },
    }
  }

  #stage(index: number) {
    return stage({
      name: `op${index}`,
      params: Schema.Struct({ add: Schema.Int, tag: Schema.Int }),
      inputs: { from: many(ValueRow), any: available(ValueRow), text: files },
      outputs: { values: ValueRow },
      run: ({ params, inputs }) =>
        Effect.gen({ self: this }, function*() {
          const rows = yield* Effect.forEach(inputs.from, (table) => table.rows)
          const others = yield* Effect.forEach(inputs.any, (table) => table.rows)
          const [file] = inputs.text
          const version = this.world.versions[index] ?? 0
          const content = file === undefined ? 0 : Number(readFileSync(file.path, "utf8"))
          const spec = { stage: index, ...params }
          this.executed.push(workOf(spec, version, rows.flat(), others.flat(), fileIndex(file?.name), content))
          // Gives others the turn, so that actions really overlap.
          yield* Effect.yieldNow
          if (this.world.broken.has(index)) {
            return yield* new StageError({ message: "broken", help: "fix it", transient: false })
          }
          return { values: [compute(version, params, [...rows.flat(), ...others.flat()], content)] }
        }),
    })
  }

  #definition(): Profiles {
    const { nodes } = this.world
    return experiment({
      defaultProfile: "random",
      profiles: {
        random: (dag) => {
          const made: Array<Ref<Value>> = []
          for (const [index, spec] of nodes.entries()) {
            const op = this.#operations[spec.stage]
            if (op === undefined) throw new Error(`no stage ${spec.stage}`)
            const { values } = dag.add(op, {
              name: `n${index}`,
              params: { add: spec.add, tag: spec.tag },
              inputs: {
                from: spec.from.flatMap((source) => made[source] ?? []),
                any: spec.any.flatMap((source) => made[source] ?? []),
                text: {
                  title: "text",
                  base: this.folder,
                  names: spec.file === null ? [] : [fileName(spec.file)],
                },
              },
            })
            made.push(values)
          }
        },
      },
    })
  }
}

/** The path of a file that nodes read. */
export const filePath = (folder: string, index: number): string => join(folder, fileName(index))
