import type { Asked } from "../graph/needed.ts"
import type { Environment } from "../store/record.ts"
import type { Carried } from "./carried.ts"
import type { Limits } from "./pool.ts"

/** How a run goes about it. */
export interface RunOptions {
  /** The run's identifier, the name of its log. */
  readonly run: string
  /** What the user asked for, as the log of the run has it and as the names of nodes. */
  readonly selectors: ReadonlyArray<string>
  readonly asked: Asked
  readonly limits: Limits
  /** Whether nodes still run, after a failure, that do not depend on the node that failed. */
  readonly keepGoing: boolean
  /** Whether other bytes that a forced node makes count instead of those that the store has. */
  readonly replace?: boolean
  /** Executions of earlier runs that go on; none if left out. */
  readonly carried?: Carried
  /** The order in which nodes start that may; that of the graph where it is left out. */
  readonly order?: ReadonlyArray<string>
  readonly commit: Pick<Environment, "commit" | "dirty">
}
