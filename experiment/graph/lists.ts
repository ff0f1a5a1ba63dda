import type { aggregate } from "../../stages/aggregate/stage.ts"
import type { Corpus } from "../corpora.ts"
import type { Model } from "../models.ts"
import { settings } from "../settings.ts"

/** A model as the table of results lists it. */
export interface Listed extends Pick<Model, "name" | "parameters" | "published" | "leaks"> {
  /** Of a row beyond the grid: where it comes from, and which cells of the grid it is compared with. */
  readonly beyond?: NonNullable<(typeof aggregate.params)["Encoded"]["lists"]["models"][number]["beyond"]>
}

/** The lists whose order and facts the table of results follows. */
export const listsOf = (
  models: ReadonlyArray<Listed>,
  corpora: ReadonlyArray<Corpus>,
): (typeof aggregate.params)["Encoded"]["lists"] => ({
  models: models.map(({ name, parameters, published = {}, leaks = [], beyond }) => ({
    name,
    parameters,
    published,
    leaks,
    ...(beyond === undefined ? {} : { beyond }),
  })),
  corpora: corpora.map(({ id, title }) => ({ id, title })),
  settings: settings.map(({ id }) => id),
  protocols: ["paper", "authors", "official"],
})
