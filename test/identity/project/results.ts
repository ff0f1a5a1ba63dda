import type { ResultsView } from "redag"
import type { Value } from "./schemas/values.ts"

/** The total alone. */
export const results: ResultsView = {
  node: "total/all",
  text: ({ values }: { readonly values: ReadonlyArray<Value> }) => `Total: ${values[0]?.value}`,
  page: "report.html",
  files: () => ({}),
  compare: () => undefined,
  ceilings: { stage: "total", output: "values", text: () => "" },
}
