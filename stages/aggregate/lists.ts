import { Schema } from "effect"
import { Source } from "../../schemas/results.ts"

/** A model of the experiment. */
export const ListedModel = Schema.Struct({
  name: Schema.String,
  /** Its size: "350M". */
  parameters: Schema.String,
  /** The F1 that the paper prints for it, by corpus and setting; what the paper does not print is left out. */
  published: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Finite)),
  /** The corpora that it was finetuned on in another form before the experiment. */
  leaks: Schema.Array(Schema.String),
  /** Of a row beyond the grid: where it comes from, and which cells of the grid it is compared with. */
  beyond: Schema.optionalKey(Schema.Struct({
    source: Source,
    /**
     * All cells of its corpora, or those of some models in its own settings. What is compared with nothing has no
     * interval, and its mistakes are not counted: its scores alone are gathered.
     */
    against: Schema.Union([
      Schema.Literals(["all", "nothing"]),
      Schema.Struct({ models: Schema.Array(Schema.String) }),
    ]),
  })),
})
export type ListedModel = typeof ListedModel.Type

/** The lists of the experiment: their order is that of all rows, and what they do not name comes after, by name. */
export const Lists = Schema.Struct({
  models: Schema.Array(ListedModel),
  /** The title is what conclusions call a corpus. */
  corpora: Schema.Array(Schema.Struct({ id: Schema.String, title: Schema.String })),
  /** The smallest first. */
  settings: Schema.Array(Schema.String),
  protocols: Schema.Array(Schema.String),
})
export type Lists = typeof Lists.Type

/** The entry of a model, if the experiment lists it. */
export const findModel = ({ models }: Pick<Lists, "models">, name: string): ListedModel | undefined =>
  models.find((model) => model.name === name)

/** Where the row of a model comes from. */
export const sourceOf = (lists: Pick<Lists, "models">, model: string): Source =>
  findModel(lists, model)?.beyond?.source ?? "grid"

/** Whether the outcomes of a model count, and not its scores alone. */
export const hasOutcomes = (lists: Pick<Lists, "models">, model: string): boolean =>
  findModel(lists, model)?.beyond?.against !== "nothing"

/** Whether a model was finetuned on data made from a corpus before the experiment. */
export const isLeaked = (lists: Pick<Lists, "models">, model: string, corpus: string): boolean =>
  findModel(lists, model)?.leaks.includes(corpus) ?? false

/** A corpus as it is written. */
export const corpusTitle = ({ corpora }: Pick<Lists, "corpora">, id: string): string =>
  corpora.find((corpus) => corpus.id === id)?.title ?? id
