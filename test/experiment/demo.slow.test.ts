import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { demoModels } from "../../experiment/demo.ts"
import { digestOf } from "../../pipeline/base/digest.ts"
import type { Example } from "../../schemas/examples.ts"
import type { Extraction } from "../../schemas/relations.ts"
import { copyOfExperiment } from "../rig/experiment.ts"
import { eventually, type Project, repository } from "../rig/project.ts"

interface Result {
  readonly model: string
  readonly corpus: string
  readonly setting: string
  readonly measure: string
  readonly label: string
  readonly source: string
  readonly f1: number
  readonly low: number
  readonly high: number
}

describe("the demo profile", () => {
  let project: Project
  beforeAll(() => {
    project = copyOfExperiment()
  })
  afterAll(() => project.remove())

  it("goes on after kill -9 in the middle of a finetuning, and repeats nothing that was finished", async () => {
    const first = project.start(["run", "--profile", "demo", "--json"])
    let told = ""
    first.process.stdout?.on("data", (text: string) => (told += text))
    // A full finetuning is the longest: once one has begun, shorter ones are finished.
    await eventually(
      "a full finetuning is under way",
      () => /NodeProgressed","node":"finetune\/t5-mini\/cdr\/full/u.exec(told) ?? undefined,
    )
    first.process.kill("SIGKILL")
    await first.ended
    const finished = [...told.matchAll(/"NodeSucceeded","node":"([^"]+)"/gu)].map(([, node]) => node)
    assert.isAbove(finished.length, 20)

    const second = await project.dag("run", "--profile", "demo", "--json")
    assert.strictEqual(second.code, 0, second.stderr)
    const started = [...second.stdout.matchAll(/"NodeStarted","node":"([^"]+)"/gu)].map(([, node]) => node)
    assert.deepStrictEqual(started.filter((node) => finished.includes(node)), [])
    assert.include(started, "finetune/t5-mini/cdr/full")
    for (const file of project.files("artifacts/objects")) {
      assert.strictEqual(digestOf(readFileSync(file)), file.slice(-65).replace("/", ""), file)
    }
    assert.deepStrictEqual(project.files("artifacts/tmp"), [])
    assert.deepStrictEqual(project.files("artifacts/pending"), [])
  })

  it("scores more with more examples, and prints the table", async () => {
    const again = await project.dag("run", "--profile", "demo")
    assert.match(again.stdout, /0 nodes executed, 387 up to date/u)
    assert.match(again.stdout, /model +params +CDR 16 +CDR 64 +CDR full/u)
    const tables = JSON.parse((await project.dag("results", "--profile", "demo", "--json")).stdout) as {
      readonly results: ReadonlyArray<Result>
    }
    const strict = tables.results.filter(({ measure, label }) => measure === "strict" && label === "micro")
    // Of each model a cell of each corpus once more, constrained.
    assert.lengthOf(strict.filter(({ source }) => source === "constrained"), 5 * 5)
    const results = strict.filter(({ source }) => source === "grid")
    // Nine cells of each encoder-decoder model, five of each decoder-only one.
    assert.lengthOf(results, 2 * 9 + 3 * 5)
    const full = results.filter(({ corpus, setting }) => corpus === "cdr" && setting === "full")
    assert.deepStrictEqual(full.map(({ model }) => model).sort(), demoModels.map(({ name }) => name).sort())
    for (const { model, f1 } of full) assert.isAtLeast(f1, 20, model)
    for (const { model, f1, low, high } of results) assert.isTrue(low <= f1 && f1 <= high, model)
    const f1 = (setting: string) =>
      results.find((each) => each.model === "t5-mini" && each.corpus === "cdr" && each.setting === setting)?.f1 ?? 0
    assert.isAbove(f1("64"), f1("16"))
    assert.isAbove(f1("full"), f1("64"))
    assert.isAtLeast(f1("full"), 40)
  })

  it("writes nothing malformed and no name from outside the source where it is constrained", async () => {
    const rows = async <A>(artifact: string): Promise<ReadonlyArray<A>> =>
      JSON.parse((await project.dag("show", artifact, "--profile", "demo", "--json", "--rows", "0")).stdout)
    let relations = 0
    for (const corpus of ["cdr", "dce", "chemprot", "ddi", "biored"]) {
      const examples = await rows<Example>(`template/${corpus}/test`)
      const sources = new Map(examples.map(({ document, source }) => [document, source]))
      for (const { name } of demoModels) {
        for (const extracted of await rows<Extraction>(`extract/${name}-constrained/${corpus}/full`)) {
          assert.deepStrictEqual(extracted.malformed, [], `${name}, ${corpus}, ${extracted.document}`)
          relations += extracted.relations.length
          const source = sources.get(extracted.document) ?? ""
          // Extraction of DCE joins what the corpus cuts at hyphens.
          const texts = [source, source.replaceAll(" - ", "-")]
          for (const argument of extracted.relations.flatMap((relation) => relation.arguments)) {
            assert.isTrue(texts.some((text) => text.includes(argument)), `${name}, ${corpus}, ${argument}`)
          }
        }
      }
    }
    assert.isAbove(relations, 100)
  })
})

/** The kind of processor, as far as it decides in which order floating-point sums are taken; undefined off Linux. */
const processor = (): string | undefined => {
  if (!existsSync("/proc/cpuinfo")) return undefined
  const text = readFileSync("/proc/cpuinfo", "utf8")
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, "mu").exec(text)?.[1] ?? ""
  return `${field("vendor_id")} family ${field("cpu family")} model ${field("model")}`
}

/** The processor that the weights below bundled/models were made on. */
const madeOn = "AuthenticAMD family 25 model 17"

describe("the profile of the demo's models", () => {
  it("makes the committed checkpoints again, byte for byte", async (context) => {
    if (processor() !== madeOn) {
      context.skip(`the checkpoints were made on ${madeOn}, this is ${processor()}: sums may be taken in another order`)
    }
    const project = copyOfExperiment()
    try {
      const run = await project.dag("run", "--profile", "demo-models")
      assert.strictEqual(run.code, 0, run.stdout + run.stderr)
      for (const { name: model, folder } of demoModels) {
        await project.dag("export", `finetune/${model}`, "--profile", "demo-models", "--to", `made/${folder}`)
        for (const name of ["config.json", "tokenizer.json", "model.safetensors"]) {
          const [made, committed] = [
            project.path("made", folder, name),
            join(repository, "bundled/models", folder, name),
          ]
          assert.strictEqual(digestOf(readFileSync(made)), digestOf(readFileSync(committed)), `${folder}/${name}`)
        }
      }
    } finally {
      project.remove()
    }
  })
})
