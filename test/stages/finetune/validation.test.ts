import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { protocolOf } from "../../../experiment/protocol.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { resolveDecoding } from "../../../models/generation/decoding.ts"
import { generate } from "../../../models/generation/generate.ts"
import { parseYaml } from "../../../pipeline/graph/yaml.ts"
import { evaluate } from "../../../stages/finetune/validation.ts"
import { sample } from "../../../stages/sample/sample.ts"
import { score } from "../../../stages/score/score.ts"
import { extractAll } from "../../../stages/shared/language/extraction.ts"
import { Language } from "../../../stages/shared/language/language.ts"
import { renderDocument } from "../../../stages/shared/language/rendering.ts"
import { inverted } from "../../../stages/shared/language/template.ts"
import { drain } from "../../../stages/shared/models/drain.ts"
import { corpusOf } from "../../experiment/corpus.ts"
import { readCheckpoint } from "../../models/reading.ts"
import { repository } from "../../rig/project.ts"
import { measurerOf, readCorpus } from "../support.ts"

const mini = join(repository, "bundled/models/t5")
const files = new Map(
  ["config.json", "tokenizer.json", "model.safetensors"].map((name) => [name, join(mini, name)]),
)
const corpus = "bundled/corpora/cdr/CDR_DevelopmentSet.PubTator.txt"

describe("validation", () => {
  it.effect("counts what the stages generate, extract and score count for the same documents", () =>
    Effect.gen(function*() {
      const yaml = join(repository, "stages/template/cdr.yaml")
      const { template, extraction } = parseYaml(readFileSync(yaml, "utf8"), yaml, Language)
      const { rendering, reading, prompt, matching, counters } = protocolOf(corpusOf("cdr"), new Set())
      const documents = [...readCorpus("pubtator", [{ name: corpus, path: join(repository, corpus) }], "dev")].slice(
        0,
        12,
      )
      const examples = documents.map((document) => renderDocument(document, "validation", template, rendering))
      const rows = sample(examples, { shots: "full", seed: null })

      const checkpoint = readCheckpoint(files)
      const decoding = resolveDecoding(checkpoint.generation)
      const limits = { batchSize: 4, maxNewTokens: 64, maxSourceTokens: 256 }
      const options = { ...limits, decoding, engine: onnxEngine, threads: 1 }
      const told: Array<number> = []
      const evaluated = yield* evaluate(
        checkpoint,
        rows,
        {
          fromEpoch: 1,
          template: inverted(template),
          extraction,
          reading,
          prompt,
          matching,
          counters,
          batchSize: 4,
          maxNewTokens: 64,
          decoding: {},
          patience: null,
        },
        options,
        (done) => Effect.sync(() => void told.push(done)),
      )
      assert.deepStrictEqual(told, [4, 8, 12])

      const sources = examples.map(({ source }) => source)
      const texts = yield* drain(generate({ ...options, checkpoint, sources }), () => Effect.void)
      const generations = texts.map((text, index) => ({ document: examples[index]?.document ?? "", ...text }))
      const cell = { model: "m", corpus: "cdr", setting: "full", seed: null }
      const { scores } = score({
        cell,
        partition: "validation",
        protocol: "paper",
        documents,
        examples,
        relations: [...extractAll(generations, { template: inverted(template), extraction, reading, prompt })],
        evaluations: [],
      }, measurerOf({ by: "strict", matching }))
      const micro = scores.find(({ label }) => label === "micro")
      const { correct, predicted, gold, precision, recall, f1 } = micro ?? assert.fail("no scores")
      const unfinished = generations.filter(({ finished }) => !finished).length
      assert.deepStrictEqual(evaluated, { correct, predicted, gold, precision, recall, f1, unfinished })
      assert.isAbove(predicted, 0)
    }))
})
