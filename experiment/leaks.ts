import { models } from "./models.ts"

/** Corpora that a model was finetuned on before the experiment, in another form. */
export const leaks: Readonly<Record<string, ReadonlyArray<string>>> = Object.fromEntries(
  models.map(({ name, leaks = [] }) => [name, leaks]),
)
