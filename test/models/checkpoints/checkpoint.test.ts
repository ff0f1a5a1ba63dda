import { afterAll, assert, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { tokenizerJson } from "../../../bundled/making/tokenizer.ts"
import { UnsupportedConfig } from "../../../models/architectures/config.ts"
import { initialise, type Tensor, WeightsMismatch } from "../../../models/architectures/weights.ts"
import { type Checkpoint, checkpointFiles } from "../../../models/checkpoints/checkpoint.ts"
import { writeSafetensors } from "../../../models/checkpoints/safetensors-writer.ts"
import { GREEDY } from "../../../models/generation/decoding.ts"
import { modelFilesIn } from "../../../models/hub/folder.ts"
import { architectureOf, checkpointWithRandomWeights, readCheckpoint, readDescription } from "../reading.ts"
import { checkWeights } from "./support.ts"

const folder = mkdtempSync(join(tmpdir(), "redag-checkpoint-"))
afterAll(() => rmSync(folder, { recursive: true }))

const json = {
  model_type: "t5",
  architectures: ["T5ForConditionalGeneration"],
  vocab_size: 720,
  d_model: 16,
  d_kv: 4,
  d_ff: 32,
  num_layers: 1,
  num_heads: 2,
  pad_token_id: 0,
  eos_token_id: 1,
  decoder_start_token_id: 0,
}
const architecture = architectureOf(json)
const weights = initialise(architecture.parameters, 1)
const config = `${JSON.stringify(json)}\n`
const whole = {
  "config.json": config,
  "tokenizer.json": tokenizerJson("t5"),
  "model.safetensors": writeSafetensors(weights.tensors),
}

let folders = 0

/** Writes a model's files into a folder of their own. */
const written = (files: Readonly<Record<string, string | Uint8Array>>): ReadonlyMap<string, string> => {
  const into = join(folder, String(folders++))
  mkdirSync(into)
  return new Map(
    Object.entries(files).map(([name, content]) => {
      writeFileSync(join(into, name), content)
      return [name, join(into, name)]
    }),
  )
}

const contents = (checkpoint: Checkpoint): Readonly<Record<string, Uint8Array>> =>
  Object.fromEntries([...checkpointFiles(checkpoint)].map(([name, pieces]) => [name, Buffer.concat([...pieces])]))

const failure = (call: () => unknown): unknown => {
  try {
    return call()
  } catch (error) {
    return error
  }
}

describe("what a checkpoint says of generation", () => {
  const bart = readFileSync(join(import.meta.dirname, "../../../bundled/models/bart/config.json"), "utf8")
  const tokenizer = readFileSync(join(import.meta.dirname, "../../../bundled/models/bart/tokenizer.json"), "utf8")
  const says = (files: Readonly<Record<string, string>>) =>
    readDescription(written({ "config.json": bart, "tokenizer.json": tokenizer, ...files })).generation

  it("is its generation_config.json's, else its config.json's", () => {
    assert.deepStrictEqual(says({}), { ...GREEDY, forcedEosTokenId: 2 })
    const legacy = bart.replace("\"forced_eos_token_id\": 2", "\"num_beams\": 4, \"no_repeat_ngram_size\": 3")
    assert.deepStrictEqual(says({ "config.json": legacy }), {
      ...GREEDY,
      numBeams: 4,
      noRepeatNgramSize: 3,
      forcedEosTokenId: 2,
    })
    const generation = JSON.stringify({ num_beams: 3, early_stopping: true })
    assert.deepStrictEqual(says({ "config.json": legacy, "generation_config.json": generation }), {
      ...GREEDY,
      numBeams: 3,
      earlyStopping: true,
    })
    for (const [text, message] of [["[]", "is not an object"], ["{", "is not JSON"]] as const) {
      const error = failure(() => says({ "generation_config.json": text }))
      assert.instanceOf(error, UnsupportedConfig)
      assert.isTrue(error.message.startsWith(`generation_config.json: ${message}`), error.message)
    }
  })

  it("is found in a model's folder, and goes on with other weights, byte by byte", () => {
    const generation = "{\"num_beams\": 3, \"length_penalty\": 1.0}\n"
    const files = written({ ...whole, "generation_config.json": generation })
    assert.include(modelFilesIn(dirname(files.get("config.json") ?? "")) ?? [], "generation_config.json")
    const again = written(contents(readCheckpoint(files)))
    assert.strictEqual(readFileSync(again.get("generation_config.json") ?? "", "utf8"), generation)
    assert.strictEqual(readCheckpoint(again).generation.numBeams, 3)
  })
})

describe("a checkpoint", () => {
  it("comes back from a folder byte for byte", () => {
    const read = readCheckpoint(written(whole))
    const again = readCheckpoint(written(contents(read)))
    assert.deepStrictEqual(again.weights, weights)
    assert.deepStrictEqual(contents(again), contents(read))
    assert.strictEqual(Buffer.from(contents(read)["tokenizer.json"] ?? []).toString(), whole["tokenizer.json"])
  })

  it("keeps the text of its configuration, where 1.0 is not 1, but for the type of its weights", () => {
    const text = config.replace("}", ",\"initializer_factor\":1.0,\"torch_dtype\": \"bfloat16\"}")
    const read = readCheckpoint(written({ ...whole, "config.json": text }))
    const saved = Buffer.from(contents(read)["config.json"] ?? []).toString()
    assert.strictEqual(saved, text.replace("bfloat16", "float32"))
  })

  it("is made of a configuration and a tokenizer alone with random weights", () => {
    const { "model.safetensors": _, ...described } = whole
    const files = written(described)
    checkWeights(files, readDescription(files).architecture)
    assert.deepStrictEqual(checkpointWithRandomWeights(files, 1).weights, weights)
  })

  it("is refused without a configuration, with a broken one, and with one of another architecture", () => {
    const { "config.json": _, ...without } = whole
    for (const files of [without, { ...whole, "config.json": "{" }, { ...whole, "config.json": "[]" }]) {
      const error = failure(() => readCheckpoint(written(files)))
      assert.instanceOf(error, UnsupportedConfig)
      assert.strictEqual(error.field, "config.json")
    }
    const other = failure(() => readCheckpoint(written({ ...whole, "config.json": "{\"model_type\":\"llama\"}" })))
    assert.instanceOf(other, UnsupportedConfig)
    assert.match(other.message, /model_type: is "llama", and the params say t5/u)
  })

  it("is refused where the weights do not fit, which are named, before they are read", () => {
    const tensors = new Map<string, Tensor>(weights.tensors)
    tensors.delete("encoder.final_layer_norm.weight")
    tensors.set("shared.weight", { shape: [4, 16], data: new Float32Array(64) })
    tensors.set("extra", { shape: [1], data: new Float32Array(1) })
    const files = written({ ...whole, "model.safetensors": writeSafetensors(tensors) })
    const check = (paths: ReadonlyMap<string, string>) => checkWeights(paths, readDescription(paths).architecture)
    for (const read of [check, readCheckpoint]) {
      const error = failure(() => read(files))
      assert.instanceOf(error, WeightsMismatch)
      assert.deepStrictEqual(error.missing, ["encoder.final_layer_norm.weight"])
      assert.deepStrictEqual(error.unexpected, ["extra"])
      assert.deepStrictEqual(error.misshapen, ["shared.weight: [4,16], not [720,16]"])
    }
  })

  it("is refused with a tokenizer that does not end a text with its EOS, or has more ids", () => {
    const end = config.replace("\"eos_token_id\":1", "\"eos_token_id\":2")
    assert.throws(() => readCheckpoint(written({ ...whole, "config.json": end })), UnsupportedConfig, /is 2.* with 1$/u)
    const few = config.replace("720", "700")
    assert.throws(() => readCheckpoint(written({ ...whole, "config.json": few })), UnsupportedConfig, /vocab_size/u)
  })
})

describe("names in a checkpoint", () => {
  const mini = (name: string): ReadonlyMap<string, string> =>
    new Map(["config.json", "tokenizer.json"].map((file) => {
      return [file, join(import.meta.dirname, "../../../bundled/models", name, file)]
    }))

  it.each(["bart", "gpt2", "gpt-neo", "biogpt"])("%s: lack their prefix in a model saved without its head", (name) => {
    const made = checkpointWithRandomWeights(mini(name), 3)
    const { prefix, parameters } = made.architecture
    assert.isAbove(prefix.length, 0)
    const bare = new Map(
      [...made.weights.tensors].flatMap(([key, tensor]) =>
        parameters.get(key)?.buffer === true ? [] : [[key.slice(key.startsWith(prefix) ? prefix.length : 0), tensor]]
      ),
    )
    const files = written({
      "config.json": readFileSync(mini(name).get("config.json") ?? ""),
      "tokenizer.json": readFileSync(mini(name).get("tokenizer.json") ?? ""),
      "model.safetensors": writeSafetensors(bare),
    })
    assert.deepStrictEqual(readCheckpoint(files).weights, made.weights)
  })
})
