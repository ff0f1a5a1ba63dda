import { Schema } from "effect"
import type { PageNode, PageSource } from "redag"
import { Cell } from "../../schemas/scores.ts"

/** A node that scores one run strictly, and the run. */
export interface ScoredRun {
  readonly node: string
  readonly cell: Cell
}

const isStrictScore = Schema.is(
  Schema.Struct({ cell: Cell, measure: Schema.Struct({ by: Schema.Literal("strict") }) }),
)

/** The nodes that score runs strictly, in the order of the graph. */
export const scoredRuns = ({ nodes }: PageSource): ReadonlyArray<ScoredRun> =>
  [...nodes].flatMap(([node, { stage, params }]) =>
    stage === "score" && isStrictScore(params) ? [{ node, cell: params.cell }] : []
  )

/** The node that an input of a node comes from; the first of several. */
export const sourceOf = ({ nodes }: PageSource, node: string | undefined, role: string): string | undefined =>
  node === undefined ? undefined : nodes.get(node)?.inputs[role]?.[0]?.node

/** The node that made the checkpoint a run was written with; undefined where what others predicted was read. */
export const checkpointOf = (source: PageSource, node: string): string | undefined =>
  sourceOf(source, sourceOf(source, sourceOf(source, node, "relations"), "generations"), "checkpoint")

/** The nodes of a stage, by name. */
export const nodesOf = ({ nodes }: PageSource, stage: string): ReadonlyArray<readonly [name: string, node: PageNode]> =>
  [...nodes].filter(([, node]) => node.stage === stage)

/** The rows of an output that are what they should be; none where the node made none. */
export const rowsAs = async <A>(
  source: PageSource,
  node: string | undefined,
  output: string,
  is: (row: unknown) => row is A,
): Promise<ReadonlyArray<A>> =>
  node === undefined ? [] : ((await source.rows(node, output)) ?? []).flatMap((row) => (is(row) ? [row] : []))
