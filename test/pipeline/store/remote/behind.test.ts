import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { digestOf } from "../../../../pipeline/base/digest.ts"
import * as Disk from "../../../../pipeline/store/disk.ts"
import type { ActionRecord } from "../../../../pipeline/store/record.ts"
import { filesOf, packOf } from "../../../../pipeline/store/remote/pack.ts"
import { makePusher } from "../../../../pipeline/store/remote/push.ts"
import { takeStock } from "../../../../pipeline/store/remote/stock.ts"
import { fetchRecords, syncRemote } from "../../../../pipeline/store/remote/sync.ts"
import { verifyRemote } from "../../../../pipeline/store/remote/verify.ts"
import * as Store from "../../../../pipeline/store/store.ts"
import { inFolder, recordOf } from "../support.ts"

/** Runs a program as a process of its own would, on the store in a folder with this remote behind it. */
const behind = <A, E>(
  folder: string,
  remote: string,
  program: (store: Store.Store["Service"]) => Effect.Effect<A, E, Store.Store | Disk.Disk>,
): Promise<A> =>
  Effect.runPromise(
    Effect.flatMap(Store.Store, program).pipe(
      Effect.provide(Store.layer(folder, undefined, remote).pipe(Layer.provideMerge(Disk.layer))),
    ),
  )

/** Records an action with this param that made a text. */
const made = Effect.fnUntraced(function*(param: unknown, text: string) {
  const store = yield* Store.Store
  const record = recordOf(param, { out: yield* store.putBlob(text) })
  yield* store.publishRecord(record)
  return record
})

const pushAll = Effect.fnUntraced(function*(records: ReadonlyArray<ActionRecord>) {
  const { remote } = yield* Store.Store
  assert.isDefined(remote)
  const pusher = yield* makePusher(remote)
  const left = yield* pusher.push(records.map((record) => ({ key: record.key, record })))
  return { left: left.map(({ record }) => record.node), ...yield* pusher.finish }
})

/** Pushes as a user asks for it: after a look at what the remote has. */
const pushChecked = Effect.fnUntraced(function*(records: ReadonlyArray<ActionRecord>) {
  const { remote } = yield* Store.Store
  assert.isDefined(remote)
  yield* takeStock(remote, records.map((record) => ({ key: record.key, record })))
  return yield* pushAll(records)
})

const packsIn = (remote: string): ReadonlyArray<string> => readdirSync(join(remote, "packs"))

const objectIn = (folder: string, digest: string): string =>
  join(folder, "objects", digest.slice(0, 2), digest.slice(2))

/** A remote and the folders of two stores that share it. */
const shared = (use: (remote: string, one: string, two: string) => Promise<void>) =>
  inFolder((folder) => use(join(folder, "remote"), join(folder, "one"), join(folder, "two")))

describe("a remote behind stores", () => {
  it("counts as the store: records come by one pack, and bytes when they are read", () =>
    shared(async (remote, one, two) => {
      const records = await behind(one, remote, () =>
        Effect.gen(function*() {
          const all = [yield* made(1, "first"), yield* made(2, "second")]
          const { left, records, objects } = yield* pushAll(all)
          assert.deepStrictEqual([left, records, objects], [[], 2, 2])
          return all
        }))
      const [first] = records
      assert.isDefined(first)
      const { out } = first.outputs
      assert.isDefined(out)
      await behind(two, remote, (store) =>
        Effect.gen(function*() {
          assert.strictEqual((yield* syncRemote).records, 2)
          assert.strictEqual((yield* store.hit(first.key))._tag, "Hit")
          assert.isFalse(existsSync(objectIn(two, out.digest)))
          assert.strictEqual(readFileSync(yield* store.blobPath(out), "utf8"), "first")
        }))
      // A second look finds nothing new, and what is remembered is enough without a look.
      await behind(two, remote, (store) =>
        Effect.gen(function*() {
          for (const { key } of records) assert.strictEqual((yield* store.hit(key))._tag, "Hit")
          assert.strictEqual((yield* syncRemote).records, 0)
        }))
    }))

  it("says how many bytes of how many are there, small and large, on the way there and back", () =>
    shared(async (remote, one, two) => {
      const large = "large ".repeat(2_000_000)
      const all = large.length + "small".length
      const outs = await behind(one, remote, (store) =>
        Effect.gen(function*() {
          const records = [yield* made(1, large), yield* made(2, "small")]
          assert.isDefined(store.remote)
          const said: Array<readonly [done: number, total: number]> = []
          const pusher = yield* makePusher(store.remote, (done, total) => said.push([done, total]))
          yield* pusher.push(records.map((record) => ({ key: record.key, record })))
          yield* pusher.finish
          assert.deepStrictEqual(said.at(-1), [all, all])
          assert.isAbove(said.length, 2)
          return records.flatMap(({ outputs }) => Object.values(outputs))
        }))
      await behind(two, remote, (store) =>
        Effect.gen(function*() {
          yield* syncRemote
          let [came, times] = [0, 0]
          store.remote?.hear((bytes) => {
            came += bytes
            times++
          })
          for (const out of outs) yield* store.blobPath(out)
          assert.strictEqual(came, all)
          assert.isAbove(times, 2)
          assert.deepStrictEqual([...yield* store.leases.holders], [])
        }))
    }))

  it("gets no record of which something is damaged here, and all others", () =>
    shared(async (remote, one) => {
      await behind(one, remote, () =>
        Effect.gen(function*() {
          const [bad, good] = [yield* made("bad", "to be damaged"), yield* made("good", "sound")]
          writeFileSync(objectIn(one, bad.outputs["out"]?.digest ?? ""), "to be damaged?".slice(0, 13).toUpperCase())
          const { left, records, objects } = yield* pushAll([bad, good])
          assert.deepStrictEqual([left, records, objects], [[bad.node], 1, 1])
          assert.deepStrictEqual(readdirSync(join(remote, "actions")), [`${good.key}.json`])
        }))
    }))

  it("mends what is damaged here by the sound copy that it has", () =>
    shared(async (remote, one) => {
      const record = await behind(one, remote, () => Effect.tap(made(1, "a text"), (each) => pushAll([each])))
      const { out } = record.outputs
      assert.isDefined(out)
      writeFileSync(objectIn(one, out.digest), "A text")
      await behind(one, remote, (store) =>
        Effect.gen(function*() {
          assert.strictEqual((yield* store.hit(record.key))._tag, "Hit")
          assert.strictEqual(readFileSync(yield* store.blobPath(out), "utf8"), "a text")
          assert.deepStrictEqual(yield* store.suspects.all, [])
        }))
    }))

  it("keeps both of two different outputs for one key: the first counts, and both sides know of the conflict", () =>
    shared(async (remote, one, two) => {
      const first = await behind(one, remote, () => Effect.tap(made(1, "mine"), (each) => pushAll([each])))
      await behind(two, remote, (store) =>
        Effect.gen(function*() {
          const other = yield* made(1, "yours")
          const { disagreements } = yield* pushAll([other])
          assert.deepStrictEqual(disagreements, [{ key: other.key, node: other.node }])
          assert.lengthOf(readdirSync(join(remote, "conflicts")), 1)
          assert.deepStrictEqual((yield* syncRemote).disagreements, [{ key: other.key, node: other.node }])
          assert.lengthOf(yield* store.conflicts, 1)
          assert.strictEqual((yield* store.record(other.key))?.outputs["out"]?.digest, other.outputs["out"]?.digest)
        }))
      const counts = readFileSync(join(remote, "actions", `${first.key}.json`), "utf8")
      assert.include(counts, first.outputs["out"]?.digest ?? "none")
    }))

  it("has few packs however often it is pushed to, and whoever listed old ones reads the new one", () =>
    shared(async (remote, one, two) => {
      const pushes = 30
      for (let push = 0; push < pushes; push++) {
        await behind(one, remote, () => Effect.flatMap(made(push, `${push}`), (record) => pushAll([record])))
      }
      assert.isBelow(packsIn(remote).length, 16)
      assert.strictEqual((await behind(two, remote, () => syncRemote)).records, pushes)
    }))

  it("is brought again what others removed from it: everything, an object alone, the packs alone", () =>
    shared(async (remote, one, two) => {
      const record = await behind(one, remote, () => Effect.tap(made(1, "a text"), (each) => pushAll([each])))
      const again = () =>
        behind(
          one,
          remote,
          () => Effect.map(pushChecked([record]), ({ records, objects }) => [records, objects] as const),
        )
      assert.deepStrictEqual(await again(), [0, 0])
      rmSync(remote, { recursive: true })
      assert.deepStrictEqual(await again(), [1, 1])
      assert.isTrue(existsSync(join(remote, "redag.json")))
      rmSync(objectIn(remote, record.outputs["out"]?.digest ?? ""))
      assert.deepStrictEqual(await again(), [0, 1])
      rmSync(join(remote, "packs"), { recursive: true })
      assert.deepStrictEqual(await again(), [0, 0])
      await behind(two, remote, (store) =>
        Effect.gen(function*() {
          assert.strictEqual((yield* syncRemote).records, 1)
          assert.strictEqual((yield* store.hit(record.key))._tag, "Hit")
        }))
    }))

  it("has the objects of a record that a run pushes, also where another removed them and nobody was told", () =>
    shared(async (remote, one) => {
      const [small, large] = ["the same", "the same, and large".repeat(5000)]
      const [first, second] = await behind(one, remote, () =>
        Effect.gen(function*() {
          const all = [yield* made(1, small), yield* made(2, large)] as const
          yield* pushAll(all)
          return all
        }))
      for (const { key, outputs: { out } } of [first, second]) {
        rmSync(join(remote, "actions", `${key}.json`))
        rmSync(objectIn(remote, out?.digest ?? ""))
      }
      await behind(one, remote, () =>
        Effect.gen(function*() {
          const all = [yield* made(3, small), yield* made(4, large)]
          assert.deepStrictEqual((yield* pushAll(all)).left, [])
          for (const { outputs } of all) assert.isTrue(existsSync(objectIn(remote, outputs["out"]?.digest ?? "")))
        }))
    }))

  it("has its old objects made young by a record that names them, so that no collection takes them", () =>
    shared(async (remote, one) => {
      const text = "old and large".repeat(10_000)
      const [out] = await behind(
        one,
        remote,
        () => Effect.map(Effect.tap(made(1, text), (each) => pushAll([each])), ({ outputs }) => Object.values(outputs)),
      )
      const path = objectIn(remote, out?.digest ?? "")
      utimesSync(path, new Date(0), new Date(0))
      await behind(one, remote, () => Effect.flatMap(made(2, text), (record) => pushAll([record])))
      assert.isAbove(statSync(path).mtimeMs, 0)
      assert.strictEqual(readFileSync(path, "utf8"), text)
    }))

  it("gives a record by itself where no pack has it", () =>
    shared(async (remote, one, two) => {
      const record = await behind(one, remote, () => Effect.tap(made(1, "text"), (each) => pushAll([each])))
      rmSync(join(remote, "packs"), { recursive: true })
      await behind(two, remote, (store) =>
        Effect.gen(function*() {
          assert.strictEqual((yield* syncRemote).records, 0)
          assert.strictEqual((yield* fetchRecords([record.key, digestOf("nobody's")])).records, 1)
          assert.strictEqual((yield* store.hit(record.key))._tag, "Hit")
        }))
    }))

  it("has a pack that says something else than its records found, and told to the one who recorded them", () =>
    shared(async (remote, one, two) => {
      const mine = await behind(one, remote, () => Effect.tap(made(1, "mine"), (each) => pushAll([each])))
      const [pack = ""] = packsIn(remote)
      // Another remote gives a sound record of the same key with other outputs.
      const elsewhere = join(remote, "..", "elsewhere")
      await behind(two, elsewhere, () => Effect.flatMap(made(1, "forged"), (each) => pushAll([each])))
      rmSync(join(remote, "packs", pack))
      const [forged = ""] = packsIn(elsewhere)
      writeFileSync(join(remote, "packs", forged), readFileSync(join(elsewhere, "packs", forged)))
      await behind(one, remote, ({ remote: behindIt }) =>
        Effect.gen(function*() {
          assert.isDefined(behindIt)
          const { findings } = yield* verifyRemote(behindIt, false, () => Effect.void)
          const found = findings.filter(({ kind }) => kind === "pack")
          assert.deepStrictEqual(found.map(({ state }) => state), ["damaged"])
          assert.include(found[0]?.problem, "has other outputs than its record in actions/ says")
          const { disagreements } = yield* takeStock(behindIt, [{ key: mine.key, record: mine }])
          assert.deepStrictEqual(disagreements, [{ key: mine.key, node: mine.node }])
        }))
    }))

  it("is believed nothing that does not prove itself: a pack with other bytes, a record of another key", () =>
    shared(async (remote, one, two) => {
      const record = await behind(one, remote, () => Effect.tap(made(1, "text"), (each) => pushAll([each])))
      const [pack = ""] = packsIn(remote)
      const files = await filesOf(readFileSync(join(remote, "packs", pack))) ?? []
      writeFileSync(join(remote, "packs", pack), "other bytes")
      const forged = await packOf(files.map((file) => ({
        ...file,
        text: file.text.replace(`"milliseconds": ${record.milliseconds}`, "\"milliseconds\": 1"),
        name: file.name,
      })))
      writeFileSync(join(remote, "packs", digestOf(forged)), forged)
      const renamed = await packOf(files.map((file) => ({ ...file, name: digestOf("another key") })))
      writeFileSync(join(remote, "packs", digestOf(renamed)), renamed)
      await behind(two, remote, (store) =>
        Effect.gen(function*() {
          const { records, refused } = yield* syncRemote
          assert.deepStrictEqual([records, refused], [0, 3])
          assert.deepStrictEqual(yield* store.keys, [])
          // They are not read again.
          assert.strictEqual((yield* syncRemote).refused, 0)
        }))
    }))
})
