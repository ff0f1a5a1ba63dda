import type { Comparison } from "../../schemas/comparisons.ts"
import type { Detail } from "../../schemas/details.ts"
import type { ErrorCase, ErrorCount } from "../../schemas/errors.ts"
import type { Result } from "../../schemas/results.ts"
import type { SystemComparison } from "../../schemas/systems.ts"
import type { Warning } from "../../schemas/warnings.ts"

/** The tables of the aggregate stage, as the engine hands them to whoever shows them. */
export type ResultTables = {
  readonly results: ReadonlyArray<Result>
  readonly comparisons: ReadonlyArray<Comparison>
  readonly errors: ReadonlyArray<ErrorCount>
  readonly cases: ReadonlyArray<ErrorCase>
  readonly warnings: ReadonlyArray<Warning>
  readonly details: ReadonlyArray<Detail>
  readonly systems: ReadonlyArray<SystemComparison>
}
