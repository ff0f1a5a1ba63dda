import { Effect, Layer } from "effect"
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { initialise } from "../../../models/architectures/weights.ts"
import { type Checkpoint } from "../../../models/checkpoints/checkpoint.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { GREEDY } from "../../../models/generation/decoding.ts"
import { encodeExamples } from "../../../models/training/batches.ts"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { Progress, type StageFailure, Unfinished } from "../../../pipeline/graph/stage.ts"
import { Disk, layer as diskLayer } from "../../../pipeline/store/disk.ts"
import { layer as storeLayer, Store } from "../../../pipeline/store/store.ts"
import { evaluationRows, type History } from "../../../stages/finetune/history.ts"
import { train, type Training } from "../../../stages/finetune/training.ts"
import type { Counters } from "../../../stages/shared/params/protocol.ts"
import { architectureOf } from "../../models/reading.ts"
import { wordTokenizer } from "../../models/support.ts"

const words = Array.from({ length: 20 }, (_, index) => `t${index}`)
const tokenizer = wordTokenizer(words)
const architecture = architectureOf({
  model_type: "t5",
  vocab_size: tokenizer.size,
  d_model: 16,
  d_kv: 4,
  d_ff: 32,
  num_layers: 1,
  num_heads: 4,
  pad_token_id: 0,
  eos_token_id: 1,
  decoder_start_token_id: 0,
})

/** A small model with the same random weights every time, since training changes them in place. */
export const newCheckpoint = (): Checkpoint => ({
  architecture,
  tokenizer,
  weights: initialise(architecture.parameters, 5),
  generation: GREEDY,
  described: new Map(),
})

/** Eight sources, each with its second to fifth word as target: four steps of two an epoch. */
const texts = Array.from({ length: 8 }, (_, index) => {
  const source = Array.from({ length: 5 + index }, (_, at) => words[(index * 7 + at * (index + 1)) % words.length])
  return { source: source.join(" "), target: source.slice(1, 5).join(" ") }
})

const limits = { maxSourceTokens: 16, maxTargetTokens: 8 }

/** A training of three epochs of four steps, kept at every second step. */
export const smallTraining = (checkpoint: Checkpoint): Training => ({
  checkpoint,
  examples: encodeExamples(architecture, tokenizer, texts, limits),
  validator: undefined,
  interval: { seconds: Infinity, steps: 2 },
  duration: { epochs: 3 },
  batchSize: 2,
  accumulation: 1,
  learningRate: 5e-3,
  warmupRatio: 0.1,
  weightDecay: 0,
  clipNorm: 1,
  dropout: 0.1,
  seed: 1,
  engine: onnxEngine,
  threads: 1,
  ...limits,
})

/** A validator that gives these F1, epoch after epoch, each of ten predictions for ten relations, and the digests of the weights that it was shown. */
export const scripted = (
  f1: ReadonlyArray<number>,
  patience: number | null = null,
  fromEpoch = 1,
  counters: Counters = "reset",
) => {
  const seen: Array<string> = []
  return { fromEpoch, patience, counters, documents: 0, f1, seen }
}
export type Script = ReturnType<typeof scripted>

/** What a training came to. */
export interface Trained {
  readonly weights: string
  readonly history: History
  readonly evaluations: ReturnType<typeof evaluationRows>
  readonly counts: Readonly<Record<string, number>>
  readonly notes: ReadonlyArray<string>
  /** What it showed while it was at work, by output. */
  readonly shown: Readonly<Record<string, ReadonlyArray<object>>>
}

/** A folder for what is unfinished, which a service of the store keeps. */
export class Folder {
  readonly root = mkdtempSync(join(tmpdir(), "redag-test-"))

  /** The path of a file of what is unfinished, or of its folder. */
  path(name = ""): string {
    return join(this.root, "unfinished", digestOf("key"), name)
  }

  /** The files of what is unfinished. */
  files(): ReadonlyArray<string> {
    return existsSync(this.path()) ? readdirSync(this.path()).toSorted() : []
  }

  remove(): void {
    rmSync(this.root, { recursive: true })
  }

  /** Runs a training here; `around` may stand between it and the disk. */
  run(
    changes: Partial<Training> & { readonly script?: Script } = {},
    around: (disk: Disk["Service"]) => Disk["Service"] = (disk) => disk,
  ): Effect.Effect<Trained, StageFailure> {
    const checkpoint = newCheckpoint()
    const counts: Record<string, number> = {}
    const notes: Array<string> = []
    const shown: Record<string, ReadonlyArray<object>> = {}
    const { script, ...rest } = changes
    const digest = () => digestOf(new Uint8Array(checkpoint.weights.trained.buffer))
    const validator = script === undefined ? {} : {
      validator: {
        ...script,
        evaluate: (epoch: number) =>
          Effect.sync(() => {
            script.seen.push(digest())
            const f1 = script.f1[epoch - 1] ?? 0
            const correct = Math.round(10 * f1)
            return { precision: f1, recall: f1, f1, correct, predicted: 10, gold: 10, unfinished: 0 }
          }),
      },
    }
    return Effect.gen(function*() {
      const store = yield* Store
      const history = yield* train({ ...smallTraining(checkpoint), ...validator, ...rest }).pipe(
        Effect.provideService(Unfinished, store.unfinished(digestOf("key"))),
        Effect.provideService(Progress, {
          advance: ({ note }) => Effect.sync(() => void notes.push(note ?? "")),
          count: (name, value) => Effect.sync(() => void (counts[name] = value)),
          warn: () => Effect.void,
          made: (output, rows, from) =>
            Effect.sync(() => {
              shown[output] = [...(shown[output] ?? []).slice(0, from), ...rows]
            }),
        }),
      )
      return { weights: digest(), history, evaluations: evaluationRows(history.evaluations), counts, notes, shown }
    }).pipe(Effect.provide(
      storeLayer(this.root).pipe(
        Layer.provide(Layer.effect(Disk, Effect.map(Disk, around)).pipe(Layer.provide(diskLayer))),
      ),
    ))
  }
}
