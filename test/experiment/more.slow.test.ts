import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { copyOfExperiment, shrinkDemo } from "../rig/experiment.ts"
import type { Project } from "../rig/project.ts"

const isOfMore = (name: string): boolean => name.split("/").some((part) => ["biored", "drugprot"].includes(part))
const profile = ["--profile", "demo"]

/** Abstracts, entities and relations in the files of DrugProt, made up. */
const drugprot = (first: number, count: number, pair: string) => {
  const texts = Array.from(
    { length: count },
    (_, index) => ({ id: first + index, text: `Zinc inhibits ${pair}${index}.` }),
  )
  return {
    abstracs: texts.map(({ id, text }) => `${id}\t${text}\tNo more.\n`).join(""),
    entities: texts.map(({ id, text }) =>
      `${id}\tT1\tCHEMICAL\t0\t4\tZinc\n${id}\tT2\tGENE-N\t14\t${text.length - 1}\t${text.slice(14, -1)}\n`
    ).join(""),
    relations: texts.map(({ id }) => `${id}\tINHIBITOR\tArg1:T1\tArg2:T2\n`).join(""),
  }
}

describe("corpora beyond the paper's, in small", () => {
  let project: Project
  beforeAll(() => {
    project = copyOfExperiment()
    shrinkDemo(project)
  })
  afterAll(() => project.remove())

  const stale = async (): Promise<ReadonlyArray<string>> => {
    const { stdout } = await project.dag("plan", ...profile, "--json")
    return (JSON.parse(stdout) as ReadonlyArray<{ readonly node: string; readonly state: string }>)
      .filter(({ state }) => state !== "fresh").map(({ node }) => node)
  }
  const run = async (): Promise<string> => {
    const { code, stdout, stderr } = await project.dag("run", "aggregate", ...profile)
    assert.strictEqual(code, 0, stdout + stderr)
    return stdout
  }

  it("BioRED is one more column of the demo, and nothing of the others is done again", async () => {
    await run()
    const before = await stale()
    project.edit(
      "experiment/files.yaml",
      "\ndrugprot:\n",
      ["train", "dev", "test"].reduce(
        (bundled, portion) => `${bundled}    ${portion}: { format: pubtator, names: *biored-${portion} }\n`,
        "  bundled:\n",
      ) + "\ndrugprot:\n",
    )
    const added = (await stale()).filter((node) => !before.includes(node))
    assert.deepStrictEqual(added.filter((node) => !isOfMore(node)), ["aggregate/table1"])
    assert.include(added, "finetune/gpt2-mini/biored/full")
    const ran = await run()
    const needed = added.filter((node) => !node.startsWith("ceiling/")).length
    assert.match(ran, new RegExp(`^${needed} nodes executed, [1-9]\\d* up to date`, "mu"))
    const { stdout } = await project.dag("results", ...profile)
    assert.match(stdout, /^model +params +CDR full +BioRED *$/mu)
    const details = await project.dag(
      "show",
      "score/official/gpt2-mini/biored/full",
      ...profile,
      "--json",
      "--rows",
      "0",
    )
    const measures = (JSON.parse(details.stdout) as ReadonlyArray<{ readonly measure: string }>).map((row) =>
      row.measure
    )
    assert.deepStrictEqual([...new Set(measures)], ["pair", "pair + type", "pair + type + novelty"])
  })

  it("DrugProt is tested on its development set, and every number says so", async () => {
    const portions = { training: drugprot(1, 10, "kinase"), development: drugprot(101, 4, "ligase") }
    for (const [portion, files] of Object.entries(portions)) {
      for (const [role, text] of Object.entries(files)) {
        project.write(`bundled/corpora/drugprot/${portion}/drugprot_${portion}_${role}.tsv`, text)
      }
    }
    // Bundled as it is published, but for the number of its documents.
    const files = project.read("experiment/files.yaml")
    const published = files.slice(files.lastIndexOf("  published:")).replace(/^ +documents: .*\n/gmu, "")
    project.write("experiment/files.yaml", `${files}${published.replace("published:", "bundled:")}`)
    const ran = await run()
    assert.match(ran, /warning +drugprot test: is the publishers' development set, for the labels of their test set/u)
    const results = await project.dag("results", ...profile)
    assert.match(results.stdout, /^model +params +CDR full +BioRED +DrugProt *$/mu)
    assert.match(results.stdout, /ᵛ development set/u)
    await project.dag("results", ...profile, "--to", "out")
    const rows = project.read("out/results.csv").split("\n").filter((row) => row.includes(",drugprot,"))
    assert.isAbove(rows.length, 2)
    for (const row of rows) assert.include(row, "development set")
    assert.notInclude(
      project.read("out/results.csv").split("\n").filter((row) => !row.includes(",drugprot,")).join(),
      "development set",
    )
    assert.match(project.read("out/report.html"), /tested on the publishers(?:'|&#39;|’) development set/u)
  })
})
