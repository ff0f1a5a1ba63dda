import { Schema } from "effect"
import { corpora, settingsOf } from "./corpora.ts"
import { demoModels } from "./demo.ts"
import { models } from "./models.ts"
import { settings } from "./settings.ts"

const everyModel = [...models, ...demoModels]

/** Which cells of the grid are written again under the constraint of the template; all of a kind where it is left out. */
export const ConstrainedFields = {
  models: Schema.optionalKey(Schema.NonEmptyArray(Schema.Literals(everyModel.map(({ name }) => name)))),
  corpora: Schema.optionalKey(Schema.NonEmptyArray(Schema.Literals(corpora.map(({ id }) => id)))),
  settings: Schema.optionalKey(Schema.NonEmptyArray(Schema.Literals(settings.map(({ id }) => id)))),
}

/** Cells of the grid that have a row of their own under a constraint. */
export interface ConstrainedRows {
  readonly models?: ReadonlyArray<string>
  readonly corpora?: ReadonlyArray<string>
  readonly settings?: ReadonlyArray<string>
}

/** What the row of a model under a constraint is called. */
export const constrainedName = (model: string): string => `${model}-constrained`

/** Whether rows ask for a cell. */
export const hasConstrained = (
  rows: ConstrainedRows,
  { model, corpus, setting }: { readonly model: string; readonly corpus: string; readonly setting: string },
): boolean =>
  (rows.models ?? [model]).includes(model)
  && (rows.corpora ?? [corpus]).includes(corpus)
  && (rows.settings ?? [setting]).includes(setting)

/** The models that rows ask for cells of. */
export const constrainedModels = (
  rows: ReadonlyArray<ConstrainedRows>,
): ReadonlyArray<{ readonly name: string; readonly parameters: string }> =>
  everyModel.filter(({ name: model }) =>
    corpora.some((corpus) =>
      settingsOf(corpus).some(({ id: setting }) =>
        rows.some((row) => hasConstrained(row, { model, corpus: corpus.id, setting }))
      )
    )
  )
