import { Effect, Layer } from "effect"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { Blobs, Progress, Replies, type StageFailure, type Table, Unfinished } from "../../../pipeline/graph/stage.ts"
import { layer as diskLayer } from "../../../pipeline/store/disk.ts"
import { layer as storeLayer, Store } from "../../../pipeline/store/store.ts"
import type { Example } from "../../../schemas/examples.ts"
import type { Generation } from "../../../schemas/generations.ts"
import type { Prompt } from "../../../schemas/prompts.ts"
import type { Reply } from "../../../schemas/replies.ts"
import type { Endpoint } from "../../../stages/ask/endpoint.ts"
import { ask } from "../../../stages/ask/stage.ts"

/** What asking came to. */
export interface Asked {
  readonly generations: ReadonlyArray<Generation>
  readonly replies: ReadonlyArray<Reply>
  readonly counts: Readonly<Record<string, number>>
  /** All that it showed while it was at work. */
  readonly notes: ReadonlyArray<string>
  readonly warnings: ReadonlyArray<string>
}

/** An endpoint that costs nothing and has no limits. */
export const endpointAt = (address: string, own: Partial<Endpoint> = {}): Endpoint => ({
  address,
  api: "chat",
  model: "some-model",
  system: null,
  parameters: { temperature: 0 },
  maxNewTokens: 50,
  limit: "max_tokens",
  account: null,
  price: null,
  maxCost: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrency: 4,
  timeout: 60,
  ...own,
})

const tableOf = <Row>(rows: ReadonlyArray<Row>): Table<Row> => ({
  digest: digestOf("rows"),
  rows: Effect.succeed(rows),
})

/** A store of its own folder, in which the stage is run without an engine. */
export class Asking {
  readonly root = mkdtempSync(join(tmpdir(), "redag-test-"))

  /** Everything that the store's files hold. */
  everything(): string {
    return readdirSync(this.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
      .join("\n")
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  /** Asks for each of these prompts, whose documents have their numbers as names. */
  run(
    endpoint: Endpoint,
    prompts: ReadonlyArray<string>,
    unfit: ReadonlyArray<string> = [],
  ): Effect.Effect<Asked, StageFailure> {
    const counts: Record<string, number> = {}
    const [notes, warnings]: [Array<string>, Array<string>] = [[], []]
    const examples = prompts.map((source, index): Example => ({
      document: String(index),
      partition: "test",
      source,
      target: "",
      answers: [],
    }))
    const layouts = examples.map(({ document, source }): Prompt => ({
      document,
      shots: 1,
      leftOut: 0,
      tokens: 1,
      fits: !unfit.includes(source),
    }))
    return Effect.gen(function*() {
      const store = yield* Store
      const { generations, replies } = yield* ask.run({
        params: { partition: "test", endpoint },
        inputs: { examples: tableOf(examples), prompts: tableOf(layouts) },
      }).pipe(
        Effect.provideService(Progress, {
          advance: ({ note }) => Effect.sync(() => void notes.push(note ?? "")),
          count: (name, value) => Effect.sync(() => void (counts[name] = value)),
          warn: (text) => Effect.sync(() => void warnings.push(text)),
          made: () => Effect.void,
        }),
        Effect.provideService(Blobs, {
          put: () => Effect.die("nothing is to be kept"),
          putFile: () => Effect.die("nothing is to be kept"),
          path: () => Effect.die("nothing is to be read"),
        }),
        Effect.provideService(Unfinished, store.unfinished(digestOf("key"))),
        Effect.provideService(Replies, store.replies),
      )
      if (!Array.isArray(generations) || !Array.isArray(replies)) return yield* Effect.die("no rows")
      return { generations, replies, counts, notes, warnings }
    }).pipe(Effect.provide(storeLayer(this.root).pipe(Layer.provideMerge(diskLayer))))
  }
}
