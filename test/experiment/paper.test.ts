import { assert, describe, it } from "vitest"
import { copyOfExperiment } from "../rig/experiment.ts"

describe("the paper's profile on a machine that has nothing", () => {
  it("ends in one list of what it needs", async () => {
    const project = copyOfExperiment()
    try {
      const run = await project.start(["run"], { DAG_CORPORA: "nowhere", DAG_MODELS: "nowhere" }).ended
      assert.strictEqual(run.code, 6)
      assert.match(run.stdout, /Missing \(35\)/u)
      for (const name of ["CDR test set", "ChemProt test set", "DDI training set", "T5-Small", "BioMedLM"]) {
        assert.include(run.stdout, name)
      }
      assert.match(run.stdout, /CDR_TrainingSet\.PubTator\.txt\n +sha256 [0-9a-f]{64}/u)
      assert.strictEqual(run.stderr.split("\n")[0], "error: 35 file sets of this profile are missing")
      assert.notMatch(run.stderr, /\n +at /u)
    } finally {
      project.remove()
    }
  })
})
