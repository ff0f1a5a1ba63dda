import type { RowSchema } from "./stage.ts"

/**
 * Which columns of a table are curves, and the column that they run along. A row Schema says it in its annotation
 * `series`, beside its identifier.
 */
export interface Series {
  readonly over: string
  /** The columns, each with its title. */
  readonly of: Readonly<Record<string, string>>
}

/** What the rows of a Schema are a series of; undefined where they are none. */
export const seriesOf = (row: RowSchema): Series | undefined => {
  const series = row.ast.annotations?.["series"]
  return isSeries(series) ? series : undefined
}

const isSeries = (value: unknown): value is Series =>
  typeof value === "object" && value !== null && "over" in value && typeof value.over === "string"
  && "of" in value && typeof value.of === "object" && value.of !== null
  && Object.values(value.of).every((title) => typeof title === "string")
