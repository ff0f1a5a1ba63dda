import { assert, describe, it } from "@effect/vitest"
import { onnxEngine } from "../../models/engines/onnx/engine.ts"
import type { Engine } from "../../models/ir/program.ts"
import { clipScale } from "../../models/training/optimizer.ts"
import { finetuneEncoded, type TrainingStep } from "../../models/training/trainer.ts"
import { jsEngine } from "../models/engines/tensorflow/support.ts"
import { examplesOf, modelOf, referenceOf, variants } from "./reference.ts"

/**
 * The most that a figure may differ, by theirs. Of the same training transformers computes norms in float32 that are up
 * to 2e-5 off those in float64, and losses up to 5e-7; of a gated T5, whose tiny gradients Adam brings to full size, up
 * to 3e-3 and 9e-6. No variant would pass without clipping (losses 3e-3 off or more), and none without weight decay.
 */
const limits = (variant: string) =>
  variant.startsWith("t5_gated")
    ? { gradientNorm: 5e-3, clipped: 1e-5, loss: 5e-5 }
    : { gradientNorm: 1e-4, clipped: 1e-5, loss: 4e-6 }

const engines: readonly (readonly [string, () => Promise<Engine>])[] = [
  ["onnxruntime", () => Promise.resolve(onnxEngine)],
  ["tensorflow on tfjs's own backend", jsEngine],
]

type Figures = Pick<TrainingStep, "loss" | "gradientNorm" | "learningRate">

for (const [engineName, makeEngine] of engines) {
  describe(`twenty clipped steps against Hugging Face transformers, with ${engineName}`, () => {
    it.each(variants)("%s: learning rates, norms before and after clipping, losses", async (variant) => {
      const reference = referenceOf(variant)
      const { optimizer, steps: theirs } = reference.training20
      const training = finetuneEncoded({
        model: modelOf(variant),
        examples: examplesOf(reference),
        duration: { maxSteps: optimizer.steps },
        batchSize: reference.sources.length,
        accumulation: 1,
        learningRate: optimizer.learning_rate,
        warmupRatio: optimizer.warmup_ratio,
        weightDecay: optimizer.weight_decay,
        clipNorm: optimizer.clip_norm,
        dropout: 0,
        seed: 3,
        maxSourceTokens: 28,
        maxTargetTokens: 13,
        engine: await makeEngine(),
        threads: 1,
      })
      const ours: TrainingStep[] = []
      for await (const step of training) ours.push(step)

      assert.deepStrictEqual(ours.map(({ learningRate }) => learningRate), theirs.map((step) => step.learningRate))
      const worst = (figure: (step: Figures) => number): number =>
        Math.max(...ours.map((step, index) => {
          const expected = theirs[index] === undefined ? Number.NaN : figure(theirs[index])
          return Math.abs(figure(step) - expected) / expected
        }))
      const figures = {
        gradientNorm: worst(({ gradientNorm }) => gradientNorm),
        clipped: Math.max(...ours.map(({ gradientNorm }, index) => {
          const expected = theirs[index]?.clippedNorm ?? Number.NaN
          return Math.abs(gradientNorm * clipScale(gradientNorm, optimizer.clip_norm) - expected) / expected
        })),
        loss: worst(({ loss }) => loss),
      }
      const told = Object.entries(figures).map(([name, value]) => `${name} ${value.toExponential(1)}`)
      console.log(`20 steps ${variant.padEnd(16)} ${engineName.padEnd(33)} ${told.join("  ")}`)
      for (const [name, limit] of Object.entries(limits(variant))) {
        assert.isAtMost(figures[name as keyof typeof figures], limit, name)
      }
      // Otherwise nothing would be said of clipping.
      assert(theirs.every(({ gradientNorm }) => gradientNorm > optimizer.clip_norm))
    })
  })
}
