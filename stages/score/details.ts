import { InputError } from "redag"
import type { RunDetail } from "../../schemas/details.ts"
import type { Example } from "../../schemas/examples.ts"
import type { Extraction } from "../../schemas/relations.ts"
import type { Cell } from "../../schemas/scores.ts"
import type { Shot } from "../../schemas/shots.ts"
import type { Detailer, Learning } from "../shared/measures/details.ts"
import { type Gold, pairer } from "./gold.ts"
import * as messages from "./messages.ts"

/** A run, and what its model learned from: the examples among which its shots were chosen. */
export interface LearnedRun extends Gold {
  readonly cell: Cell
  readonly protocol: string
  readonly relations: ReadonlyArray<Extraction>
  readonly shots: ReadonlyArray<Shot>
  readonly learnable: ReadonlyArray<Example>
}

/** The relations of the documents that a model learned from; its shots name these and leave the relations out. */
const learningOf = ({ shots, learnable }: Pick<LearnedRun, "shots" | "learnable">): Learning => {
  const byId = new Map(learnable.map((example) => [example.document, example] as const))
  const documents = [...new Set(shots.filter(({ use }) => use === "train").map(({ document }) => document))]
  return {
    documents: documents.length,
    answers: documents.flatMap((document) => {
      const example = byId.get(document)
      if (example !== undefined) return example.answers
      const { message, help } = messages.shotWithoutExample
      throw new InputError({ message: message(document), help, field: "learnable" })
    }),
  }
}

/** What the strict scores of a run do not show. */
export const detailsOf = (run: LearnedRun, detail: Detailer): RunDetail => {
  const hidden = detail(pairer(run)(run.relations), learningOf(run))
  // Where it is not known what was learned from, nothing is seen or new.
  return { ...run.cell, protocol: run.protocol, ...hidden, slices: run.shots.length === 0 ? [] : hidden.slices }
}
