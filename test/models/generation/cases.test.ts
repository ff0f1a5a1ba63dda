import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { readWeights } from "../../../models/checkpoints/weights.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { GREEDY, resolveDecoding } from "../../../models/generation/decoding.ts"
import { decodingOf } from "../../../models/generation/from-config.ts"
import { generateEncoded } from "../../../models/generation/generate.ts"
import { caseFile, casesMissing, skipReason } from "../cases.ts"
import { architectureOf } from "../reading.ts"

type Json = Readonly<Record<string, unknown>>

/** Settings in transformers' names, and the ids that it gave for each source. */
interface Case {
  readonly settings: Json & { readonly max_new_tokens: number }
  readonly sources: readonly (readonly number[])[]
  readonly ids: readonly (readonly number[])[]
}

describe.skipIf(casesMissing !== undefined)(`against transformers${skipReason}`, () => {
  const text = (name: string, file: string): unknown => JSON.parse(readFileSync(caseFile(name, file), "utf8"))

  it("min-length: min_new_tokens takes precedence over min_length, even 0", async () => {
    const { settings, sources, ids } = text("min-length", "case.json") as Case
    const { max_new_tokens: maxNewTokens, ...rest } = settings
    const architecture = architectureOf(text("min-length", "config.json") as Json)
    const stored = new Map([["model.safetensors", caseFile("min-length", "model.safetensors")]])
    const generation = generateEncoded({
      model: { architecture, weights: readWeights(stored, architecture) },
      sources,
      batchSize: 2,
      maxNewTokens,
      maxSourceTokens: Math.max(...sources.map(({ length }) => length)),
      decoding: resolveDecoding(decodingOf({}, rest)),
      engine: onnxEngine,
      threads: 1,
    })
    let result = await generation.next()
    while (result.done !== true) result = await generation.next()
    assert.deepStrictEqual(result.value, ids)
  })

  it("bart-large-config: forces an end where no file says so, as transformers 4.32 does and 5 does not", () => {
    assert.deepStrictEqual(decodingOf(text("bart-large-config", "config.json") as Json, undefined), {
      ...GREEDY,
      numBeams: 4,
      earlyStopping: true,
      noRepeatNgramSize: 3,
      forcedEosTokenId: 2,
    })
  })

  it("t5-config-without-pad-eos: has transformers' defaults", () => {
    const { padId, eosId } = architectureOf(text("t5-config-without-pad-eos", "config.json") as Json)
    assert.deepStrictEqual([padId, eosId], [0, 1])
  })
})
