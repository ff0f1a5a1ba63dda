import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { digestOf } from "../../../../pipeline/base/digest.ts"
import type { Accepted } from "../../../../pipeline/store/accepted.ts"
import * as Disk from "../../../../pipeline/store/disk.ts"
import { dropAccepted, pushAccepted } from "../../../../pipeline/store/remote/accepted.ts"
import { type Packed, packOf } from "../../../../pipeline/store/remote/pack.ts"
import { makePusher } from "../../../../pipeline/store/remote/push.ts"
import type { RemoteStore } from "../../../../pipeline/store/remote/remote-store.ts"
import { packRecords } from "../../../../pipeline/store/remote/repack.ts"
import { syncRemote } from "../../../../pipeline/store/remote/sync.ts"
import * as Store from "../../../../pipeline/store/store.ts"
import { inFolder, recordOf } from "../support.ts"

/** Runs a program as a process of its own would, on the store in a folder with this remote behind it. */
const behind = <A, E>(
  folder: string,
  remote: string,
  program: (store: Store.Store["Service"], remote: RemoteStore) => Effect.Effect<A, E, Store.Store | Disk.Disk>,
): Promise<A> =>
  Effect.runPromise(
    Effect.flatMap(
      Store.Store,
      (store) => store.remote === undefined ? Effect.die("no remote") : program(store, store.remote),
    ).pipe(
      Effect.provide(Store.layer(folder, undefined, remote).pipe(Layer.provideMerge(Disk.layer))),
    ),
  )

const key = recordOf("changed", {}).key

/** Records and pushes something, and accepts it for another key, in the remote too. */
const accept = (folder: string, remote: string, year = 2025) =>
  behind(folder, remote, (store, to) =>
    Effect.gen(function*() {
      const record = recordOf("as it was", { out: yield* store.putBlob("text") })
      yield* store.publishRecord(record)
      const pusher = yield* makePusher(to)
      yield* pusher.push([{ key: record.key, record }])
      yield* pusher.finish
      const accepted: Accepted = {
        key,
        preImage: recordOf("changed", {}).preImage,
        as: record.key,
        node: record.node,
        profile: "main",
        reason: "written otherwise",
        differences: ["a param"],
        when: `${year}-01-01T00:00:00.000Z`,
        commit: null,
        dirty: false,
      }
      yield* store.files.accepted.publish(key, accepted)
      assert.deepStrictEqual(yield* pushAccepted(to, [accepted]), [])
    }))

/** Takes it back, here and in the remote. */
const takeBack = (folder: string, remote: string) =>
  behind(folder, remote, (store, to) =>
    Effect.gen(function*() {
      const text = readFileSync(store.files.accepted.path(key))
      yield* store.files.accepted.drop(key)
      yield* dropAccepted(to, [{ key, text }])
    }))

/** What a store has accepted after a look at the remote, and what it tells of that. */
const look = (folder: string, remote: string) =>
  behind(folder, remote, (store) =>
    Effect.gen(function*() {
      const { accepted, withdrawn } = yield* syncRemote
      return [(yield* store.files.accepted.names).length, accepted.length, withdrawn.length]
    }))

/** Writes a pack for each file. */
const writePacks = async (folder: string, files: ReadonlyArray<Packed>) => {
  for (const file of files) {
    const pack = await packOf([file])
    writeFileSync(join(folder, digestOf(pack)), pack)
  }
}

const shared = (use: (remote: string, stores: (name: string) => string) => Promise<void>) =>
  inFolder((folder) => use(join(folder, "remote"), (name) => join(folder, name)))

describe("what was accepted, in a remote", () => {
  it("counts for all who read there, until one takes it back: then for nobody, also who had it", () =>
    shared(async (remote, at) => {
      await accept(at("one"), remote)
      assert.deepStrictEqual(await look(at("two"), remote), [1, 1, 0])
      await takeBack(at("one"), remote)
      assert.deepStrictEqual(await look(at("two"), remote), [0, 0, 1])
      assert.deepStrictEqual(await look(at("two"), remote), [0, 0, 0])
      assert.deepStrictEqual(await look(at("three"), remote), [0, 0, 0])
      // Said again it counts again: it is another text.
      await accept(at("one"), remote, 2026)
      assert.deepStrictEqual(await look(at("two"), remote), [1, 1, 0])
      assert.deepStrictEqual(await look(at("one"), remote), [1, 0, 0])
    }))

  it("stays, said again, when packs are merged that have what was taken back before, in whatever order", () =>
    shared(async (remote, at) => {
      const texts: Array<string> = []
      for (const year of [2025, 2026]) {
        await accept(at("one"), remote, year)
        texts.push(readFileSync(join(at("one"), "accepted", `${key}.json`)).toString())
      }
      for (const [old = "", young = ""] of [texts, texts.toReversed()]) {
        const there = join(at(digestOf(young)), "packs")
        mkdirSync(there, { recursive: true })
        const files: Array<Packed> = [
          { kind: "accepted", name: key, text: old },
          { kind: "accepted", name: key, text: young },
          { kind: "withdrawn", name: digestOf(old), text: "" },
        ]
        for (let count = 0; count < 9; count++) files.push({ kind: "code", name: digestOf(`${count}`), text: "{}" })
        await writePacks(there, files)
        await behind(at("two"), dirname(there), (store, to) =>
          Effect.gen(function*() {
            const record = recordOf("of two", { out: yield* store.putBlob("of two") })
            yield* store.publishRecord(record)
            yield* packRecords(to, yield* to.service, [{ key: record.key, record }])
          }))
        assert.strictEqual(readdirSync(there).length, 1)
        const reader = at(`reader of ${digestOf(young)}`)
        assert.deepStrictEqual(await look(reader, dirname(there)), [1, 1, 0])
        assert.strictEqual(readFileSync(join(reader, "accepted", `${key}.json`)).toString(), young)
      }
    }))

  it("is taken back only in a remote whose format is known, and says there that it is of this one", () =>
    shared(async (remote, at) => {
      await accept(at("one"), remote)
      const format = join(remote, "redag.json")
      const [mine, earlier, later] = [readFileSync(format).toString(), "{\"redag\":1}\n", "{\"redag\":99}\n"]
      const packs = readdirSync(join(remote, "packs"))
      writeFileSync(format, later)
      const failed: unknown = await takeBack(at("one"), remote).catch((error: unknown) => error)
      assert.match(String(failed), /is of format 99/u)
      assert.deepStrictEqual([readdirSync(join(remote, "packs")), readFileSync(format).toString()], [packs, later])
      // Nor is anything that is new read there, also by those who know what it had before.
      assert.deepStrictEqual(await look(at("one"), remote), [0, 0, 0])
      await writePacks(join(remote, "packs"), [{ kind: "withdrawn", name: digestOf("another"), text: "" }])
      const unread: unknown = await look(at("one"), remote).catch((error: unknown) => error)
      assert.match(String(unread), /is of format 99/u)
      writeFileSync(format, earlier)
      await accept(at("two"), remote, 2026)
      assert.strictEqual(readFileSync(format).toString(), mine)
      assert.notStrictEqual(mine, earlier)
    }))

  it("is not brought back by somebody who merges packs at the very moment in which it is taken back", () =>
    shared(async (remote, at) => {
      await accept(at("one"), remote)
      const files = Array.from({ length: 12 }, (_, count): Packed => ({
        kind: "code",
        name: digestOf(`${count}`),
        text: "{}",
      }))
      await writePacks(join(remote, "packs"), files)
      await behind(at("two"), remote, (store, to) =>
        Effect.gen(function*() {
          yield* syncRemote
          const record = recordOf("of two", { out: yield* store.putBlob("of two") })
          yield* store.publishRecord(record)
          const service = yield* to.service
          let merges = 0
          // All packs were read, and the one that they become is not there yet.
          const late: typeof service = {
            ...service,
            write: (name, bytes, condition) =>
              Effect.andThen(
                name.startsWith("packs/") && merges++ === 0
                  ? Effect.promise(() => takeBack(at("one"), remote))
                  : Effect.void,
                service.write(name, bytes, condition),
              ),
          }
          yield* packRecords(to, late, [{ key: record.key, record }])
          assert.strictEqual(merges, 1)
        }))
      assert.isBelow(readdirSync(join(remote, "packs")).length, 12)
      for (const name of ["one", "two", "three"]) assert.strictEqual((await look(at(name), remote))[0], 0, name)
      // Whoever merges once more leaves the text out, and says so still.
      await behind(at("three"), remote, (_, to) => Effect.flatMap(to.service, (there) => packRecords(to, there, [])))
      assert.deepStrictEqual(await look(at("four"), remote), [0, 0, 0])
    }))
})
