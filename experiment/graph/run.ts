import { inverted } from "../../stages/shared/language/template.ts"
import { type Corpus, settingsOf } from "../corpora.ts"
import type { Setting } from "../settings.ts"
import type { Learner } from "./models.ts"
import type { Task } from "./task.ts"

/** How many examples a model learns from, and the seed that chooses them: null where it learns from all. */
export interface Selection {
  readonly setting: Setting
  readonly seed: number | null
}

/** One run of the experiment: a model that learns from some examples of a corpus. */
export interface Run extends Selection {
  readonly task: Task
  readonly model: Learner
}

/** What each model learns from a corpus: few examples with each seed, and all of them. */
export const selectionsOf = (corpus: Corpus, seeds: ReadonlyArray<number>): ReadonlyArray<Selection> =>
  settingsOf(corpus).flatMap((setting) =>
    (setting.shots === "full" ? [null] : seeds).map((seed) => ({ setting, seed }))
  )

/** The name of a selection, below a corpus or a run: "cdr/16/seed0", "cdr/full". */
export const selectionName = (corpus: Corpus, { setting, seed }: Selection): string =>
  [corpus.id, setting.id, ...(seed === null ? [] : [`seed${seed}`])].join("/")

/** The name of a run's nodes: "T5-Small/cdr/16/seed0". */
export const runName = (run: Run): string => `${run.model.name}/${selectionName(run.task.corpus, run)}`

/** How relations are read out of what a model writes. */
export const readingOf = ({ task: { language, protocol }, model }: Run) => ({
  template: inverted(language.template),
  extraction: language.extraction,
  reading: protocol.reading,
  // The output of a model with an encoder has no prompt.
  prompt: model.encoder ? "dropped" as const : protocol.prompt,
})
