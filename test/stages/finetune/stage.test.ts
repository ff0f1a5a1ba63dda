import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { protocolOf } from "../../../experiment/protocol.ts"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { Blobs, Progress, Replies, Unfinished } from "../../../pipeline/graph/stage.ts"
import { parseYaml } from "../../../pipeline/graph/yaml.ts"
import { layer as diskLayer } from "../../../pipeline/store/disk.ts"
import { layer as storeLayer, Store } from "../../../pipeline/store/store.ts"
import type { Shot } from "../../../schemas/shots.ts"
import { finetune } from "../../../stages/finetune/stage.ts"
import { sample } from "../../../stages/sample/sample.ts"
import { Language } from "../../../stages/shared/language/language.ts"
import { renderDocument } from "../../../stages/shared/language/rendering.ts"
import { inverted } from "../../../stages/shared/language/template.ts"
import { corpusOf } from "../../experiment/corpus.ts"
import { repository } from "../../rig/project.ts"
import { readCorpus } from "../support.ts"

const yaml = join(repository, "stages/template/cdr.yaml")
const { template, extraction } = parseYaml(readFileSync(yaml, "utf8"), yaml, Language)
const { rendering, reading, prompt, matching, counters } = protocolOf(corpusOf("cdr"), new Set())
const corpus = "bundled/corpora/cdr/CDR_DevelopmentSet.PubTator.txt"

/** Eight documents to learn from and four to validate on. */
const shots = sample(
  [...readCorpus("pubtator", [{ name: corpus, path: join(repository, corpus) }], "dev")].slice(0, 12)
    .map((document, index) => renderDocument(document, index < 8 ? "train" : "validation", template, rendering)),
  { shots: "full", seed: null },
)

const params: (typeof finetune.params)["Type"] = {
  architecture: "t5",
  tokenizer: "unigram",
  start: { from: "pretrained" },
  duration: { epochs: 2 },
  batchSize: 4,
  accumulation: 1,
  learningRate: 1e-3,
  warmupRatio: 0.1,
  weightDecay: 0,
  clipNorm: 1,
  dropout: 0,
  seed: 0,
  maxSourceTokens: 256,
  maxTargetTokens: 64,
  sharedTokens: null,
  endOfSequence: true,
  validation: null,
  engine: "onnxruntime",
  threads: 1,
}
const validation: NonNullable<typeof params["validation"]> = {
  fromEpoch: 1,
  template: inverted(template),
  extraction,
  reading,
  prompt,
  matching,
  counters,
  batchSize: 4,
  maxNewTokens: 48,
  decoding: {},
  patience: null,
}

const folder = mkdtempSync(join(tmpdir(), "redag-test-"))
afterAll(() => rmSync(folder, { recursive: true }))

const names = ["config.json", "tokenizer.json", "model.safetensors"]

/** Runs the stage on the mini T5, whose files are blobs by the digests of their names. */
const run = Effect.fnUntraced(function*(rows: ReadonlyArray<Shot>, changes: Partial<typeof params>) {
  const counts: Record<string, number> = {}
  const store = yield* Store
  const outputs = yield* finetune.run({
    params: { ...params, ...changes },
    inputs: {
      model: {
        digest: digestOf(""),
        rows: Effect.succeed(names.map((name) => ({
          name,
          blob: { digest: digestOf(name), size: 0 },
        }))),
      },
      shots: [{ digest: digestOf(""), rows: Effect.succeed(rows) }],
    },
  }).pipe(
    Effect.provideService(Blobs, {
      put: () => Effect.succeed({ digest: digestOf("kept"), size: 1 }),
      putFile: () => Effect.die("no file is to be kept"),
      path: ({ digest }) =>
        Effect.succeed(
          join(repository, "bundled/models/t5", names.find((name) => digestOf(name) === digest) ?? "none"),
        ),
    }),
    Effect.provideService(Progress, {
      advance: () => Effect.void,
      count: (name, value) => Effect.sync(() => void (counts[name] = value)),
      warn: () => Effect.void,
      made: () => Effect.void,
    }),
    Effect.provideService(Unfinished, store.unfinished(digestOf("key"))),
    Effect.provideService(Replies, store.replies),
  )
  return { ...outputs, counts }
}, Effect.provide(storeLayer(folder).pipe(Layer.provide(diskLayer))))

describe("finetune", () => {
  it.effect("makes a checkpoint and the curves of its steps", () =>
    Effect.gen(function*() {
      const { checkpoint, training, evaluations, speeds, counts } = yield* run(shots, {})
      assert.deepStrictEqual(
        (checkpoint as ReadonlyArray<{ readonly name: string }>).map(({ name }) => name),
        ["config.json", "tokenizer.json", "model.safetensors"],
      )
      const steps = training as ReadonlyArray<Record<string, unknown>>
      assert.deepStrictEqual(steps.map(({ step, epoch, engine }) => [step, epoch, engine]), [
        [1, 0.5, "onnxruntime"],
        [2, 1, "onnxruntime"],
        [3, 1.5, "onnxruntime"],
        [4, 2, "onnxruntime"],
      ])
      assert.lengthOf(speeds as ReadonlyArray<unknown>, 4)
      assert.deepStrictEqual(evaluations, [])
      assert.deepStrictEqual(counts, { steps: 4 })
    }))

  it.effect("evaluates each epoch on the validation examples, and tells the best", () =>
    Effect.gen(function*() {
      const { evaluations, counts } = yield* run(shots, { validation })
      const rows = evaluations as ReadonlyArray<{ readonly epoch: number; readonly gold: number; readonly f1: number }>
      assert.deepStrictEqual(rows.map(({ epoch }) => epoch), [1, 2])
      const gold = shots.reduce((sum, { answers }) => sum + answers.length, 0)
      assert.deepStrictEqual(rows.map((row) => row.gold), [gold, gold])
      assert.isAbove(gold, 0)
      assert.strictEqual(counts["validation F1"], Math.round(Math.max(...rows.map(({ f1 }) => f1)) * 1000) / 10)
      assert.include([1, 2], counts["best epoch"])
    }))

  it.effect("refuses a checkpoint of another kind than its params say, by file and field", () =>
    Effect.gen(function*() {
      for (
        const [change, message] of [
          [{ architecture: "bart" }, /^config\.json: model_type: is "t5", and the params say bart$/u],
          [{ tokenizer: "bpe" }, /^tokenizer\.json: .*type is \w+, a [\w-]+ that redag does not have for this kind/u],
          [{ tokenizer: "moses-bpe" }, /^tokenizer\.json: describes a tokenizer of another kind/u],
        ] as const
      ) {
        const error = yield* Effect.flip(run(shots, change))
        assert.strictEqual(error._tag, "InputError")
        assert.match(error.message, message)
        assert.match(error.help, /name (?:the model's|its) kind in experiment\/models\.ts/u)
      }
    }))

  it.effect("refuses a validation without examples, before it trains", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run(shots.filter(({ use }) => use === "train"), { validation }))
      assert.strictEqual(error._tag === "InputError" ? error.field : error.message, "validation")
    }))
})
