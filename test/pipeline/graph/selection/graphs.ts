import { Schema } from "effect"
import { type Graph, type Node, type Ref, Wires } from "../../../../pipeline/graph/node.ts"
import { many, stage } from "../../../../pipeline/graph/stage.ts"

const Row = Schema.Struct({ n: Schema.Int }).annotate({ identifier: "rows" })

const stages = new Map<string, Node["stage"]>()

const stageOf = (name: string): Node["stage"] => {
  const found = stages.get(name) ?? stage({
    name,
    params: Schema.Struct({}),
    inputs: { from: many(Row) },
    outputs: { rows: Row },
    run: () => {
      throw new Error("selecting runs nothing")
    },
  }) as unknown as Node["stage"]
  stages.set(name, found)
  return found
}

/** A node of a graph that is only selected from: its name, its sources, and its params. */
export interface Given {
  readonly name: string
  readonly from: ReadonlyArray<string>
  readonly params?: object
}

/** At which place of a declaration the node stands that is the how manieth of a graph; undefined where nobody knows. */
export type Places = (index: number) => number | undefined

/** A graph of nodes each of which stands after its sources. */
export const graphOf = (given: Iterable<Given>, facets?: Graph["facets"], places: Places = (index) => index): Graph => {
  const nodes = new Map<string, Node>()
  const placeOf = new Map<string, number | undefined>()
  for (const { name, from, params = {} } of given) {
    const refs = from.map((node): Ref<unknown> => ({ _tag: "Ref", node, output: "rows", artifact: "rows" }))
    const at = places(nodes.size)
    placeOf.set(name, at)
    const inputs = at === undefined ? new Map() : new Wires(at, from.map((source) => placeOf.get(source) ?? -1))
    nodes.set(name, {
      name,
      stage: stageOf(name.split("/")[0] ?? ""),
      declared: params,
      params,
      resources: { cpu: 1, memory: 1, gpu: 0 },
      options: {},
      inputs: inputs.set("from", { _tag: "Artifacts", refs }),
    })
  }
  return { profile: "p", nodes, ...(facets === undefined ? {} : { facets }) }
}

/** An experiment in small: two corpora, three models, and settings. */
export const small = graphOf(
  (function*(): Generator<Given> {
    for (const corpus of ["cdr", "dce"]) {
      yield { name: `read/${corpus}`, from: [], params: { format: corpus === "cdr" ? "pubtator" : "dce" } }
      for (const setting of ["16", "full"]) {
        yield { name: `sample/${corpus}/${setting}`, from: [`read/${corpus}`], params: { shots: setting } }
        for (const model of ["t5-mini", "t5-base", "bart"]) {
          const run = `${model}/${corpus}/${setting}`
          yield {
            name: `train/${run}`,
            from: [`sample/${corpus}/${setting}`],
            params: { model: { kind: model.split("-")[0] }, epochs: 3 },
          }
          yield {
            name: `score/${run}`,
            from: [`train/${run}`, `read/${corpus}`],
            params: { measure: { by: "strict" } },
          }
        }
      }
    }
    yield {
      name: "table/all",
      from: ["cdr", "dce"].flatMap((corpus) =>
        ["16", "full"].flatMap((setting) =>
          ["t5-mini", "t5-base", "bart"].map((model) => `score/${model}/${corpus}/${setting}`)
        )
      ),
    }
  })(),
  { corpus: ["cdr", "dce"], model: ["t5-*", "bart"], setting: ["16", "full"] },
)
