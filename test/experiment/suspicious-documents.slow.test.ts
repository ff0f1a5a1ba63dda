import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { copyOfExperiment } from "../rig/experiment.ts"
import type { Ended, Project } from "../rig/project.ts"
import { cdrDocument as document } from "./suspicious.ts"

const folder = "corpora"

describe("a corpus in which something is suspicious", () => {
  let project: Project
  beforeEach(() => {
    project = copyOfExperiment()
  })
  afterEach(() => project.remove())

  const write = (train: string, dev: string, test: string): void => {
    project.write(`${folder}/cdr/CDR_TrainingSet.PubTator.txt`, train)
    project.write(`${folder}/cdr/CDR_DevelopmentSet.PubTator.txt`, dev)
    project.write(`${folder}/cdr/CDR_TestSet.PubTator.txt`, test)
  }
  const dag = (...args: ReadonlyArray<string>): Promise<Ended> =>
    project.start([...args, "--profile", "paper"], { DAG_CORPORA: folder }).ended

  it("train-equals-test: is refused where test documents are training documents, by their ids and texts", async () => {
    write(
      document("1", "rash") + document("2", "pain"),
      document("3", "cough"),
      document("2", "pain") + document("4", "fever"),
    )
    const run = await dag("run", "split/cdr/test")
    assert.strictEqual(run.code, 1, run.stdout + run.stderr)
    assert.include(run.stdout + run.stderr, `1 of 2 test documents are also learned from, by id and text: "2"`)
  })

  it("is tested on a document with another text than the one of its id that is learned from", async () => {
    write(document("1", "rash"), document("2", "pain"), document("1", "fever") + document("2", "gout"))
    const run = await dag("run", "template/cdr")
    assert.strictEqual(run.code, 0, run.stdout + run.stderr)
    const { stdout } = await dag("show", "template/cdr/test", "--json", "--rows", "0")
    assert.deepStrictEqual(
      (JSON.parse(stdout) as ReadonlyArray<{ readonly source: string }>).map(({ source }) =>
        source.trim().split("\n").at(-1)
      ),
      ["Lead causes fever.", "Lead causes gout."],
    )
  })

  it("says what it is while it runs, and in the lineage of all that is made of it", async () => {
    write(document("1", "rash"), document("2", "cough"), document("3", "Rash") + document("4", "fever"))
    const run = await dag("run", "template/cdr/test")
    assert.strictEqual(run.code, 0, run.stdout + run.stderr)
    const warnings = [
      "cdr train: holds 1 document, 500 were published",
      "cdr train: not the published file (by sha256): cdr/CDR_TrainingSet.PubTator.txt",
      `cdr test: 1 of 2 documents has the text of a document that is learned from, under another id: "3" reads as "1"`,
    ]
    const lineage = await dag("lineage", "template/cdr/test")
    const why = await dag("why", "template/cdr/test")
    for (const warning of warnings) {
      assert.include(run.stdout, `warning  ${warning}`)
      assert.include(lineage.stdout, `warning  ${warning}`)
      assert.include(why.stdout, `warning  ${warning}`)
    }
    const { stdout } = await dag("show", "split/cdr/test:warnings", "--json", "--rows", "0")
    assert.deepStrictEqual(
      (JSON.parse(stdout) as ReadonlyArray<{ readonly kind: string }>).map(({ kind }) => kind),
      ["test text in training"],
    )
  })

  it("is one error with all that is wrong; leniently it is read without, as it is then said", async () => {
    write(
      document("1", "rash", true) + document("2", "pain") + document("3", "cough", true),
      document("4", "fever"),
      document("5", "gout"),
    )
    const strict = await dag("run", "ingest/cdr/train")
    assert.strictEqual(strict.code, 1)
    const said = strict.stdout + strict.stderr
    // Both places have the same path, and the helps stand in lines of their own.
    assert.match(
      said,
      /(\S+CDR_TrainingSet\.PubTator\.txt):3: start, end: the offsets cover "Lead ", but the mention is "Lead"\n\s+and 1 more problem, in 2 documents in all:\n\s+\1:15 start, end: .*\n\s+help: .*\n\s+or, to leave these 2/u,
    )
    assert.match(
      said,
      /to leave these 2 documents out, write "lenient: true" at the portion in experiment\/files\.yaml/u,
    )

    project.edit("experiment/files.yaml", "      documents: 500\n", "      documents: 500\n      lenient: true\n")
    const lenient = await dag("run", "ingest/cdr/train")
    assert.strictEqual(lenient.code, 0, lenient.stdout + lenient.stderr)
    assert.include(
      lenient.stdout,
      "warning  cdr train: 2 of 3 documents are left out, with 2 problems: 1 (cdr/CDR_TrainingSet.PubTator.txt:3 start, end), 3 (",
    )
    const { stdout } = await dag("show", "ingest/cdr/train", "--json", "--rows", "0")
    assert.deepStrictEqual((JSON.parse(stdout) as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id), ["2"])
  })
})
