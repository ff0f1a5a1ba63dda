import type { Rows } from "../rows.ts"
import type { Listed } from "./lists.ts"

/** The rows beyond the grid as the table of results lists them, below its models: each name once. */
export const listedRows = ({ predictions }: Pick<Rows, "predictions">): ReadonlyArray<Listed> =>
  [...new Set(predictions.map(({ name }) => name))].map((name) => ({
    name,
    parameters: "",
    beyond: { source: "predictions", against: "all" },
  }))
