import { Effect, Schema } from "effect"
import { Progress, stage } from "redag"
import { Document } from "../../schemas/documents.ts"
import { corpusNames, documentsOf, patterns } from "./corpora.ts"
import { toDocument } from "./documents.ts"

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
  uses: ({ corpus }) => ({ patterns: [corpus] }),
  run: Effect.fnUntraced(function*({ params: { corpus, documents: count, seed } }) {
    const progress = yield* Progress
    const { pretraining } = yield* patterns.load(corpus)
    const stream = documentsOf(pretraining, corpus, "pretraining", seed)
    const documents = Array.from(
      { length: count },
      (_, index) => toDocument(corpus, stream.next().value, String(index), "train"),
    )
    yield* progress.count("documents", documents.length)
    return { documents }
  }),
})
