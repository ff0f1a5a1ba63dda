import { Schema } from "effect"
import { InputError } from "redag"
import type { Example } from "../../schemas/examples.ts"
import type { Shot } from "../../schemas/shots.ts"
import { permutation } from "../shared/numpy.ts"
import { tooManyShots } from "./messages.ts"

/** How many training examples are learned from, and the seed of their choice. */
export const SampleOptions = Schema.Union([
  Schema.Struct({ shots: Schema.Natural.check(Schema.isGreaterThan(0)), seed: Schema.Natural }),
  Schema.Struct({ shots: Schema.Literal("full"), seed: Schema.Null }),
])
export type SampleOptions = typeof SampleOptions.Type

const shot = (use: Shot["use"]) => ({ document, source, target, answers }: Example): Shot => ({
  document,
  use,
  source,
  target,
  answers: use === "validation" ? answers : [],
})

/**
 * Chooses the examples to learn from: all of them with the validation examples, or k of the training examples.
 *
 * The k are the first of numpy's seeded permutation, as the paper's authors chose theirs; few-shot training has no
 * validation examples.
 */
export const sample = (examples: Iterable<Example>, options: SampleOptions): ReadonlyArray<Shot> => {
  const all = [...examples]
  const train = all.filter((example) => example.partition === "train")
  if (options.shots === "full") {
    const validation = all.filter((example) => example.partition === "validation")
    return [...train.map(shot("train")), ...validation.map(shot("validation"))]
  }
  if (options.shots > train.length) {
    throw new InputError({
      message: tooManyShots.message(options.shots, train.length),
      help: tooManyShots.help(train.length),
      field: "shots",
    })
  }
  return permutation(options.seed, train.length).slice(0, options.shots)
    .flatMap((index) => train[index] ?? []).map(shot("train"))
}
