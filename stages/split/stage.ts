import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { attempt, files, many, Progress, stage } from "redag"
import { Document } from "../../schemas/documents.ts"
import { Split } from "../../schemas/splits.ts"
import { Warning } from "../../schemas/warnings.ts"
import { parseSplitIds } from "./ids.ts"
import { overlap } from "./overlap.ts"
import { split as splitDocuments, SplitMethod } from "./split.ts"

/**
 * Says which documents are trained on, validated on and tested on; `ids` is a file where the method is "ids".
 *
 * `learned` are documents of other splits that are learned from, which none of the test documents may be.
 */
export const split = stage({
  name: "split",
  params: Schema.Struct({ method: SplitMethod }),
  inputs: { documents: many(Document), learned: many(Document), ids: files },
  outputs: { splits: Split, warnings: Warning },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const documents = (yield* Effect.forEach(inputs.documents, ({ rows }) => rows)).flat()
    const learned = (yield* Effect.forEach(inputs.learned, ({ rows }) => rows)).flat()
    const splits = yield* attempt(() => {
      const [file] = inputs.ids
      const ids = file === undefined ? undefined : parseSplitIds(readFileSync(file.path, "utf8"), file.name)
      return splitDocuments(documents, params.method, ids)
    })
    for (const partition of ["train", "validation", "test"] as const) {
      const count = splits.filter((row) => row.partition === partition).length
      if (count > 0) yield* progress.count(partition, count)
    }
    const warnings = yield* attempt(() => overlap(documents, learned))
    for (const { text } of warnings) yield* progress.warn(text)
    return { splits, warnings }
  }),
})
