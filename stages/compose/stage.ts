import { Effect, Schema } from "effect"
import { Progress, stage } from "redag"
import { Document } from "../../schemas/documents.ts"
import { corpusNames } from "./corpora.ts"
import { toDocument } from "./documents.ts"
import { pretrainingCorpus } from "./pretraining.ts"

/** Composes documents from sentence patterns of our own, for the mini model to be pretrained on. */
export const compose = stage({
  name: "compose",
  params: Schema.Struct({
    corpus: Schema.Literals(corpusNames),
    documents: Schema.Natural,
    seed: Schema.Natural,
  }),
  inputs: {},
  outputs: { documents: Document },
  run: Effect.fnUntraced(function*({ params }) {
    const progress = yield* Progress
    const documents = [...pretrainingCorpus(params)].map((composed, index) =>
      toDocument(params.corpus, composed, String(index), "train")
    )
    yield* progress.count("documents", documents.length)
    return { documents }
  }),
})
