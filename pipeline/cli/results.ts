import { Effect } from "effect"
import { Command } from "effect/cli"
import { InputError } from "../errors.ts"
import { plan } from "../freshness.ts"
import type { Graph } from "../graph.ts"
import { headRecords } from "../lineage.ts"
import { select } from "../select.ts"
import { Store } from "../store/store.ts"
import { paint, print, printJson } from "./output.ts"
import { graphOf, jsonFlag, profileFlag, Project } from "./project.ts"

/** `dag results`: the results table as it was last computed. */
export const results = Command.make(
  "results",
  { profile: profileFlag, json: jsonFlag },
  ({ profile, json }) =>
    Effect.gen(function*() {
      const graph = yield* graphOf(profile)
      const found = yield* resultRows(graph)
      if (found === undefined) {
        return yield* new InputError({
          message: `profile "${graph.profile}" has no results yet`,
          help: `compute them: dag run --profile ${graph.profile}`,
        })
      }
      if (json) {
        yield* printJson(found.rows)
        return
      }
      yield* print(found.text)
      if (!found.upToDate) {
        yield* print(paint.yellow(`\nThese results are older than what they stand on: "dag plan" says what changed.`))
      }
    }),
).pipe(Command.withDescription("Print the results table as it was last computed"))

/** Prints the results after a run, where the graph holds them. */
export const printResults = Effect.fnUntraced(function*(graph: Graph) {
  const found = yield* resultRows(graph)
  if (found !== undefined) yield* print(`\n${found.text}`)
})

const resultRows = Effect.fnUntraced(function*(graph: Graph) {
  const { experiment } = yield* Project
  const store = yield* Store
  const view = experiment.results
  const node = view === undefined ? undefined : graph.nodes.get(view.node)
  if (view === undefined || node === undefined) return undefined
  // What is up to date as declared, though it need not be what was computed last.
  const state = (yield* plan(select(graph, [node.name]))).get(node.name)
  const record = state?._tag === "Fresh" ? state.record : (yield* headRecords(graph)).get(node.name)
  const output = record?.outputs[view.output]
  const row = node.stage.outputs[view.output]
  if (output === undefined || row === undefined) return undefined
  const rows = yield* store.readRows(row, output.digest)
  return { rows, upToDate: state?._tag === "Fresh", text: view.render(rows) }
})
