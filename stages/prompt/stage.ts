import { Effect, Schema } from "effect"
import { many, one, Progress, stage } from "redag"
import { CheckpointFile } from "../../schemas/checkpoints.ts"
import { Example } from "../../schemas/examples.ts"
import { Prompt } from "../../schemas/prompts.ts"
import { Shot } from "../../schemas/shots.ts"
import { Partition } from "../../schemas/splits.ts"
import { checkpointPaths } from "../shared/models/checkpoint.ts"
import { readModelDescription } from "../shared/models/description.ts"
import { modelOptions, ModelParams } from "../shared/params/model.ts"
import { tooLong } from "./messages.ts"
import { prompter } from "./prompt.ts"

/** How tokens are counted: as a model's tokenizer does, or by the number of characters where that is not at hand. */
const Counting = Schema.Union([
  Schema.Struct({ by: Schema.Literal("tokenizer"), ...ModelParams }),
  Schema.Struct({ by: Schema.Literal("characters"), perToken: Schema.Finite.check(Schema.isGreaterThan(0)) }),
])

/** Makes the few-shot prompt of each document of one partition, for a model that was not finetuned. */
export const prompt = stage({
  name: "prompt",
  params: Schema.Struct({
    partition: Partition,
    layout: Schema.Struct({ joint: Schema.String, between: Schema.String }),
    maxTokens: Schema.Natural.check(Schema.isGreaterThan(0)),
    counting: Counting,
  }),
  /** The model whose tokenizer counts, where one does. */
  inputs: { shots: one(Shot), examples: one(Example), model: many(CheckpointFile) },
  outputs: { examples: Example, prompts: Prompt },
  uses: ({ counting }) => counting.by === "tokenizer" ? modelOptions(counting) : { architecture: [], tokenizer: [] },
  run: Effect.fnUntraced(function*({ params: { partition, layout, maxTokens: limit, counting }, inputs }) {
    const progress = yield* Progress
    const examples = (yield* inputs.examples.rows).filter((example) => example.partition === partition)
    const shots = (yield* inputs.shots.rows).filter(({ use }) => use === "train")
    const [model] = inputs.model
    let tokensOf = (text: string, _part: "whole" | "part"): number => text.length
    if (counting.by === "characters") {
      tokensOf = (text) => Math.ceil(text.length / counting.perToken)
    } else if (model !== undefined) {
      const { tokenizer } = yield* readModelDescription(yield* checkpointPaths(model), counting)
      tokensOf = (text, part) =>
        tokenizer.encode(text, Number.MAX_SAFE_INTEGER, { specials: part === "whole" }).ids.length
    }
    const promptOf = prompter({ shots, layout, limit, tokensOf })
    const made = examples.map((example) => ({ example, prompt: promptOf(example) }))
    const long = made.filter(({ prompt }) => !prompt.fits).map(({ example }) => example.document)
    if (long.length > 0) yield* progress.warn(tooLong(long, limit))
    yield* progress.count("prompts", made.length)
    yield* progress.count("prompt tokens", made.reduce((sum, { prompt }) => sum + prompt.tokens, 0))
    yield* progress.count("shots left out", made.reduce((sum, { prompt }) => sum + prompt.leftOut, 0))
    return {
      examples: made.map(({ example, prompt: { text } }): Example => ({ ...example, source: text })),
      prompts: made.map(({ example: { document }, prompt: { shots, leftOut, tokens, fits } }): Prompt => ({
        document,
        shots,
        leftOut,
        tokens,
        fits,
      })),
    }
  }),
})
