import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { SHAPES } from "../../bench/shapes.ts"
import { checkpointFiles } from "../../models/checkpoints/checkpoint.ts"
import { checkpointWithRandomWeights } from "../models/reading.ts"
import { copyOfExperiment } from "../rig/experiment.ts"
import { type Project, repository } from "../rig/project.ts"

const corpora = resolve(repository, process.env["DAG_CORPORA"] ?? "../shared/data")
const tokenizer = join(corpora, "tokenizers/t5/tokenizer.json")
const missing = [join(corpora, "cdr"), tokenizer].find((path) => !existsSync(path))

const profile = ["--profile", "paper"]
const node = "finetune/T5-Small/cdr/full"

describe.skipIf(missing !== undefined)(
  missing === undefined ? "the paper's profile" : `the paper's profile (skipped: there is no ${missing})`,
  () => {
    let project: Project
    let variables: Readonly<Record<string, string>>
    beforeAll(() => {
      project = copyOfExperiment()
      const folder = project.beside("models/t5-small")
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, "config.json"), JSON.stringify(SHAPES["t5-small"]))
      writeFileSync(join(folder, "tokenizer.json"), readFileSync(tokenizer))
      const files = new Map(["config.json", "tokenizer.json"].map((name) => [name, join(folder, name)]))
      const weights = checkpointFiles(checkpointWithRandomWeights(files, 0)).get("model.safetensors") ?? []
      writeFileSync(join(folder, "model.safetensors"), Buffer.concat(weights))
      variables = { DAG_CORPORA: corpora, DAG_MODELS: project.beside("models") }
      // One epoch, evaluated on a few documents and few tokens.
      project.edit("experiment/paper.ts", "paperEpochs = 30", "paperEpochs = 1")
      project.edit("experiment/paper.ts", "maxNewTokens: 512", "maxNewTokens: 32")
      project.edit(
        "experiment/files.yaml",
        /    dev:\n      format: pubtator\n(?:      .*\n)*/u.exec(project.read("experiment/files.yaml"))?.[0]
          ?? "no dev",
        "",
      )
      project.edit("experiment/graph/read.ts", "fraction: 0.2", "fraction: 0.04")
    })
    afterAll(() => project.remove())

    const show = async (output: string): Promise<ReadonlyArray<Record<string, number>>> => {
      const words = ["show", `${node}:${output}`, ...profile, "--json", "--rows", "0"]
      return JSON.parse((await project.start(words, variables).ended).stdout) as ReadonlyArray<Record<string, number>>
    }

    it("finetunes a model of T5-small's shape on CDR for an epoch, with its curves and its evaluation", async () => {
      const run = await project.start(["run", "--yes", node, ...profile], variables).ended
      assert.strictEqual(run.code, 0, run.stdout + run.stderr)
      console.log(run.stdout)

      const steps = await show("training")
      // 480 documents, one at a time and 32 to a step.
      assert.lengthOf(steps, 15)
      const mean = (rows: typeof steps) => rows.reduce((sum, { loss = 0 }) => sum + loss, 0) / rows.length
      assert.isBelow(mean(steps.slice(-3)), mean(steps.slice(0, 3)) - 0.1)
      const speeds = await show("speeds")
      assert.lengthOf(speeds, 15)
      assert.isTrue(speeds.every(({ tokensPerSecond = 0 }) => tokensPerSecond > 0))
      const [evaluation, ...others] = await show("evaluations")
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual([evaluation?.["epoch"], evaluation?.["step"]], [1, 15])
      assert.isAbove(evaluation?.["gold"] ?? 0, 20)
    })
  },
)
