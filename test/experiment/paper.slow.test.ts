import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { copyOfExperiment } from "../rig/experiment.ts"
import { type Ended, type Project, repository } from "../rig/project.ts"

const corpora = resolve(repository, process.env["DAG_CORPORA"] ?? "../shared/data")

/** Documents, relations, and documents without a relation, as counted in the published files. */
const published = {
  "cdr/train": "500 documents, 1,038 relations, 0 documents without relations",
  "cdr/dev": "500 documents, 1,012 relations, 0 documents without relations",
  "cdr/test": "500 documents, 1,066 relations, 0 documents without relations",
  "chemprot/train": "1,020 documents, 4,157 relations, 385 documents without relations",
  "chemprot/dev": "612 documents, 2,416 relations, 236 documents without relations",
  "dce/train": "1,362 documents, 1,039 relations, 494 documents without relations",
  "dce/test": "272 documents, 209 relations, 97 documents without relations",
  "ddi/train": "714 documents, 4,021 relations, 204 documents without relations",
}

describe.skipIf(!existsSync(corpora))(
  existsSync(corpora) ? "the published corpora" : `the published corpora (skipped: no folder ${corpora})`,
  () => {
    let project: Project
    let run: Ended
    beforeAll(async () => {
      project = copyOfExperiment()
      run = await project.start(
        ["run", "ingest", "split", "template", "sample", "--profile", "paper", "--keep-going", "--verbose"],
        { DAG_CORPORA: corpora },
      ).ended
    })
    afterAll(() => project.remove())

    it("have the published numbers of documents and relations", () => {
      for (const [portion, counts] of Object.entries(published)) {
        const line = run.stdout.split("\n").find((each) => each.includes(` ingest/${portion} `))
        assert.include(line, counts)
      }
    })

    it("lack two test sets, which are named", () => {
      assert.strictEqual(run.code, 6)
      assert.match(run.stdout, /missing +ingest\/chemprot\/test +ChemProt test set/u)
      assert.match(run.stdout, /missing +ingest\/ddi\/test +DDI test set/u)
      assert.match(run.stdout, /44 nodes executed, 0 up to date, 2 with missing files, 4 blocked/u)
      assert.notInclude(run.stdout, "not the official files")
      assert.notInclude(run.stdout, "warning")
    })

    it("are sampled as the authors sampled them", async () => {
      const { stdout } = await project.start(["show", "sample/cdr/16/seed0", "--json", "--rows", "0"], {
        DAG_CORPORA: corpora,
      }).ended
      const ids = (JSON.parse(stdout) as ReadonlyArray<{ readonly document: string }>).map(({ document }) => document)
      assert.deepStrictEqual(ids.slice(0, 4), ["10365197", "17242861", "7083920", "12907309"])
      assert.lengthOf(ids, 16)
    })
  },
)
