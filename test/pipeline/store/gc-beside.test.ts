import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { keyOf } from "../../../pipeline/identity/fingerprint.ts"
import { type Calls, calls } from "../../../pipeline/store/calls.ts"
import { beginCollection } from "../../../pipeline/store/gc/inventory.ts"
import { planCollection } from "../../../pipeline/store/gc/plan.ts"
import { removeAll } from "../../../pipeline/store/gc/remove.ts"
import type { Wanted } from "../../../pipeline/store/gc/wanted.ts"
import { removeStaleTemporaries } from "../../../pipeline/store/left-over.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"
import { makeRunLog } from "../../../pipeline/store/run-log.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { inFolder, onStore, preImageOf, recordOf } from "./support.ts"

/** A process of another machine: no kernel here knows of it. */
const foreign = "00000001-1-1-1-00000001"
const key = digestOf("what it executes")

/** Has the other process begin, or beat again, at work in a run. */
const begin = (folder: string, run: string): void => {
  for (const each of ["processes", "leases", "logs", "pending", `tmp/${foreign}`]) {
    mkdirSync(join(folder, each), { recursive: true })
  }
  const heartbeat = { host: "other", run, began: "", beat: 1, at: Date.now(), seconds: 30 }
  writeFileSync(join(folder, "processes", `${foreign}.json`), JSON.stringify(heartbeat))
}

/** Leaves what a process has while it executes something. */
const work = (folder: string): ReadonlyArray<string> => {
  const files = [
    join(folder, "leases", `${key}.${foreign}`),
    join(folder, "tmp", foreign, "0"),
    join(folder, "logs", `${key}.${foreign}.log`),
    join(folder, "pending", `${key}.${foreign}.json`),
  ]
  for (const file of files) writeFileSync(file, "half written")
  return [...files, join(folder, "processes", `${foreign}.json`)]
}

const nothing: Wanted = {
  profiles: new Set(),
  known: new Set(),
  keys: new Set(),
  sources: new Map(),
  code: new Set(),
  quarantine: false,
  checkpoints: "all",
}

const collect = (wanted: Wanted, olderThan = 30 * 86_400_000) =>
  Effect.gen(function*() {
    const { releases, removals } = yield* planCollection(yield* beginCollection(true), wanted, olderThan)
    return yield* removeAll(releases, removals)
  })

describe("dag gc beside a run of another machine", () => {
  const places = ["actions", "conflicts", "runs", "logs", "tmp", "pending", "leases", "processes"]
  for (const place of places) {
    it(`removes nothing of a process that begins while ${place}/ is listed`, () =>
      inFolder(async (folder) => {
        for (const each of places) mkdirSync(join(folder, each), { recursive: true })
        let files: ReadonlyArray<string> = []
        const beginning: Calls = {
          ...calls,
          list: (path) => {
            if (files.length === 0 && basename(path) === place) {
              begin(folder, "r")
              files = work(folder)
            }
            return calls.list(path)
          },
        }
        assert.deepStrictEqual(await onStore(folder, collect(nothing), beginning), [])
        assert.isNotEmpty(files)
        for (const file of files) assert.isTrue(existsSync(file), file)
        await onStore(folder, removeStaleTemporaries)
        for (const file of files) assert.isTrue(existsSync(file), file)
      }))
  }

  it("releases no checkpoint that a run has made which goes on, also once it let go of the lease", () =>
    inFolder(async (folder) => {
      begin(folder, "going")
      const made = await onStore(
        folder,
        Effect.gen(function*() {
          const store = yield* Store
          const weights = yield* store.putBlob("days of training")
          const preImage = {
            ...preImageOf(1),
            inputs: { numbers: { _tag: "Artifacts", artifact: "numbers", digests: [digestOf("numbers")] } as const },
          }
          const record: ActionRecord = { ...recordOf(1, {}), key: keyOf(preImage), preImage, blobs: [weights] }
          yield* store.publishRecord(record)
          const log = yield* makeRunLog("going")
          yield* log({ _tag: "RunStarted", run: "going", profile: "main", nodes: 2, selectors: [] })
          yield* log({
            _tag: "NodeSucceeded",
            node: record.node,
            key: record.key,
            milliseconds: 1,
            rows: {},
            counts: {},
            shared: false,
          })
          return { path: store.layout.object(weights.digest), key: record.key }
        }),
      )
      // What is not older than the beginning of the collection stays for that reason alone.
      await new Promise((resolve) => setTimeout(resolve, 50))
      const wanted: Wanted = { ...nothing, checkpoints: { of: new Set(), last: false }, keys: new Set([made.key]) }
      assert.deepStrictEqual(await onStore(folder, collect(wanted, 0)), [])
      assert.isTrue(existsSync(made.path))
      // Once the run has ended the policy counts.
      begin(folder, "another")
      const released = await onStore(folder, collect(wanted, 0))
      assert.deepStrictEqual(released.map(({ kind, why }) => [kind, why]), [["object", "released"], ["run log", "old"]])
      assert.isFalse(existsSync(made.path))
    }))

  it("removes nothing where the log of a run is damaged: nobody knows what it names", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, "runs"), { recursive: true })
      writeFileSync(join(folder, "runs", "20260101-000000-aa.ndjson"), "{ torn }\n")
      const error = await onStore(folder, Effect.flip(collect(nothing)))
      assert.match(error.message, /nobody knows what it keeps$/u)
      assert.include(error.help, "dag repair")
    }))
})
