import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { Blobs, Progress, Replies, Unfinished } from "../../../pipeline/graph/stage.ts"
import type { Ceiling } from "../../../schemas/ceilings.ts"
import { ceiling } from "../../../stages/ceiling/stage.ts"
import { repository } from "../../rig/project.ts"
import { readCorpus } from "../support.ts"
import { protocol } from "./support.ts"

const corpus = "bundled/corpora/cdr/CDR_TestSet.PubTator.txt"
const documents = [...readCorpus("pubtator", [{ name: corpus, path: join(repository, corpus) }], "test")]

/** The files of the model, which are blobs by the digests of their names. */
const names = ["config.json", "tokenizer.json"]

const cut = {
  corpus: "cdr",
  portion: "test",
  kind: "fewer documents",
  documents: 400,
  of: 500,
  examples: [],
  text: "cdr test: holds 100 documents, 500 were published",
} as const

/** Runs the stage on the sample's CDR test set with the mini BART's tokenizer; there are no weights to be read. */
const run = (protocols: (typeof ceiling.params)["Type"]["protocols"]) =>
  Effect.map(
    ceiling.run({
      params: {
        architecture: "bart",
        tokenizer: "unigram",
        corpus: "cdr",
        model: "bart-mini",
        partition: "test",
        maxSourceTokens: 256,
        maxTargetTokens: 128,
        protocols,
      },
      inputs: {
        documents: [{ digest: digestOf(""), rows: Effect.succeed(documents) }],
        splits: {
          digest: digestOf(""),
          rows: Effect.succeed(
            documents.map(({ id }, index) => ({
              document: id,
              partition: index === 0 ? "train" as const : "test" as const,
            })),
          ),
        },
        model: {
          digest: digestOf(""),
          rows: Effect.succeed(
            names.map((name) => ({ name, blob: { digest: digestOf(name), size: 0 } })),
          ),
        },
        warnings: [{ digest: digestOf(""), rows: Effect.succeed([cut]) }],
      },
    }).pipe(
      Effect.provideService(Blobs, {
        put: () => Effect.die("nothing is to be kept"),
        putFile: () => Effect.die("nothing is to be kept"),
        path: ({ digest }) =>
          Effect.succeed(
            join(repository, "bundled/models/bart", names.find((name) => digestOf(name) === digest) ?? "none"),
          ),
      }),
      Effect.provideService(Replies, {
        find: () => Effect.die("nothing is asked"),
        keep: () => Effect.die("nothing is asked"),
        turn: () => Effect.die("nothing is asked"),
      }),
      Effect.provideService(Unfinished, {
        restore: Effect.die("nothing is unfinished"),
        save: () => Effect.die("nothing is unfinished"),
        isWhole: () => Effect.die("nothing is unfinished"),
        interval: Effect.die("nothing is unfinished"),
      }),
      Effect.provideService(Progress, {
        advance: () => Effect.void,
        count: () => Effect.void,
        warn: () => Effect.void,
        made: () => Effect.void,
      }),
    ),
    ({ ceilings }) => ceilings as ReadonlyArray<Ceiling>,
  )

describe("the ceiling stage", () => {
  it.effect("makes a row for each protocol, of the documents of its partition, with what is suspicious about them, without weights", () =>
    Effect.gen(function*() {
      const rows = yield* run([
        { name: "paper", ...protocol("cdr") },
        { name: "banned", ...protocol("cdr"), decoding: { noRepeatNgramSize: 3 } },
        { name: "official", ...protocol("cdr", [], "official") },
      ])
      const gold = documents.slice(1).reduce((sum, { relations }) => sum + relations.length, 0)
      assert.deepStrictEqual(rows.map((row) => [row.protocol, row.measure, row.gold]), [
        ["paper", "strict", gold],
        ["banned", "strict", gold],
        ["official", "concept pairs", gold],
      ])
      assert.isAbove(rows[0]?.f1 ?? 0, 0.9)
      assert.isAbove(rows[1]?.lostToDecoding ?? 0, 0)
      for (const row of rows) assert.deepInclude(row, { corpus: "cdr", model: "bart-mini", flags: ["fewer documents"] })
    }))

  it.effect("refuses a limit that holds not even the special tokens", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run([{ name: "paper", ...protocol("cdr"), decoding: { maxLength: 0 } }]))
      assert.match(error.message, /maxLength/u)
    }))
})
