import { Effect } from "effect"
import { choice } from "redag"
import type { Architecture, Description } from "../../../models/architectures/architecture.ts"
import type { ModelKind } from "../params/model.ts"
import { attemptModel } from "./failures.ts"

/** The architectures, each with the graphs that it builds. */
const architectures = choice("architecture", {
  "t5": () => import("../../../models/architectures/t5.ts"),
  "bart": () => import("../../../models/architectures/bart.ts"),
  "gpt2": () => import("../../../models/architectures/gpt2.ts"),
  "gpt-neo": () => import("../../../models/architectures/gpt-neo.ts"),
  "biogpt": () => import("../../../models/architectures/biogpt.ts"),
})

/** The same architectures for stages that build no graph: of these modules only the description is taken. */
const descriptions = choice("architecture", {
  "t5": () => import("../../../models/architectures/t5.ts"),
  "bart": () => import("../../../models/architectures/bart.ts"),
  "gpt2": () => import("../../../models/architectures/gpt2.ts"),
  "gpt-neo": () => import("../../../models/architectures/gpt-neo.ts"),
  "biogpt": () => import("../../../models/architectures/biogpt.ts"),
})

const tokenizers = choice("tokenizer", {
  "unigram": () => import("../../../models/tokenizers/kinds/unigram.ts"),
  "bpe": () => import("../../../models/tokenizers/kinds/bpe.ts"),
  "moses-bpe": () => import("../../../models/tokenizers/kinds/moses-bpe.ts"),
})

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
