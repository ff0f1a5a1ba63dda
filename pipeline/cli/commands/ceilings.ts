import { Effect } from "effect"
import { InputError } from "../../base/errors.ts"
import { some } from "../../base/text.ts"
import type { Graph } from "../../graph/node.ts"
import { select } from "../../graph/select.ts"
import type { ResultsView } from "../../report/results.ts"
import { paint } from "../../report/terminal.ts"
import { snapshotOf } from "../../status/snapshot.ts"
import { Store } from "../../store/store.ts"
import { withoutStore } from "../project.ts"
import { encoded, readable } from "../tables.ts"
import { print, printJson } from "../text/output.ts"
import { viewText } from "../view-text.ts"

/** `dag results --ceilings`: the best possible results, as far as they were worked out. */
export const printCeilings = Effect.fnUntraced(function*(
  graph: Graph,
  view: ResultsView["ceilings"],
  json: boolean,
) {
  const { stage, output } = view
  const store = yield* Store
  const nodes = [...graph.nodes.values()].filter((node) => node.stage.name === stage)
  if (nodes.length === 0) {
    return yield* new InputError({
      message: `profile "${graph.profile}" has no node of stage "${stage}", which works the ceilings out`,
      help: "name another profile with --profile",
    })
  }
  const run = `dag run ${stage} ${viewText(graph)}`
  const snapshot = yield* snapshotOf(select(graph, [stage]))
  const rows: Array<ReadonlyArray<object>> = []
  const forMachines: Array<ReadonlyArray<object>> = []
  const missing: Array<string> = []
  const older: Array<string> = []
  for (const node of nodes) {
    const { status, record } = snapshot.nodes.get(node.name) ?? {}
    // What was made with other columns cannot be shown and is made again all the same.
    const outputs = record === undefined ? [] : yield* readable(node, record).pipe(Effect.orElseSucceed(() => []))
    const found = outputs.find(({ name }) => name === output)
    if (found === undefined) {
      missing.push(node.name)
      continue
    }
    if (status?._tag !== "Fresh") older.push(node.name)
    const read = yield* store.readRows(found.row, found.digest)
    rows.push(read)
    if (json) forMachines.push(encoded(found.row, read))
  }
  if (json) {
    yield* printJson({ [output]: forMachines.flat(), missing, older })
    return
  }
  if (missing.length === nodes.length) {
    return yield* new InputError({
      message: `profile "${graph.profile}" has no ceilings yet${yield* withoutStore}`,
      help: `work them out: ${run}`,
    })
  }
  yield* print(view.text(rows.flat()))
  if (missing.length > 0) {
    yield* print(paint.yellow(`\nNot worked out yet: ${some(missing)}. To work them out: ${run}`))
  }
  if (older.length > 0) {
    yield* print(paint.yellow(`\nOlder than what they depend on: ${some(older)}. To work them out again: ${run}`))
  }
})
