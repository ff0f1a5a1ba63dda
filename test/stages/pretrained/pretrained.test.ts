import { afterAll, afterEach, assert, beforeAll, describe, it } from "@effect/vitest"
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { initialise } from "../../../models/architectures/weights.ts"
import { writeSafetensors } from "../../../models/checkpoints/safetensors-writer.ts"
import { COMMIT, FakeHub } from "../../models/hub/rig.ts"
import { architectureOf } from "../../models/reading.ts"
import { copyOfExperiment } from "../../rig/experiment.ts"
import { slowly } from "../../rig/often.ts"
import { type Project, repository, type Variables } from "../../rig/project.ts"

const miniT5 = join(repository, "bundled/models/t5")
const mini = (name: string): Uint8Array => readFileSync(join(miniT5, name))
const files = Object.fromEntries(
  ["config.json", "tokenizer.json", "model.safetensors"].map((name) => [name, mini(name)]),
)

interface Stored {
  readonly data_offsets: readonly [number, number]
}
const none: readonly [string, Stored] = ["", { data_offsets: [0, 0] }]

describe("a pretrained model", () => {
  let project: Project
  let hub: FakeHub
  beforeAll(async () => {
    project = copyOfExperiment()
    hub = await new FakeHub().listen()
  })
  afterEach(() => hub.repositories.clear())
  afterAll(() => {
    hub.close()
    project.remove()
  })

  const run = (variables: Variables, node = "pretrained/T5-Small") =>
    project.start(["run", node], {
      HF_ENDPOINT: hub.endpoint,
      HF_HOME: project.beside("hugging-face"),
      ...variables,
    }).ended

  it("is refused by the repository's own words, and nothing is kept", async () => {
    hub.repositories.set("t5-small", { commit: COMMIT, files, token: "secret", gated: true })
    const ended = await run({})
    assert.strictEqual(ended.code, 1)
    assert.match(ended.stdout + ended.stderr, /t5-small.*(?:gated|private)/u)
    assert.match(ended.stdout + ended.stderr, /HF_TOKEN/u)
    assert.deepStrictEqual(project.files("artifacts/actions"), [])
    assert.deepStrictEqual(project.files("artifacts/objects"), [])
  })

  it("comes from the Hub once, with the commit that its branch was", async () => {
    hub.repositories.set("t5-small", { commit: COMMIT, files })
    const ended = await run({})
    assert.strictEqual(ended.code, 0, ended.stdout + ended.stderr)
    const shown = async (output: string): Promise<unknown> =>
      JSON.parse((await project.dag("show", `pretrained/T5-Small:${output}`, "--json")).stdout)
    assert.deepStrictEqual(await shown("origin"), [{ repository: "t5-small", revision: "main", commit: COMMIT }])
    hub.seen.length = 0
    assert.match((await run({})).stdout, /0 nodes executed, 1 up to date/u)
    assert.lengthOf(hub.seen, 0)
  })

  slowly("is refused before anything is trained where redag lacks the architecture or a tensor", async () => {
    const base = project.beside("models")
    const folder = join(base, "t5-small")
    mkdirSync(base, { recursive: true })
    cpSync(join(repository, "bundled/models/t5"), folder, { recursive: true })
    const config = readFileSync(join(folder, "config.json"), "utf8")
    for (
      const [wrong, message] of [
        [config.replace("\"t5\"", "\"mamba\""), /config\.json: model_type.*mamba/u],
        [config.replace("\"num_layers\": 2", "\"num_layers\": 3"), /missing: encoder\.block\.2\.layer/u],
      ] as const
    ) {
      writeFileSync(join(folder, "config.json"), wrong)
      const ended = await run({ DAG_MODELS: base })
      assert.strictEqual(ended.code, 1)
      assert.match(ended.stdout + ended.stderr, message)
    }
    writeFileSync(join(folder, "config.json"), config)
    assert.strictEqual((await run({ DAG_MODELS: base })).code, 0)
  })

  slowly("comes without its weights where only the tokenizer is wanted, from the Hub and from a folder", async () => {
    const node = "pretrained/tokenizer/T5-Small"
    const names = async (variables: Variables): Promise<ReadonlyArray<string>> => {
      const { stdout } = await project.start(["show", `${node}:checkpoint`, "--json"], variables).ended
      return (JSON.parse(stdout) as ReadonlyArray<{ readonly name: string }>).map(({ name }) => name)
    }
    const generation = Buffer.from("{\"num_beams\": 4}")
    hub.repositories.set("t5-small", { commit: COMMIT, files: { ...files, "generation_config.json": generation } })
    hub.seen.length = 0
    const ended = await run({ HF_HOME: project.beside("another-home") }, node)
    assert.strictEqual(ended.code, 0, ended.stdout + ended.stderr)
    assert.deepStrictEqual(await names({}), ["config.json", "generation_config.json", "tokenizer.json"])
    assert.isFalse(hub.seen.some(({ path }) => path.endsWith("model.safetensors")))

    const base = project.beside("tokenizers")
    const folder = join(base, "t5-small")
    for (const name of ["config.json", "tokenizer.json"]) cpSync(join(miniT5, name), join(folder, name))
    assert.strictEqual((await run({ DAG_MODELS: base }, node)).code, 0)
    assert.deepStrictEqual(await names({ DAG_MODELS: base }), ["config.json", "tokenizer.json"])
    writeFileSync(join(folder, "tokenizer.json"), "{}")
    const broken = await run({ DAG_MODELS: base }, node)
    assert.strictEqual(broken.code, 1)
    assert.match(broken.stdout + broken.stderr, /tokenizer\.json/u)
  })

  it("t5-with-nan: is refused with the tensor and the place, not trained to an F1 of 0", async () => {
    const base = project.beside("broken")
    cpSync(miniT5, join(base, "t5-small"), { recursive: true })
    const weights = readFileSync(join(miniT5, "model.safetensors"))
    const header = Number(weights.readBigUInt64LE(0))
    const names = JSON.parse(weights.toString("utf8", 8, 8 + header)) as Readonly<Record<string, Stored>>
    const [name, { data_offsets: [start] }] = Object.entries(names).find(([key]) => key !== "__metadata__") ?? none
    for (let index = 0; index < 100; index++) weights.writeFloatLE(Number.NaN, 8 + header + start + 4 * index)
    writeFileSync(join(base, "t5-small/model.safetensors"), weights)
    const ended = await run({ DAG_MODELS: base })
    assert.strictEqual(ended.code, 1)
    assert.include(ended.stdout + ended.stderr, `values that are not finite: ${name}: 100, the first NaN at [0`)
  })

  slowly("is read with fairseq's tokenizer of a BioGPT where a folder has no other", async () => {
    const base = project.beside("fairseq")
    const folder = join(base, "microsoft--biogpt")
    const small = join(repository, "test/parity/tokenizers/reference/small/biogpt-fairseq")
    for (const name of ["dict.txt", "bpecodes"]) cpSync(join(small, name), join(folder, name))
    const node = "pretrained/BioGPT"
    const without = await run({ DAG_MODELS: base }, "pretrained/tokenizer/BioGPT")
    assert.match(without.stdout, /missing +config\.json, vocab\.json\n/u)
    assert.notInclude(without.stdout, "tokenizer.json")
    const config = {
      model_type: "biogpt",
      vocab_size: 400,
      hidden_size: 8,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      intermediate_size: 8,
      max_position_embeddings: 32,
    }
    writeFileSync(join(folder, "config.json"), JSON.stringify(config))
    const { tensors } = initialise(architectureOf(config).parameters, 3)
    writeFileSync(join(folder, "model.safetensors"), writeSafetensors(tensors))
    for (const each of [node, "pretrained/tokenizer/BioGPT"]) {
      const ended = await run({ DAG_MODELS: base }, each)
      assert.strictEqual(ended.code, 0, ended.stdout + ended.stderr)
    }
    rmSync(join(folder, "bpecodes"))
    const half = await run({ DAG_MODELS: base }, node)
    assert.strictEqual(half.code, 1)
    assert.include(half.stdout + half.stderr, "bpecodes: is not there")
  })

  slowly("is missing while its weights are, whatever else is there", async () => {
    const base = project.beside("half")
    cpSync(join(repository, "bundled/models/t5/config.json"), join(base, "t5-small/config.json"))
    cpSync(join(repository, "bundled/models/t5/tokenizer.json"), join(base, "t5-small/tokenizer.json"))
    const ended = await run({ DAG_MODELS: base })
    assert.strictEqual(ended.code, 6)
    assert.match(ended.stdout, /missing +model\.safetensors/u)
  })
})
