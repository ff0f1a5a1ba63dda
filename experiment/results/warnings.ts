import type { ResultTables } from "./tables.ts"
import { flags } from "./words.ts"

/** The warnings about corpora that have results, with the mark that their flag puts beside a number. */
export const warningsIn = (
  { results, warnings }: Pick<ResultTables, "results" | "warnings">,
): ReadonlyArray<{ readonly mark: string; readonly text: string }> => {
  const corpora = new Set(results.map(({ corpus }) => corpus))
  return warnings.filter(({ corpus }) => corpora.has(corpus)).map(({ kind, text }) => ({
    mark: flags.find(({ flag }) => flag === kind)?.mark ?? "",
    text,
  }))
}
