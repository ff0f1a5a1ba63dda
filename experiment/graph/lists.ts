import type { aggregate } from "../../stages/aggregate/stage.ts"
import type { Corpus } from "../corpora.ts"
import type { Model } from "../models.ts"
import { settings } from "../settings.ts"

/** A model as the table of results lists it. */
export type Listed = Pick<Model, "name" | "parameters" | "published" | "leaks">

/** The lists whose order and facts the table of results follows. */
export const listsOf = (
  models: ReadonlyArray<Listed>,
  corpora: ReadonlyArray<Corpus>,
): (typeof aggregate.params)["Encoded"]["lists"] => ({
  models: models.map(({ name, parameters, published = {}, leaks = [] }) => ({ name, parameters, published, leaks })),
  corpora: corpora.map(({ id, title }) => ({ id, title })),
  settings: settings.map(({ id }) => id),
  protocols: ["paper", "authors", "official"],
})
