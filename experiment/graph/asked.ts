import type { Builder } from "redag"
import { predictions } from "../../stages/predictions/stage.ts"
import { inverted } from "../../stages/shared/language/template.ts"
import { type AskedPredictions, askedTable, perfectRows } from "../predictions.ts"
import type { Listed } from "./lists.ts"
import type { Plan } from "./plans.ts"
import { addPredictions } from "./predictions.ts"
import type { TestPart } from "./read.ts"
import { listedRows } from "./rows.ts"
import { scoreCell, type Scored } from "./score.ts"
import { addTable } from "./table.ts"
import type { Task } from "./task.ts"

/**
 * Scores the files that `dag score` names, and what predictions without a mistake would score; gathers them with the
 * cells of their corpus in a table of its own. The files are no rows of the profile's table.
 */
export const scoreAsked = (
  dag: Builder,
  plan: Plan,
  asked: AskedPredictions | undefined,
  { task, test, cells }: { readonly task: Task; readonly test: TestPart; readonly cells: ReadonlyArray<Scored> },
): void => {
  const { corpus, language: { template, extraction }, protocol: { reading } } = task
  const rows = (asked?.rows ?? []).filter((row) => row.corpus === corpus.id)
  if (rows.length === 0) return
  const files = addPredictions(dag, rows, task, test, "asked/")
  const ceilings = perfectRows.flatMap(({ name, as }) => {
    const { relations } = dag.add(predictions, {
      name: `asked/${as}/${corpus.id}`,
      params: { of: "answers", as, template: inverted(template), extraction, reading },
      inputs: {
        file: { title: "no file", base: dag.root, names: [] },
        documents: [],
        examples: [test.examples],
      },
    })
    const cell = { model: name, corpus: corpus.id, setting: "full", seed: null }
    return scoreCell(dag, task, { name: `asked/${as}/${corpus.id}`, cell, relations, test })
  })
  addTable(dag, {
    ...plan,
    name: askedTable,
    pairs: [],
    scored: [...cells, ...files],
    ceilings,
    tests: [test],
    listed: [
      ...plan.listed,
      ...listedRows({ predictions: rows, inContext: [], constrained: [] }, plan.listed),
      // Nothing is compared with what cannot be reached.
      ...perfectRows.map(({ name }): Listed => ({
        name,
        parameters: "",
        beyond: { source: "predictions", against: "nothing" },
      })),
    ],
  })
}
