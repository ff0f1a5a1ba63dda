import { afterAll, assert, describe, it } from "vitest"
import { damageAndRead, finishedStore, made } from "../rig/damaged-store.ts"
import { copyOfExperiment } from "../rig/experiment.ts"
import { kindOf, randomFrom } from "../rig/flips.ts"
import { show } from "./table.ts"

/** A cell of the demo: its store has tables, checkpoints, logs of processes, and all that the engine writes. */
const cell = "score/t5-mini/cdr/16/seed0"
const reading = [
  ["show", cell, "--profile", "demo", "--json"],
  ["show", "finetune/t5-mini/cdr/16/seed0", "--profile", "demo", "--json"],
  ["export", "finetune/t5-mini/cdr/16/seed0", "--profile", "demo", "--to", "out", "--force", "--json"],
]

const FLIPS = 1000
/** A round damages so many files, each once. */
const A_ROUND = 40

describe("flips in a finished store of the demo", () => {
  const project = copyOfExperiment()
  afterAll(() => project.remove())

  it("are all found by verify, never used, and healed by repair and a run, to the same digests", async () => {
    const finished = await finishedStore(project, "demo", [cell], reading)
    const store = project.path("artifacts")
    const random = randomFrom(12)
    const total = { done: 0, missed: 0, used: 0, deleted: 0 }
    for (let round = 0; total.done < FLIPS; round++) {
      const { done, missed, used, deleted } = await damageAndRead(
        finished,
        Math.min(A_ROUND, FLIPS - total.done),
        random,
      )
      assert.isAbove(done, 0)
      assert.deepStrictEqual(missed, [], `round ${round}`)
      total.done += done
      total.missed += missed.length
      total.used += used
      total.deleted += deleted
      const repair = await project.dag("repair")
      assert.strictEqual(repair.code, 0, repair.stdout + repair.stderr)
      const run = await project.dag("run", cell, "--profile", "demo", "--yes")
      assert.strictEqual(run.code, 0, run.stdout + run.stderr)
      const verify = await project.dag("verify")
      assert.strictEqual(verify.code, 0, verify.stdout)
      assert.deepStrictEqual(made(store), finished.made, `round ${round}`)
    }
    const kinds = [...Map.groupBy(finished.tree.keys(), kindOf)].map(([kind, files]) => `${files.length} of ${kind}`)
    show(
      "flips",
      `${total.done} bits and ends of files, ${kinds.join(", ")}`,
      `${total.done - total.missed} found, ${total.used} used, ${total.deleted} files deleted by reading`,
      "all healed to the same digests",
    )
    assert.deepStrictEqual(total, { done: FLIPS, missed: 0, used: 0, deleted: 0 })
  })
})
