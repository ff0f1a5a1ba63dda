import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { formOf } from "../../../experiment/predictions.ts"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { Blobs, Progress, Replies, type StageFailure, Unfinished } from "../../../pipeline/graph/stage.ts"
import type { Document } from "../../../schemas/documents.ts"
import type { HandedIn } from "../../../schemas/handed-in.ts"
import type { Extraction } from "../../../schemas/relations.ts"
import { predictions } from "../../../stages/predictions/stage.ts"
import { corpusOf } from "../../experiment/corpus.ts"
import { treated } from "../../experiment/departures/support.ts"

/** What the stage makes of a file. */
export interface Read {
  readonly relations: ReadonlyArray<Extraction>
  readonly handedIn: ReadonlyArray<HandedIn>
  readonly counts: Readonly<Record<string, number>>
  readonly warnings: ReadonlyArray<string>
}

const unused = {
  put: () => Effect.die("unused"),
  putFile: () => Effect.die("unused"),
  path: () => Effect.die("unused"),
}

/** Reads a file of predictions for documents of a corpus. */
export const readPredictions = (
  corpus: string,
  documents: ReadonlyArray<Document>,
  content: string | Uint8Array,
): Effect.Effect<Read, StageFailure> =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "redag-predictions-"))),
    (folder) => {
      const path = join(folder, "mine.txt")
      writeFileSync(path, content)
      const counts: Record<string, number> = {}
      const warnings: Array<string> = []
      const { template, extraction, reading, rendering } = treated(corpus, "paper")
      const file = { name: "mine.txt", path, size: content.length, digest: digestOf(content) }
      return predictions.run({
        params: {
          of: "file",
          corpus: corpusOf(corpus).title,
          form: formOf(corpusOf(corpus)),
          template,
          extraction,
          reading,
          rendering,
        },
        inputs: {
          file: [file],
          documents: [{ digest: digestOf("documents"), rows: Effect.succeed(documents) }],
          examples: [],
        },
      }).pipe(
        Effect.flatMap(({ relations, handedIn }) =>
          Array.isArray(relations) && Array.isArray(handedIn)
            ? Effect.succeed({ relations, handedIn, counts, warnings })
            : Effect.die("no rows")
        ),
        Effect.provideService(Progress, {
          advance: () => Effect.void,
          count: (name, value) => Effect.sync(() => void (counts[name] = value)),
          warn: (text) => Effect.sync(() => void warnings.push(text)),
          made: () => Effect.void,
        }),
        Effect.provideService(Blobs, unused),
        Effect.provideService(Unfinished, {
          restore: Effect.die("unused"),
          save: () => Effect.die("unused"),
          isWhole: () => Effect.die("unused"),
          interval: Effect.die("unused"),
        }),
        Effect.provideService(Replies, {
          find: () => Effect.die("unused"),
          keep: () => Effect.die("unused"),
          turn: () => Effect.die("unused"),
        }),
      )
    },
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true })),
  )
