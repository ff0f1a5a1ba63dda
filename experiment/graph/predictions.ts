import { basename, dirname, resolve } from "node:path"
import type { Builder } from "redag"
import { predictions } from "../../stages/predictions/stage.ts"
import { formOf, type PredictionsRow } from "../predictions.ts"
import type { TestPart } from "./read.ts"
import { scoreCell, type Scored } from "./score.ts"
import type { Task } from "./task.ts"

/** Reads the files of predictions for a corpus, and scores each as the output of a model is scored. */
export const addPredictions = (
  dag: Builder,
  rows: ReadonlyArray<PredictionsRow>,
  task: Task,
  test: TestPart,
  /** What the names of the nodes begin with. */
  prefix = "",
): ReadonlyArray<Scored> => {
  const { corpus, language: { template, extraction }, protocol: { reading, rendering } } = task
  return rows.filter((row) => row.corpus === corpus.id).flatMap(({ name, setting = "full", file }) => {
    const path = resolve(dag.root, file)
    const node = `${prefix}${name}/${corpus.id}/${setting}`
    const { clause, labels, merge, list, separator, end, none } = template
    const { relations, handedIn } = dag.add(predictions, {
      name: node,
      params: {
        of: "file",
        corpus: corpus.title,
        form: formOf(corpus),
        template: {
          clause,
          labels,
          ...(merge === undefined ? {} : { merge }),
          ...(list === undefined ? {} : { list }),
          separator,
          end,
          none,
        },
        extraction,
        reading,
        rendering,
      },
      inputs: {
        file: { title: `predictions of ${name} for ${corpus.title}`, base: dirname(path), names: [basename(path)] },
        documents: test.documents,
        examples: [],
      },
    })
    const cell = { model: name, corpus: corpus.id, setting, seed: null }
    return scoreCell(dag, task, { name: node, cell, relations, test, handedIn: [handedIn] })
  })
}
