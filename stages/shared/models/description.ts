import { Effect } from "effect"
import type { Architecture, Description } from "../../../models/architectures/architecture.ts"
import type { ModelKind } from "../params/model.ts"
import { attemptModel } from "./failures.ts"
import { architectures, descriptions, tokenizers } from "./kinds.ts"

/** Reads what a model's files, paths by name, say beside its weights. Fails where the model is of another kind. */
export const readModel = Effect.fnUntraced(function*(files: ReadonlyMap<string, string>, kind: ModelKind) {
  const { readDescription } = yield* Effect.promise(() => import("../../../models/checkpoints/description.ts"))
  const { architectureOf } = yield* architectures.load(kind.architecture)
  const { readTokenizer } = yield* tokenizers.load(kind.tokenizer)
  return yield* attemptModel(() =>
    readDescription<Architecture>(files, { architecture: architectureOf, tokenizer: readTokenizer })
  )
})

/** The same without the graphs that the architecture builds: its tensors and limits, its tokenizer, how it decodes. */
export const readModelDescription = Effect.fnUntraced(
  function*(files: ReadonlyMap<string, string>, kind: ModelKind) {
    const { readDescription } = yield* Effect.promise(() => import("../../../models/checkpoints/description.ts"))
    const { descriptionOf } = yield* descriptions.load(kind.architecture)
    const { readTokenizer } = yield* tokenizers.load(kind.tokenizer)
    return yield* attemptModel(() =>
      readDescription<Description>(files, { architecture: descriptionOf, tokenizer: readTokenizer })
    )
  },
)
