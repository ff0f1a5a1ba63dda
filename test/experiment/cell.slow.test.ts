import { DuckDBInstance } from "@duckdb/node-api"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { copyOfExperiment } from "../rig/experiment.ts"
import type { Project } from "../rig/project.ts"

/** One cell of the demo profile stands for all in what follows; the whole profile is run by the slow suite. */
const cell = "t5-mini/cdr/16/seed0"
const profile = ["--profile", "demo"]

interface PlannedNode {
  readonly node: string
  readonly state: string
  readonly reasons?: ReadonlyArray<Record<string, unknown>>
}

/** What a plan of the one cell would execute. */
const plan = async (project: Project): Promise<ReadonlyArray<PlannedNode>> => {
  const { stdout } = await project.dag("plan", `score/${cell}`, ...profile, "--json")
  return (JSON.parse(stdout) as ReadonlyArray<PlannedNode>).filter(({ state }) => state !== "fresh")
}

const names = (nodes: ReadonlyArray<PlannedNode>): ReadonlyArray<string> => nodes.map(({ node }) => node).sort()

const scoreOf = async (project: Project): Promise<unknown> =>
  JSON.parse((await project.dag("show", `score/${cell}`, ...profile, "--json")).stdout)

describe("one cell of the demo profile", () => {
  let project: Project
  beforeAll(async () => {
    project = copyOfExperiment()
    const run = await project.dag("run", `score/${cell}`, ...profile)
    assert.strictEqual(run.code, 0, run.stdout + run.stderr)
    assert.match(run.stdout, /13 nodes executed, 0 up to date/u)
  })
  afterAll(() => project.remove())

  it("is up to date when run again", async () => {
    const run = await project.dag("run", `score/${cell}`, ...profile)
    assert.match(run.stdout, /0 nodes executed, 13 up to date/u)
  })

  it("finetunes a model that extracts relations", async () => {
    const [micro] = await scoreOf(project) as [{ readonly label: string; readonly f1: number; readonly gold: number }]
    assert.strictEqual(micro.label, "micro")
    assert.isAbove(micro.gold, 100)
    assert.isAbove(micro.f1, 0.2)
  })

  it("shows rows that DuckDB reads alike from the same file", async () => {
    for (const artifact of [`generate/${cell}`, `finetune/${cell}:training`, "template/cdr/test"]) {
      const rows: unknown = JSON.parse(
        (await project.dag("show", artifact, ...profile, "--json", "--rows", "0")).stdout,
      )
      const path = (await project.dag("show", artifact, ...profile)).stdout.split("\n")[1] ?? ""
      const connection = await (await DuckDBInstance.create()).connect()
      const reader = await connection.runAndReadAll(`select * from read_parquet('${path}')`)
      const read = JSON.parse(JSON.stringify(reader.getRowObjectsJson())) as ReadonlyArray<Record<string, unknown>>
      connection.closeSync()
      assert.deepStrictEqual(read.map(numbers), (rows as ReadonlyArray<Record<string, unknown>>).map(numbers), artifact)
    }
  })

  it("exports a checkpoint as the folder that it was read from, and says where it cannot", async () => {
    const exported = await project.dag("export", `finetune/${cell}`, ...profile, "--to", "out")
    assert.match(exported.stdout, /3 files .*config\.json/u)
    assert.strictEqual(project.read("out/tokenizer.json"), project.read("bundled/models/t5/tokenizer.json"))
    project.write("taken", "")
    const refused = await project.dag("export", `finetune/${cell}`, ...profile, "--to", "taken")
    assert.strictEqual(refused.code, 1)
    assert.match(refused.stderr, /^error: .*taken.* cannot be written/mu)
    assert.notMatch(refused.stderr, /\n +at /u)
  })

  it("shows beside a number what it hides, with nothing else computed", async () => {
    const { code, stdout, stderr } = await project.dag(
      "results",
      "--details",
      cell.slice(0, -"/seed0".length),
      ...profile,
    )
    assert.strictEqual(code, 0, stderr)
    assert.match(stdout, /: protocol paper, 1 run, learned from 16 documents\n/u)
    for (const row of ["all relations", "macro", "CID", "all arguments seen", "not seen together"]) {
      assert.match(stdout, new RegExp(`^${row} +[\\d.–]+ +[\\d.–]+ +[\\d.–]+ `, "mu"))
    }
    assert.match(stdout, /^not in text: \d+ of \d+ \(/mu)
  })

  it("traces the score to the raw corpus, the template, the code and the packages", async () => {
    const { stdout } = await project.dag("lineage", `score/${cell}`, ...profile)
    assert.match(stdout, /file +corpus: cdr\/CDR_TestSet\.PubTator\.txt, .*sha256 [0-9a-f]{64}/u)
    assert.match(stdout, /file +corpus: cdr\/CDR_TrainingSet\.PubTator\.txt, .*sha256 [0-9a-f]{64}/u)
    assert.match(stdout, /file +folder: model\.safetensors, .*sha256 [0-9a-f]{64}/u)
    assert.match(stdout, /template\.clause = "The relation between \{head\} and \{tail\} exists"/u)
    assert.match(stdout, /code +\d+ declarations of \d+ modules from stages\/finetune\/stage\.ts/u)
    assert.match(stdout, /packages .*onnxruntime-node \d/u)
  })

  it("names the line of a template that changed, and what that invalidates", async () => {
    project.edit("stages/template/cdr.yaml", "Find all instances", "List all instances")
    const nodes = await plan(project)
    assert.deepStrictEqual(
      names(nodes),
      [
        ...["extract", "finetune", "generate"].map((stage) => `${stage}/${cell}`),
        "sample/cdr/16/seed0",
        `score/${cell}`,
        "template/cdr/learn",
        "template/cdr/test",
      ].sort(),
    )
    const [reason] = nodes.find(({ node }) => node === "template/cdr/test")?.reasons ?? []
    assert.deepInclude(reason, { path: "template.source", origin: { file: "stages/template/cdr.yaml", line: 4 } })
    project.edit("stages/template/cdr.yaml", "List all instances", "Find all instances")
    assert.deepStrictEqual(await plan(project), [])
  })

  it("extracts again, and no more, when only the extraction pattern changed", async () => {
    project.edit("stages/template/cdr.yaml", "tail: \".*?\"", "tail: \".+?\"")
    assert.deepStrictEqual(names(await plan(project)), [`extract/${cell}`, `score/${cell}`])
    const run = await project.dag("run", `score/${cell}`, ...profile)
    // The other pattern reads the same relations here, so the score stays up to date.
    assert.match(run.stdout, /1 node executed, 12 up to date/u)
    project.edit("stages/template/cdr.yaml", "tail: \".+?\"", "tail: \".*?\"")
  })

  it("scores again, and trains nothing, when what is told of mistakes changed", async () => {
    project.edit("stages/shared/measures/mistakes.ts", "malformed.map((text)", "[...malformed].map((text)")
    assert.deepStrictEqual(names(await plan(project)), [`score/${cell}`])
    project.edit("stages/shared/measures/mistakes.ts", "[...malformed].map((text)", "malformed.map((text)")
  })

  it("runs nothing after a change of a comment or a type", async () => {
    project.edit("stages/score/stage.ts", "/** Scores", "/** Scores, as the paper does,")
    project.edit("models/kernels/random.ts", "export class", "interface Unused { readonly a: string }\nexport class")
    assert.deepStrictEqual(await plan(project), [])
  })

  it("gives another score after training for one step", async () => {
    const before = await scoreOf(project)
    project.edit("experiment/demo.ts", "\"16\": 30", "\"16\": 1")
    const run = await project.dag("run", `score/${cell}`, ...profile)
    assert.match(run.stdout, /4 nodes executed, 9 up to date/u)
    assert.notDeepEqual(await scoreOf(project), before)
  })
})

/** DuckDB gives 64-bit integers as text. */
const numbers = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === "string" && /^\d{1,15}$/u.test(value) && name !== "document" ? Number(value) : value,
    ]),
  )
