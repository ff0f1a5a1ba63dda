import { Effect } from "effect"
import { isDigest } from "../base/digest.ts"
import { StoreError } from "../base/errors.ts"
import type { Declaration } from "../graph/declare.ts"
import type { Experiment } from "../report/experiment.ts"
import type { Provenance } from "../report/results.ts"
import type { Disk } from "../store/disk.ts"
import type { RememberedPlan } from "../store/fresh-plan.ts"
import type { Layout } from "../store/layout.ts"
import { makeObjects } from "../store/objects.ts"
import type { Suspects } from "../store/suspects.ts"
import { makeTables } from "../store/tables.ts"
import { viewBeside } from "./view-text.ts"

/** Nothing is written by who only looks. */
const refused = new StoreError({ path: "", message: "is only read", help: "" })
export const reading = {
  temporary: Effect.fail(refused),
  prepare: () => Effect.fail(refused),
  publish: () => Effect.fail(refused),
  publishNew: () => Effect.fail(refused),
}

/** What is found damaged here is found again by the run that looks at all. */
const noSuspects: Suspects = {
  has: () => Effect.succeed(false),
  add: () => Effect.void,
  remove: () => Effect.void,
  all: Effect.succeed([]),
}

/** Whether the results that were remembered, or none, are those that the experiment shows of what is declared now. */
export const areOfView = (
  { results }: RememberedPlan,
  { results: view }: Experiment,
  { nodes }: Declaration,
): boolean => {
  const shown = view !== undefined && nodes.some(({ name }) => name === view.node) ? view.node : undefined
  return shown === results?.node
}

/**
 * The text of results that are up to date, made of their tables: whatever else the view takes into account is as it is now.
 * Undefined where the view asks for what only a plan knows, such as records; fails where a table cannot be read.
 */
export const shownAgain = Effect.fnUntraced(function*(
  { results }: RememberedPlan,
  { results: view }: Experiment,
  { profile, filters, nodes }: Pick<Declaration, "profile" | "filters" | "nodes">,
  usual: string,
  disk: Disk["Service"],
  layout: Layout,
) {
  const stage = nodes.find(({ name }) => name === view?.node)?.stage
  if (results === null || view === undefined || stage === undefined) return undefined
  const { readRows } = makeTables(disk, makeObjects(disk, layout, reading, noSuspects))
  const tables: Record<string, ReadonlyArray<object>> = {}
  for (const [name, row] of Object.entries(stage.outputs)) {
    const digest = results.tables[name]
    if (!isDigest(digest)) return undefined
    tables[name] = yield* readRows(row, digest)
  }
  let asksForMore = false
  const more = <A>(none: A): A => {
    asksForMore = true
    return none
  }
  const provenance: Provenance = {
    profile,
    flags: viewBeside({ profile, filters }, usual),
    upToDate: true,
    absent: [],
    accepted: [],
    get records() {
      return more(new Map())
    },
    root: () => more(undefined),
    lineage: () => more(Promise.resolve([])),
    get curves() {
      return more(new Map())
    },
  }
  const text = view.text(tables, provenance, process.stdout.columns)
  return asksForMore ? undefined : text
})
