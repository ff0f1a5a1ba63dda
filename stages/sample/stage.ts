import { Effect, Schema } from "effect"
import { attempt, one, Progress, stage } from "redag"
import { Example } from "../../schemas/examples.ts"
import { Shot } from "../../schemas/shots.ts"
import { sample as sampleExamples, SampleOptions } from "./sample.ts"

/** Chooses the examples that a model is finetuned on. */
export const sample = stage({
  name: "sample",
  params: Schema.Struct({ choice: SampleOptions }),
  inputs: { examples: one(Example) },
  outputs: { shots: Shot },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const examples = yield* inputs.examples.rows
    const shots = yield* attempt(() => sampleExamples(examples, params.choice))
    for (const use of ["train", "validation"] as const) {
      const count = shots.filter((shot) => shot.use === use).length
      if (count > 0) yield* progress.count(use, count)
    }
    return { shots }
  }),
})
