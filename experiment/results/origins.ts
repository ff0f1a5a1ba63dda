import { Schema } from "effect"
import type { Provenance } from "redag"
import type { Result } from "../../schemas/results.ts"
import { Cell } from "../../schemas/scores.ts"
import { findModel } from "../models.ts"
import { mainRows } from "./layout.ts"
import type { ResultTables } from "./tables.ts"

/** One action that results are made from. */
export type Ancestor = Awaited<ReturnType<Provenance["lineage"]>>[number]

/** The name of the node that an action is of. */
export const nameOf = ({ node, record }: Ancestor): string => node ?? record.node

/** One run of a cell: the actions that scored it, and all that only this cell is made from. */
export interface RunOrigin {
  readonly seed: number | null
  readonly scores: ReadonlyArray<Ancestor>
  readonly own: ReadonlyArray<Ancestor>
}

/** A number of Table 1 and where it comes from. */
export interface CellOrigin {
  /** The id of its entry on a page. */
  readonly id: string
  readonly result: Result
  readonly runs: ReadonlyArray<RunOrigin>
  /** What other cells are made from too. */
  readonly shared: ReadonlyArray<Ancestor>
}

/** Where all numbers come from. */
export interface Origins {
  readonly cells: ReadonlyArray<CellOrigin>
  /** All actions, each once, sources before what is made of them. */
  readonly actions: ReadonlyArray<Ancestor>
  /** The action that made the results; undefined where its record is gone. */
  readonly table: Ancestor | undefined
}

const isCell = Schema.is(Cell)

/** The run that an action scored. */
const cellOf = ({ record: { preImage } }: Ancestor): Cell | undefined => {
  const cell = preImage.stage === "score" ? preImage.params["cell"] : undefined
  return isCell(cell) ? cell : undefined
}

const keyOf = ({ model, corpus, setting }: Pick<Cell, "model" | "corpus" | "setting">): string =>
  JSON.stringify([findModel(model)?.name ?? model, corpus, setting])

/** Where the numbers of Table 1 come from. */
export const originsOf = async ({ results }: ResultTables, provenance: Provenance): Promise<Origins> => {
  const known = new Map<string, Ancestor>()
  const add = async (node: string): Promise<ReadonlyArray<Ancestor>> => {
    const lineage = await provenance.lineage(node)
    for (const ancestor of lineage) known.set(ancestor.id, ancestor)
    return lineage
  }
  const nodesOf = (stage: string) => [...provenance.records].filter(([, { preImage }]) => preImage.stage === stage)
  // One lineage holds all the others, unless what made the results is no longer what their graph makes.
  const [table] = await Promise.all(nodesOf("aggregate").map(async ([node]) => (await add(node))[0]))
  const rows = mainRows(results)
  const scored = () =>
    Map.groupBy([...known.values()].filter((one) => cellOf(one) !== undefined), (one) => {
      const cell = cellOf(one)
      return cell === undefined ? "" : keyOf(cell)
    })
  const found = scored()
  for (const [node, { preImage }] of nodesOf("score")) {
    const cell = preImage.params["cell"]
    if (isCell(cell) && !found.has(keyOf(cell))) await add(node)
  }
  const scores = scored()

  const below = (start: ReadonlyArray<Ancestor>): ReadonlyArray<Ancestor> => {
    const seen = new Map<string, Ancestor>()
    const queue = [...start]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (seen.has(next.id)) continue
      seen.set(next.id, next)
      for (const { maker } of next.sources) {
        const source = maker === undefined ? undefined : known.get(maker.id)
        if (source !== undefined) queue.push(source)
      }
    }
    return [...seen.values()]
  }
  const users = new Map<string, Set<string>>()
  const drafts = rows.map((result) => {
    const key = keyOf(result)
    const bySeed = Map.groupBy(scores.get(key) ?? [], (score) => cellOf(score)?.seed ?? null)
    const runs = [...bySeed].toSorted(([a], [b]) => (a ?? 0) - (b ?? 0)).map(([seed, own]) => ({
      seed,
      scores: own.toSorted((a, b) =>
        (nameOf(a).includes("official/") ? 1 : 0) - (nameOf(b).includes("official/") ? 1 : 0)
      ),
      all: below(own),
    }))
    for (const { all } of runs) {
      for (const { id } of all) users.set(id, (users.get(id) ?? new Set()).add(key))
    }
    return { result, runs }
  })
  const isOwn = ({ id }: Ancestor): boolean => users.get(id)?.size === 1
  const ids = new Set<string>()
  return {
    cells: drafts.map(({ result, runs }) => ({
      id: newId(ids, ["cell", result.model, result.corpus, result.setting]),
      result,
      runs: runs.map(({ seed, scores, all }) => ({ seed, scores, own: all.filter(isOwn) })),
      shared: [...new Set(runs.flatMap(({ all }) => all.filter((one) => !isOwn(one))))],
    })),
    actions: [...known.values()].toReversed(),
    table,
  }
}

/** An id of letters, digits and hyphens, which no other has. */
export const newId = (taken: Set<string>, words: ReadonlyArray<string>): string => {
  const wanted = words.join("-").toLowerCase().replace(/[^a-z0-9]+/gu, "-").replace(/-$/u, "")
  let id = wanted
  for (let count = 2; taken.has(id); count++) id = `${wanted}-${count}`
  taken.add(id)
  return id
}
