import { Effect } from "effect"
import { attemptPromise } from "../../base/attempt.ts"
import { columnsDigest } from "../../identity/fingerprint.ts"
import type { PageNode, PageSource } from "../../report/pages.ts"
import type { NodeSnapshot } from "../../status/snapshot.ts"
import { Store } from "../../store/store.ts"
import { Project } from "../project.ts"
import type { Asked } from "./route.ts"
import type { View } from "./view.ts"

/** So many tables are held, since the pages of one cell read the same ones. */
const HELD = 12

/** Gives what answers for the pages of the experiment: undefined where it has no such page. */
export const makePages = Effect.gen(function*() {
  const { experiment: { pages = {} } } = yield* Project
  const store = yield* Store
  const run = Effect.runPromiseWith(yield* Effect.context<Store>())
  const held = new Map<string, Promise<ReadonlyArray<object>>>()

  const rowsOf = (found: NodeSnapshot | undefined, output: string): Promise<ReadonlyArray<object> | undefined> => {
    const [row, made] = [found?.node.stage.outputs[output], found?.record?.outputs[output]]
    if (row === undefined || made === undefined || found?.record?.preImage.outputs[output] !== columnsDigest(row)) {
      return Promise.resolve(undefined)
    }
    const key = `${made.digest} ${found.node.stage.name} ${output}`
    const rows = held.get(key) ?? run(store.readRows(row, made.digest))
    held.delete(key)
    held.set(key, rows)
    for (const oldest of [...held.keys()].slice(0, Math.max(0, held.size - HELD))) held.delete(oldest)
    // What cannot be read now may be made again.
    rows.catch(() => held.delete(key))
    return rows
  }
  const sourceOf = ({ graph, snapshot }: View): PageSource => ({
    profile: graph.profile,
    nodes: new Map([...snapshot.nodes].map(([name, found]) => [name, nodeOf(found)])),
    rows: (node, output) => rowsOf(snapshot.nodes.get(node), output),
  })
  const sources = new WeakMap<View, PageSource>()

  return (view: View, { path: [name = "", ...rest] }: Asked) => {
    const page = Object.hasOwn(pages, name) ? pages[name] : undefined
    const source = sources.get(view) ?? sourceOf(view)
    sources.set(view, source)
    return page === undefined ? Effect.succeed(undefined) : attemptPromise(() => page.make(source, rest))
  }
})

const nodeOf = ({ node, record }: NodeSnapshot): PageNode => ({
  stage: node.stage.name,
  params: node.params,
  inputs: Object.fromEntries(
    [...node.inputs].flatMap(([role, wire]) =>
      wire._tag === "Artifacts" ? [[role, wire.refs.map((ref) => ({ node: ref.node, output: ref.output }))]] : []
    ),
  ),
  made: record === undefined ? undefined : {
    rows: Object.fromEntries(Object.entries(record.outputs).map(([output, { rows }]) => [output, rows])),
    counts: record.counts,
  },
})
