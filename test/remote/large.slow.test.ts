import { assert, describe, it } from "@effect/vitest"
import { randomInt } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { empty } from "../rig/places.ts"
import { eventually, type Variables } from "../rig/project.ts"
import { hashOf, transfer, type Went, writeLarge } from "./killed.ts"
import { motoOfTests, noMoto } from "./moto.ts"
import type { Fault } from "./proxy.ts"
import { noSshd, sshdOfTests } from "./sshd.ts"

/** How large the object is, in bytes, and how often each transfer is killed; 3 GB and 20 kills are tried by hand. */
const size = Number(process.env["RIG_LARGE_MB"] ?? 64) * 2 ** 20 + 12_345
const kills = Number(process.env["RIG_KILLS"] ?? 6)
const most = 250e6

const folder = mkdtempSync(join(tmpdir(), "redag-large-"))
const file = join(folder, "file")
let digest = ""

beforeAll(() => {
  digest = writeLarge(file, size)
})
afterAll(() => empty(folder))

const told = (went: Went): string => JSON.stringify(went)

/** Runs a transfer again and again, each time killed at another place, and at last to its end; gives how each went. */
const killedAgainAndAgain = async (
  words: ReadonlyArray<string>,
  variables: Variables,
  /** Waits until nothing is done any more for one that was killed. */
  settled: () => Promise<unknown> = () => Promise.resolve(),
): Promise<ReadonlyArray<Went>> => {
  const places = Array.from({ length: kills }, () => randomInt(size)).toSorted((one, other) => one - other)
  const all: Array<Went> = []
  for (const place of [...places, Infinity]) {
    all.push(await transfer(words, variables, place))
    await settled()
  }
  for (const went of all) {
    assert.isTrue(went.killed || went.errors === "", told(went))
    assert.isBelow(went.memory, most, told(went))
  }
  assert.isFalse(all.at(-1)?.killed, "the last one ended by itself")
  assert.isAbove(all.filter(({ killed }) => killed).length, kills / 2)
  return all
}

/** A transfer begins where the one before it stopped. */
const goesOn = (all: ReadonlyArray<Went>): void => {
  for (const [index, went] of all.entries()) {
    const before = all[index - 1]
    if (before !== undefined && before.to < size) assert.isAtLeast(went.from, before.to, told(went))
  }
}

const objectIn = (store: string): string => join(store, "objects", digest.slice(0, 2), digest.slice(2))

const newFolder = (): string => mkdtempSync(join(folder, "place-"))

/** Brings the object from a remote into a new store, killed again and again. */
const pulls = async (address: string, variables: Variables): Promise<void> => {
  const store = newFolder()
  goesOn(await killedAgainAndAgain(["pull", address, store, digest, String(size)], variables))
  assert.strictEqual(hashOf(objectIn(store)), digest)
  assert.deepStrictEqual(readdirSync(join(store, "partial")), [])
  rmSync(store, { recursive: true })
}

describe("a large object and a folder", () => {
  const remote = () => {
    const path = join(newFolder(), "remote")
    mkdirSync(path)
    return path
  }

  it(`goes there and comes from there through ${kills} kills of each, and begins where it stopped`, async () => {
    const address = remote()
    goesOn(await killedAgainAndAgain(["push", address, file, digest, String(size)], {}))
    assert.strictEqual(hashOf(objectIn(address)), digest)
    assert.deepStrictEqual(readdirSync(join(address, "tmp")), [])
    await pulls(address, {})
  })
})

describe.skipIf(noSshd !== undefined)(
  `a large object and a folder behind SSH${noSshd === undefined ? "" : ` [skipped: ${noSshd}]`}`,
  () => {
    const sshd = sshdOfTests()

    it(`goes there and comes from there through ${kills} kills of each, and begins where it stopped`, async () => {
      const { address, folder } = sshd.newAddress()
      goesOn(await killedAgainAndAgain(["push", address, file, digest, String(size)], sshd.variables))
      assert.strictEqual(hashOf(objectIn(folder)), digest)
      assert.deepStrictEqual(readdirSync(join(folder, "tmp")), [])
      await pulls(address, sshd.variables)
    })

    it("comes and goes where connections are cut on the way", async () => {
      const { address, folder } = sshd.newAddress()
      sshd.cutter.cutAfter(size / 4, 3)
      const pushed = await transfer(["push", address, file, digest, String(size)], sshd.variables)
      assert.strictEqual(pushed.errors, "")
      assert.strictEqual(hashOf(objectIn(folder)), digest)
      const store = newFolder()
      sshd.cutter.cutAfter(size / 4, 3)
      const pulled = await transfer(["pull", address, store, digest, String(size)], sshd.variables)
      assert.strictEqual(pulled.errors, "")
      assert.strictEqual(hashOf(objectIn(store)), digest)
      sshd.cutter.cutAfter(0, 0)
    })
  },
)

describe.skipIf(noMoto !== undefined)(
  `a large object and S3${noMoto === undefined ? "" : ` [skipped: ${noMoto}]`}`,
  () => {
    const moto = motoOfTests()

    const push = (address: string) => transfer(["push", address, file, digest, String(size)], moto.variables)
    const pull = (address: string, store: string) =>
      transfer(["pull", address, store, digest, String(size)], moto.variables)
    const parts = () =>
      moto.proxy.log.filter(({ method, query }) => method === "PUT" && query["partNumber"] !== undefined)
    const chosen = (
      choose: (count: number) => Fault | undefined,
      isMeant: (path: string, method: string) => boolean,
    ) => {
      let count = 0
      moto.proxy.fail(({ path, method }) => (isMeant(path, method) ? choose(++count) : undefined))
    }
    const isObject = (path: string): boolean => path.includes("/objects/")

    it(`goes there and comes from there through ${kills} kills of each; no part that arrived is sent again`, async () => {
      const address = await moto.newAddress()
      moto.proxy.clearLog()
      await killedAgainAndAgain(
        ["push", address, file, digest, String(size)],
        moto.variables,
        () => eventually("no request is left", () => (moto.proxy.open() === 0 ? true : undefined)),
      )
      const arrived = parts().filter(({ status }) => status === 200).map(({ query }) => query["partNumber"])
      assert.lengthOf(new Set(arrived), arrived.length)
      assert.isAbove(arrived.length, size / 2 ** 24)
      // Upload and its parts are gone, and nothing was sent under another name.
      assert.strictEqual(
        moto.proxy.log.filter(({ method, query }) => method === "POST" && query["uploads"] !== undefined).length,
        1,
      )
      await pulls(address, moto.variables)
    })

    it("is not kept where a byte changes on its way there: parts are sent again, what stays wrong is removed", async () => {
      const address = await moto.newAddress()
      moto.proxy.clearLog()
      chosen(
        (count) => (count === 3 ? { _tag: "CorruptRequest", at: 1_000_000 } : undefined),
        (path, method) => isObject(path) && method === "PUT",
      )
      const pushed = await push(address)
      assert.strictEqual(pushed.errors, "")
      assert.strictEqual(parts().length, Math.ceil(size / 2 ** 23) + 1)
      moto.proxy.fail(undefined)
      const store = newFolder()
      assert.strictEqual((await pull(address, store)).errors, "")
      assert.strictEqual(hashOf(objectIn(store)), digest)
      const other = await moto.newAddress()
      chosen(() => ({ _tag: "CorruptRequest", at: 1_000_000 }), (path, method) => isObject(path) && method === "PUT")
      const refused = await push(other)
      moto.proxy.fail(undefined)
      assert.match(refused.errors, /has other bytes than were sent, and was removed/u)
      const empty = newFolder()
      assert.match((await pull(other, empty)).errors, /is not there/u)
      assert.isFalse(existsSync(objectIn(empty)))
    })

    it("is not kept where a byte changes on its way here: it is brought once more, and then said to be damaged", async () => {
      const address = await moto.newAddress()
      assert.strictEqual((await push(address)).errors, "")
      const isGet = (path: string, method: string) => isObject(path) && method === "GET"
      chosen((count) => (count === 1 ? { _tag: "CorruptAnswer", at: 5_000_000 } : undefined), isGet)
      const store = newFolder()
      assert.strictEqual((await pull(address, store)).errors, "")
      assert.strictEqual(hashOf(objectIn(store)), digest)
      chosen(() => ({ _tag: "CorruptAnswer", at: 5_000_000 }), isGet)
      const other = newFolder()
      assert.match((await pull(address, other)).errors, /has other bytes at the remote than its name says/u)
      assert.isFalse(existsSync(objectIn(other)))
      assert.deepStrictEqual(readdirSync(join(other, "partial")), [])
      moto.proxy.fail(undefined)
    })

    it("goes there and comes from there where connections are dropped, and where the server is busy", async () => {
      const address = await moto.newAddress()
      // All of it happens to each part, in one order or another: by a count of all requests it might happen to one for ever.
      const attempts = new Map<number, number>()
      moto.proxy.fail(({ path, method, query }) => {
        if (!isObject(path) || method !== "PUT") return undefined
        const part = Number(query["partNumber"] ?? 0)
        const attempt = attempts.get(part) ?? 0
        attempts.set(part, attempt + 1)
        const faults: ReadonlyArray<Fault> = [
          { _tag: "CutRequest", after: 3_000_000 },
          { _tag: "CutAnswer", after: -1 },
          { _tag: "Answer", status: [503, 429, 409, 500][part % 4] ?? 503 },
        ]
        return attempt < faults.length ? faults[(part + attempt) % faults.length] : undefined
      })
      assert.strictEqual((await push(address)).errors, "")
      let asked = 0
      chosen((count) => {
        asked = count
        return count <= 4 ? { _tag: "CutAnswer", after: size / 8 } : undefined
      }, (path, method) => isObject(path) && method === "GET")
      const store = newFolder()
      assert.strictEqual((await pull(address, store)).errors, "")
      moto.proxy.fail(undefined)
      assert.strictEqual(hashOf(objectIn(store)), digest)
      assert.strictEqual(asked, 5)
    })
  },
)
