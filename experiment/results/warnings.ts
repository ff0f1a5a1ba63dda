import type { Warning } from "../../schemas/warnings.ts"
import type { ResultTables } from "./tables.ts"
import { flags } from "./words.ts"

/** A warning with the mark that its flag puts beside a number. */
export interface MarkedWarning extends Warning {
  readonly mark: string
}

/** The warnings about corpora that have results. */
export const warningsIn = (
  { results, warnings }: Pick<ResultTables, "results" | "warnings">,
): ReadonlyArray<MarkedWarning> => {
  const corpora = new Set(results.map(({ corpus }) => corpus))
  return warnings.filter(({ corpus }) => corpora.has(corpus)).map((warning) => ({
    ...warning,
    mark: flags.find(({ flag }) => flag === warning.kind)?.mark ?? "",
  }))
}
