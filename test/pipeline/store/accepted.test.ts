import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { rmSync, writeFileSync } from "node:fs"
import { keyOf } from "../../../pipeline/identity/fingerprint.ts"
import { envelop } from "../../../pipeline/store/envelope.ts"
import { layoutOf } from "../../../pipeline/store/layout.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { inFolder, onStore, recordOf } from "./support.ts"

const publish = Effect.fnUntraced(function*(param: unknown) {
  const store = yield* Store
  const { record } = yield* store.publishRecord(
    recordOf(param, { out: yield* store.putBlob(`made of ${String(param)}`) }),
  )
  return record
})

/** Accepts that what an action of `now` would make is what that of a record made. */
const accept = Effect.fnUntraced(function*(now: Pick<ActionRecord, "key" | "preImage">, record: ActionRecord) {
  const store = yield* Store
  const { key, preImage } = now
  const accepted = {
    key,
    preImage,
    as: record.key,
    node: "op/1",
    profile: "main",
    reason: "written otherwise",
    differences: [],
    when: "2026-01-02T03:04:05.678Z",
    commit: null,
    dirty: false,
  }
  yield* store.files.accepted.publish(key, accepted)
  return accepted
})

const hit = ({ key }: Pick<ActionRecord, "key">) => Effect.flatMap(Store, (store) => store.hit(key))

describe("what was accepted", () => {
  it("counts for its key alone, until the key has a record of its own", () =>
    inFolder(async (folder) => {
      const old = await onStore(folder, publish("old"))
      const now = recordOf("now", {})
      const accepted = await onStore(folder, accept(now, old))
      assert.deepStrictEqual(await onStore(folder, hit(now)), { _tag: "Hit", record: old, accepted })
      assert.deepStrictEqual(await onStore(folder, hit(old)), { _tag: "Hit", record: old })
      assert.deepStrictEqual(await onStore(folder, hit(recordOf("later", {}))), { _tag: "NoRecord" })
      const own = await onStore(folder, publish("now"))
      assert.deepStrictEqual(await onStore(folder, hit(now)), { _tag: "Hit", record: own })
    }))

  it("counts only while what stands for it is there and sound, and it is so itself", () =>
    inFolder(async (folder) => {
      const layout = layoutOf(folder)
      const old = await onStore(folder, publish("old"))
      const now = recordOf("now", {})
      const nothing = async () => assert.deepStrictEqual(await onStore(folder, hit(now)), { _tag: "NoRecord" })
      await onStore(folder, accept(now, old))
      const object = layout.object(old.outputs["out"]?.digest ?? assert.fail("no output"))
      rmSync(object)
      await nothing()
      await onStore(folder, publish("old"))
      rmSync(layout.records.path(old.key))
      await nothing()
      await onStore(folder, publish("old"))
      assert.strictEqual((await onStore(folder, hit(now)))._tag, "Hit")
      writeFileSync(layout.accepted.path(now.key), "{ torn")
      await nothing()
    }))

  it("counts neither for another key than that of its content, nor for an action that makes other columns", () =>
    inFolder(async (folder) => {
      const old = await onStore(folder, publish("old"))
      const now = recordOf("now", {})
      const accepted = await onStore(folder, accept(recordOf("other", {}), old))
      writeFileSync(layoutOf(folder).accepted.path(now.key), envelop(JSON.stringify({ ...accepted, key: now.key })))
      assert.deepStrictEqual(await onStore(folder, hit(now)), { _tag: "NoRecord" })
      const preImage = { ...now.preImage, outputs: { out: old.key } }
      const wider = { preImage, key: keyOf(preImage) }
      await onStore(folder, accept(wider, old))
      assert.deepStrictEqual(await onStore(folder, hit(wider)), { _tag: "NoRecord" })
    }))
})

describe("a record", () => {
  it("that lacks an output of its action is damaged, not found in the middle of a run", () =>
    inFolder(async (folder) => {
      const record = await onStore(folder, publish("old"))
      const preImage = { ...record.preImage, outputs: { missing: record.key } }
      const forged = { ...record, preImage, key: keyOf(preImage) }
      writeFileSync(layoutOf(folder).records.path(forged.key), envelop(JSON.stringify(forged)))
      assert.deepStrictEqual(await onStore(folder, hit(forged)), {
        _tag: "Damaged",
        problem: "is damaged: it lacks an output of the action",
      })
    }))
})
