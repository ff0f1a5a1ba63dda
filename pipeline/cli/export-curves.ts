import { Effect } from "effect"
import { join, resolve } from "node:path"
import { InputError } from "../base/errors.ts"
import { counted, some } from "../base/text.ts"
import type { Graph } from "../graph/node.ts"
import { select, type Selection } from "../graph/select.ts"
import { csvOf } from "../report/csv.ts"
import { curvesOfNode, makesCurves, type NodeCurves } from "../report/curves.ts"
import { tfevents } from "../report/tfevents.ts"
import { snapshotOf } from "../status/snapshot.ts"
import { deliver, type Delivery } from "./deliver.ts"
import { Project, withoutStore } from "./project.ts"
import { selected, selectionText } from "./selecting.ts"
import { print, printJson, printNote } from "./text/output.ts"
import { viewText } from "./view-text.ts"

/** TensorBoard reads every file below its folder whose name has "tfevents" in it; each folder is a run. */
const eventsFile = "events.out.tfevents.redag"

/** Writes the curves of the selected nodes below a folder, those of each in a folder of its name: as CSV, and for TensorBoard. */
export const exportCurves = Effect.fnUntraced(function*(
  graph: Graph,
  selection: Selection,
  to: string,
  { force, json }: { readonly force: boolean; readonly json: boolean },
) {
  const { experiment: { series = {} } } = yield* Project
  const { chosen } = yield* selected(graph, selection)
  const wanted = [...chosen].filter((name) => makesCurves(series, graph.nodes.get(name)?.stage.outputs ?? {}))
  if (wanted.length === 0) {
    const stages = [...graph.nodes.values()].flatMap(({ stage }) =>
      makesCurves(series, stage.outputs) ? [stage.name] : []
    )
    return yield* new InputError({
      message: selection.include.length === 0
        ? `no node of profile "${graph.profile}" makes curves`
        : "no such node makes curves",
      help: stages.length === 0
        ? "name another profile with --profile"
        : `name nodes of the stage ${some([...new Set(stages)])}`,
    })
  }
  const { nodes } = yield* snapshotOf(select(graph, wanted))
  const files: Array<Delivery> = []
  const found: Array<string> = []
  const unfinished: Array<string> = []
  const older: Array<string> = []
  for (const name of wanted) {
    const node = nodes.get(name)
    const curves = node === undefined ? undefined : yield* curvesOfNode(series, node)
    if (node === undefined || curves === undefined) continue
    // At once, so that no more than the rows of one node are in memory.
    files.push(...filesOf(curves, resolve(to)))
    found.push(name)
    if (curves.state._tag !== "Done") unfinished.push(name)
    else if (node.status._tag !== "Fresh") older.push(name)
  }
  if (found.length === 0) {
    return yield* new InputError({
      message: `${
        wanted.length === 1 ? `${wanted.join("")} has made no` : "none of the nodes has made"
      } curves yet${yield* withoutStore}`,
      help: `run them: dag run${selectionText(selection)} ${viewText(graph)}`,
    })
  }
  yield* deliver(files, force)
  const none = wanted.length - found.length
  if (none > 0) yield* printNote(`${counted(none, "node")} of ${wanted.length} made no curves yet`)
  if (unfinished.length > 0) {
    yield* printNote(
      `${some(unfinished)} ${unfinished.length === 1 ? "is" : "are"} not done: written as far as they are`,
    )
  }
  if (older.length > 0) {
    yield* printNote(
      `${some(older)} ${older.length === 1 ? "is" : "are"} older than what ${
        older.length === 1 ? "it depends" : "they depend"
      } on: "dag plan" says what changed`,
    )
  }
  if (json) return yield* printJson(files.map(({ file }) => ({ file })))
  yield* print(
    `${counted(files.length, "file")} of ${
      counted(found.length, "node")
    } in ${to}; "tensorboard --logdir ${to}" shows them`,
  )
})

const filesOf = (curves: NodeCurves, to: string): ReadonlyArray<Delivery> => {
  const folder = join(to, ...curves.node.split("/"))
  return [
    ...curves.tables.filter(({ rows }) => rows.length > 0).map(({ output, rows }) => ({
      file: join(folder, `${output}.csv`),
      wanted: { content: csvOf(rows) },
    })),
    { file: join(folder, eventsFile), wanted: { content: tfevents(curves) } },
  ]
}
