import { assert, describe, it } from "@effect/vitest"
import { renderResults } from "../../../experiment/results/terminal.ts"
import type { AbsenceReason, Absent, MissingSet } from "../../../pipeline/index.ts"
import { noTables } from "./fixture.ts"
import { tinyTables } from "./tiny.ts"

/** A run that is not in the table, by the node that would have scored it. */
const run = (cell: string, reason: AbsenceReason, by = "strict"): Absent => {
  const [model = "", corpus = "", setting = "", seed] = cell.split("/")
  const params = { cell: { model, corpus, setting, seed: seed === undefined ? null : Number(seed) }, measure: { by } }
  return { node: `score/${cell}`, params, reason }
}

const portions = (corpus: string, ...names: ReadonlyArray<string>): ReadonlyArray<MissingSet> =>
  names.map((portion) => ({
    node: `ingest/${corpus}/${portion}`,
    title: `${corpus} ${portion} set`,
    base: "corpora",
    names: [`${portion}.txt`],
  }))
const missing = (...sets: ReadonlyArray<MissingSet>): AbsenceReason => ({ _tag: "MissingFiles", sets })
const model = (name: string): MissingSet => ({
  node: `pretrained/${name}`,
  title: name,
  base: "models",
  names: ["config.json"],
})
const notRun: AbsenceReason = { _tag: "NotRun" }

/** What a terminal shows for runs that are not in the table. */
const shown = (absent: ReadonlyArray<Absent>, tables = tinyTables) => {
  const [table = "", ...rest] = renderResults(tables, { absent, upToDate: true }).split("\n\n")
  return { table, why: rest.find((text) => text.startsWith("Not in the table:"))?.split("\n").slice(1) }
}

describe("what is not in the table", () => {
  it("is a corpus whose files are missing, for all models", () => {
    const models = ["T5-Base", "*[a]_{b}|<i>&\"c\""]
    const absent = ["ddi", "chemprot"].flatMap((corpus) =>
      models.map((model) =>
        run(
          `${model}/${corpus}/full`,
          missing(...portions(corpus, ...(corpus === "ddi" ? ["train", "test"] : ["test"]))),
        )
      )
    )
    const { table, why } = shown(absent)
    assert.deepStrictEqual(why, ["  ChemProt, DDI: files missing: ddi train set, ddi test set, chemprot test set"])
    assert.match(table, /^model +params +CDR 16 +CDR full +ChemProt +DDI\nT5-Base .* no files +no files\n/u)
  })

  it("is a model that ran nowhere, which has a line of its own in the order of the models", () => {
    const files = missing(model("T5-Small"))
    const { table, why } = shown([run("T5-Small/cdr/full", files), run("T5-Small/cdr/16/0", files)])
    assert.deepStrictEqual(why, ["  T5-Small: model files missing"])
    assert.deepStrictEqual(table.split("\n").slice(1, 4).map((line) => line.split(/ +/u)[0]), [
      "T5-Small",
      "T5-Base",
      "*[a]_{b}|<i>&\"c\"",
    ])
  })

  it("is a model in one line, whatever else is missing beside its files", () => {
    const { why } = shown([
      ...["BART-Base", "BioGPT"].flatMap((name) => [
        run(`${name}/cdr/full`, missing(model(name))),
        run(`${name}/ddi/full`, missing(...portions("ddi", "train"), model(name))),
      ]),
      run("T5-Base/ddi/full", missing(...portions("ddi", "train"))),
    ])
    assert.deepStrictEqual(why, ["  DDI: files missing: ddi train set", "  BART-Base, BioGPT: model files missing"])
  })

  it("is a cell that runs, failed, was stopped or did not run, each with its reason", () => {
    const at = { done: 120, total: 480, unit: "steps" }
    const { why } = shown([
      run("T5-Base/dce/16/0", notRun),
      run("T5-Base/dce/64/0", { _tag: "Stopped", node: "finetune/T5-Base/dce/64/seed0", at }),
      run("T5-Base/dce/full", { _tag: "Running", node: "finetune/T5-Base/dce/full", at }),
      run("T5-Base/chemprot/full", { _tag: "Queued", node: "finetune/T5-Base/chemprot/full", at: undefined }),
      run("T5-Base/ddi/full", { _tag: "Failed", node: "generate/T5-Base/ddi/full", message: "out of\nmemory" }),
      // The official measure of a run is no cell of its own.
      run("T5-Base/ddi/full", notRun, "official"),
    ])
    assert.deepStrictEqual(why, [
      "  T5-Base on DCE full: finetune/T5-Base/dce/full is running, 120 of 480 steps",
      "  ChemProt: finetune/T5-Base/chemprot/full waits in the queue of the cluster",
      "  DDI: generate/T5-Base/ddi/full failed: out of",
      "  T5-Base on DCE 64: finetune/T5-Base/dce/64/seed0 was stopped, 120 of 480 steps; run again to go on",
      "  T5-Base on DCE 16: not run",
    ])
  })

  it("is older than what it depends on: the number is that of the seeds that are not", () => {
    const seed = { ...tinyTables, results: tinyTables.results.map((row) => ({ ...row, runs: 1 })) }
    const { table, why } = shown([run("T5-Base/cdr/16/1", { _tag: "Older" })], seed)
    assert.deepStrictEqual(why, [
      "  T5-Base on CDR 16, seed 1: older than what they depend on; dag plan says what changed",
    ])
    assert.include(table, "1/2")
    assert.include(shown([run("T5-Base/ddi/full", { _tag: "Older" })]).table, "older")
  })

  it("names the seeds that a cell with a number lacks, and counts what is too much to name", () => {
    const { why } = shown([run("T5-Base/cdr/16/3", notRun), run("T5-Base/cdr/16/4", notRun)])
    assert.deepStrictEqual(why, ["  T5-Base on CDR 16, seeds 3, 4: not run"])
    const cells = ["cdr/64/0", "dce/16/0", "dce/64/0", "dce/full", "ddi/full", "chemprot/full"]
    assert.deepStrictEqual(shown(cells.map((cell) => run(`T5-Base/${cell}`, notRun))).why, [
      "  T5-Base on CDR 64; T5-Base on DCE 16; T5-Base on DCE 64 and 3 more cells: not run",
    ])
  })

  it("leaves only columns that the profile has", () => {
    assert.match(shown([]).table, /^model +params +CDR 16 +CDR full\n/u)
    assert.isUndefined(shown([]).why)
    assert.match(
      shown([run("T5-Base/dce/full", notRun)], noTables).table,
      /^model +params +DCE full\nT5-Base +220M +not run\n/u,
    )
  })

  it("has the mark of where a row comes from before anything of it has run, and says what it means", () => {
    const cells = ["my-system/cdr/full", "prompted/cdr/16/0", "T5-Base-constrained/cdr/full", "T5-Base/dce/full"]
    const table = renderResults(noTables, { absent: cells.map((cell) => run(cell, notRun)), upToDate: true })
    for (const line of [/^T5-Base +220M/mu, /^my-systemᵉ /mu, /^promptedⁱ /mu, /^T5-Base-constrainedᵍ +220M/mu]) {
      assert.match(table, line)
    }
    assert.include(table, "ᵉ predictions from a file")
    assert.include(table, "ⁱ in context")
    assert.include(table, "ᵍ generation constrained")
  })
})
