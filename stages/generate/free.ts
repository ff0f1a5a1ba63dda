import { Effect } from "effect"
import { generate, type GenerateOptions } from "../../models/generation/generate.ts"

/** Writes what the model finds likeliest. */
export const writer = (options: GenerateOptions) => Effect.succeed(generate(options))
