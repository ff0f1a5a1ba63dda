import { assert, describe, it } from "@effect/vitest"
import type { Digest } from "../../../pipeline/base/digest.ts"
import { environmentOf } from "../../../pipeline/execute/environment.ts"
import { recordOfTold, toldOf } from "../../../pipeline/execute/told.ts"
import type { ActionRecord, Job } from "../../../pipeline/store/record.ts"

const key = "a".repeat(64) as Digest
const job: Job = {
  key,
  preImage: { format: "1", stage: "train", params: { by: 1 }, inputs: {}, code: key, outputs: { values: key } },
  node: "train/one",
  files: [{ role: "from", name: "a.txt", path: "a.txt", digest: key, size: 3 }],
  resources: { cpu: 1, memory: 512, gpu: 0 },
  environment: { commit: "1c79981", dirty: false },
}
const made: ActionRecord = {
  key,
  preImage: job.preImage,
  node: job.node,
  files: job.files,
  outputs: { values: { artifact: "values", digest: key, size: 10, rows: 1, varies: false } },
  blobs: [],
  counts: { documents: 2 },
  warnings: ["two documents are alike"],
  log: null,
  started: "2026-11-29T10:00:00.000Z",
  milliseconds: 1,
  resources: job.resources,
  peakMemory: null,
  environment: environmentOf(job.environment),
}

/** What reaches the engine is a copy. */
const heard = (record: ActionRecord): ActionRecord => recordOfTold(structuredClone(toldOf(record, job)), job)

describe("what a thread tells of a record", () => {
  it("is the whole record, though what the engine has of the job is not sent", () => {
    assert.deepStrictEqual(heard(made), made)
    const sent = ["node", "outputs", "blobs", "counts", "warnings", "log", "started", "milliseconds", "peakMemory"]
    assert.hasAllKeys(toldOf(made, job), sent)
  })

  it("keeps what another made first, on its machine and with what it was granted there", () => {
    const other: ActionRecord = {
      ...made,
      node: "train/other",
      files: [{ role: "from", name: "a.txt", path: "b.txt", digest: key, size: 3 }],
      resources: { cpu: 2, memory: 1024, gpu: 0 },
      environment: { ...made.environment, host: "other", commit: null },
    }
    assert.deepStrictEqual(heard(other), other)
  })

  it("is of the commit of its job, whatever the one before was of", () => {
    const later: Job = { ...job, environment: { commit: "064c365", dirty: true } }
    const record = { ...made, environment: environmentOf(later.environment) }
    assert.deepStrictEqual(recordOfTold(structuredClone(toldOf(record, later)), later), record)
    assert.strictEqual(heard(made).environment.commit, "1c79981")
  })
})
