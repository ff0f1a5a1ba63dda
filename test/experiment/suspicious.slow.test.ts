import { parseHTML } from "linkedom"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { copyOfExperiment, shrinkDemo } from "../rig/experiment.ts"
import type { Project } from "../rig/project.ts"
import { cdrDocument as document } from "./suspicious.ts"

describe("a demo in whose corpus something is suspicious", () => {
  let project: Project
  beforeAll(() => {
    project = copyOfExperiment()
  })
  afterAll(() => project.remove())

  it("has the flags of its warnings at every number, in table, CSV, JSON and page, with the warnings in words", async () => {
    shrinkDemo(project)
    const entry = "test: { format: pubtator, names: [cdr/CDR_TestSet.PubTator.txt] }"
    project.edit("experiment/files.yaml", entry, entry.replace(" }", ", documents: 120, lenient: true }"))
    const corpus = "bundled/corpora/cdr/CDR_TestSet.PubTator.txt"
    const [learned = ""] = project.read("bundled/corpora/cdr/CDR_TrainingSet.PubTator.txt").split("\n\n")
    const [id = ""] = learned.split("|")
    const whole = project.read(corpus)
    const tested = [whole.trimEnd(), learned.replaceAll(id, "777"), document("888", "rash", true)]
    project.write(corpus, tested.join("\n\n"))

    const run = await project.dag("run", "--yes", "--profile", "demo")
    assert.strictEqual(run.code, 0, run.stdout + run.stderr)
    await project.dag("results", "--profile", "demo", "--to", "out", "--force")
    const warnings = [
      /cdr test: 1 of 102 documents is left out, with 1 problem: 888 \(cdr\/CDR_TestSet\.PubTator\.txt:\d+ start, end\)/u,
      /cdr test: holds 102 documents, 120 were published/u,
      /cdr test: 1 of 101 documents has the text of a document that is learned from, under another id: "?777/u,
    ]
    const table = (await project.dag("results", "--profile", "demo")).stdout
    assert.match(table, /^gpt2-mini .*\d\.\dᶜ?ᵒᶠᵈ$/mu)
    const json = (await project.dag("results", "--profile", "demo", "--json")).stdout
    const { document: page } = parseHTML(project.read("out/report.html"))
    const lineage = (await project.dag("lineage", "aggregate/table1", "--profile", "demo")).stdout
    for (const warning of warnings) {
      for (const text of [run.stdout, table, lineage, page.body.textContent]) {
        assert.match(text.replaceAll("\"", ""), new RegExp(warning.source.replaceAll("\"?", ""), "u"))
      }
      assert.isTrue(
        (JSON.parse(json) as { readonly warnings: ReadonlyArray<{ readonly text: string }> }).warnings.some((
          { text },
        ) => warning.test(text)),
      )
    }
    const [, ...rows] = project.read("out/results.csv").trimEnd().split("\n")
    assert.isAbove(rows.length, 1)
    for (const row of rows) assert.include(row, "left out;fewer documents;test text in training")
    const ceilings = async () => (await project.dag("results", "--ceilings", "--profile", "demo")).stdout
    assert.match(await ceilings(), /^paper .* \d+\.\dᵒᶠ +\d+ /mu)
    assert.include(await ceilings(), "ᶠ fewer documents: ")
    const flagged = JSON.parse((await project.dag("results", "--ceilings", "--profile", "demo", "--json")).stdout) as {
      readonly ceilings: ReadonlyArray<{ readonly flags: ReadonlyArray<string> }>
    }
    assert.isNotEmpty(flagged.ceilings)
    for (const { flags } of flagged.ceilings) assert.deepStrictEqual(flags, ["left out", "fewer documents"])

    // The corpus is sound again, and the numbers, which are all older, are still those of the other one.
    project.write(corpus, whole)
    project.edit("experiment/files.yaml", ", documents: 120, lenient: true }", " }")
    const again = await project.dag("run", "ingest", "split", "--yes", "--profile", "demo")
    assert.strictEqual(again.code, 0, again.stdout + again.stderr)
    const old = (await project.dag("results", "--profile", "demo")).stdout
    assert.include(old, "120 were published")
    assert.match(old, /^gpt2-mini .*\d\.\dᶜ?ᵒᶠᵈ$/mu)
    assert.include(old, "These results are older than what they depend on")
    assert.match(await ceilings(), /^paper .* \d+\.\dᵒᶠ +\d+ /mu)
  })
})
