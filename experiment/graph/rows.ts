import { constrainedModels, constrainedName } from "../constrained.ts"
import { findDemoModel } from "../demo.ts"
import { isEndpoint } from "../in-context.ts"
import { findModel } from "../models.ts"
import type { Rows } from "../rows.ts"
import type { Listed } from "./lists.ts"

/** What rows beyond the grid are called, each once. */
export const rowNames = ({ predictions, inContext, constrained, asked }: Rows): ReadonlyArray<string> => [
  ...new Set([
    ...[...predictions, ...inContext, ...asked?.rows ?? []].map(({ name }) => name),
    ...constrainedModels(constrained).map(({ name }) => constrainedName(name)),
  ]),
]

const isOf = (grid: ReadonlyArray<Listed>, model: string): boolean => grid.some(({ name }) => name === model)

/** The rows beyond the grid as the table of results lists them, below its models: each name once, and none of a model that is not of the grid. */
export const listedRows = (
  { predictions, inContext, constrained }: Pick<Rows, "predictions" | "inContext" | "constrained">,
  grid: ReadonlyArray<Listed>,
): ReadonlyArray<Listed> => [
  ...[...new Set(predictions.map(({ name }) => name))].map((name): Listed => ({
    name,
    parameters: "",
    beyond: { source: "predictions", against: "all" },
  })),
  ...new Map(
    inContext.filter((row) => isEndpoint(row) || isOf(grid, row.model)).map((row) => [
      row.name,
      {
        name: row.name,
        parameters: isEndpoint(row) ? "" : (findModel(row.model) ?? findDemoModel(row.model))?.parameters ?? "",
        beyond: { source: "in-context", against: "all" },
      } satisfies Listed,
    ]),
  ).values(),
  ...constrainedModels(constrained).filter(({ name }) => isOf(grid, name)).map(({ name, parameters }): Listed => ({
    name: constrainedName(name),
    parameters,
    beyond: { source: "constrained", against: { models: [name] } },
  })),
]
