import { assert, describe, it } from "@effect/vitest"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { download } from "../../../models/hub/download.ts"
import { Random } from "../../../models/kernels/random.ts"
import { COMMIT, fetched, folderOf, noise, quick, refused, type Rig, sha256, until, withRig } from "./rig.ts"
import { onBody, SIZE, succeeds, WEIGHTS } from "./weights.ts"

describe("a connection that is cut", () => {
  for (const seed of [1, 2, 3]) {
    it(`is continued at the byte where it broke, however often (seed ${seed})`, () =>
      withRig(async (rig) => {
        const random = new Random(seed)
        // More cuts than attempts are given: each brings something.
        onBody(rig, (count) => count <= 8 ? { cut: 1 + Math.floor(random.uniform() * (SIZE / 9)) } : undefined)
        await succeeds(rig)
        assert.strictEqual(rig.hub.sent(WEIGHTS), SIZE)
        const bodies = rig.hub.bodies(WEIGHTS)
        assert.lengthOf(bodies, 9)
        let at = 0
        for (const { range, ifRange, sent } of bodies) {
          assert.strictEqual(range, at === 0 ? undefined : `bytes=${at}-`)
          assert.strictEqual(ifRange, at === 0 ? undefined : `"storage-${SIZE}"`)
          at += sent
        }
      }))
  }

  it("is given up when nothing new comes", () =>
    withRig(async (rig) => {
      onBody(rig, (count) => ({ cut: count === 1 ? 1000 : 0 }))
      const error = await refused(rig.options)
      assert.strictEqual(error.kind, "network")
      assert.match(error.message, /4 attempts in a row/u)
      // The first brought something, so the count began after it.
      assert.lengthOf(rig.hub.bodies(WEIGHTS), 4)
      assert.strictEqual((await parts(rig))[0]?.length, 1000)
    }))

  it("is given up when a server without ranges always breaks at the same place", () =>
    withRig(async (rig) => {
      onBody(rig, () => ({ cut: 1000, ignoreRange: true }))
      assert.strictEqual((await refused(rig.options)).kind, "network")
      assert.lengthOf(rig.hub.bodies(WEIGHTS), 4)
    }))

  it("is tried again when it is refused, and the error names the host", () =>
    withRig(async ({ hub, options }) => {
      const { host } = new URL(hub.endpoint)
      hub.close()
      const error = await refused(options)
      assert.strictEqual(error.kind, "network")
      assert.include(error.message, host)
      assert.match(error.message, /ECONNREFUSED/u)
    }))
})

describe("wrong bytes", () => {
  it("are fetched once more", () =>
    withRig(async (rig) => {
      onBody(rig, (count) => count === 1 ? { flip: 1234 } : undefined)
      assert.match(await succeeds(rig), /model\.safetensors of org\/model came with wrong bytes/u)
      assert.lengthOf(rig.hub.bodies(WEIGHTS), 2)
    }))

  it("in what was there before a cut are found and fetched once more", () =>
    withRig(async (rig) => {
      onBody(rig, (count) => count === 1 ? { flip: 1234, cut: 2000 } : undefined)
      assert.include(await succeeds(rig), "wrong bytes")
      assert.deepStrictEqual(rig.hub.bodies(WEIGHTS).map(({ range }) => range), [undefined, "bytes=2000-", undefined])
    }))

  it("that come again and again are an error, and nothing of them stays", () =>
    withRig(async (rig) => {
      onBody(rig, () => ({ flip: 1234 }))
      const error = await refused(rig.options)
      assert.strictEqual(error.kind, "corrupt")
      assert.include(error.message, sha256(noise(SIZE, 1)))
      assert.lengthOf(rig.hub.bodies(WEIGHTS), 2)
      const blobs = await readdir(join(folderOf(rig.home), "blobs"))
      assert.isFalse(blobs.some((name) => name.startsWith(sha256(noise(SIZE, 1)))))
      assert.notInclude(await readdir(join(folderOf(rig.home), "snapshots", COMMIT)), WEIGHTS)
    }))

  it("are found in a plain file by git's digest", () =>
    withRig(async (rig) => {
      rig.hub.fault = ({ method, path }) =>
        method === "GET" && path.endsWith("tokenizer.json") ? { flip: 9 } : undefined
      const error = await refused(rig.options)
      assert.deepStrictEqual([error.kind, /tokenizer\.json/u.test(error.message)], ["corrupt", true])
    }))
})

describe("an interrupted download", () => {
  it("goes on where it was, also in the next process", () =>
    withRig(async (rig) => {
      const { options, hub } = rig
      onBody(rig, (count) => count === 1 ? { stall: 123_456 } : undefined)
      const controller = new AbortController()
      const patience = { ...quick, stall: 60_000 }
      const generator = download({ ...options, patience, signal: controller.signal })
      const failure = (async () => {
        for (;;) if ((await generator.next()).done === true) return undefined
      })().catch((error: unknown) => error)
      await until(async () => (await parts(rig))[0]?.length === 123_456)
      controller.abort(new Error("enough"))
      assert.include(await failure, { _tag: "HubError", kind: "interrupted" })
      assert.deepStrictEqual(await readdir(join(rig.home, "hub", ".locks", "models--org--model")), [])
      assert.strictEqual(hub.bodies(WEIGHTS)[0]?.sent, 123_456)
      await succeeds(rig)
      assert.strictEqual(hub.sent(WEIGHTS), SIZE)
      assert.strictEqual(hub.bodies(WEIGHTS)[1]?.range, "bytes=123456-")
    }))

  it("fetches again what is left of a file whose beginning is wrong", () =>
    withRig(async (rig) => {
      const blobs = join(folderOf(rig.home), "blobs")
      await fetched({ ...rig.options })
      const part = join(blobs, `${sha256(noise(SIZE, 1))}.incomplete`)
      await refresh(rig)
      await writeFile(part, new Uint8Array(SIZE + 5))
      await succeeds(rig)
      await refresh(rig)
      await writeFile(part, new Uint8Array(SIZE))
      await succeeds(rig)
    }))

  it("asks for no byte of a file that had come in full", () =>
    withRig(async (rig) => {
      await mkdir(join(folderOf(rig.home), "blobs"), { recursive: true })
      await writeFile(join(folderOf(rig.home), "blobs", `${sha256(noise(SIZE, 1))}.incomplete`), noise(SIZE, 1))
      await succeeds(rig)
      assert.lengthOf(rig.hub.bodies(WEIGHTS), 0)
    }))

  it("leaves nothing running when it is left", () =>
    withRig(async (rig) => {
      onBody(rig, () => ({ stall: 1000 }))
      const patience = { ...quick, stall: 60_000 }
      let seen = 0
      for await (const _ of download({ ...rig.options, patience })) {
        seen++
        if ((await parts(rig)).length > 0) break
      }
      assert.isAbove(seen, 0)
      assert.deepStrictEqual(await readdir(join(rig.home, "hub", ".locks", "models--org--model")), [])
    }))

  it("does not begin when its signal is given before", () =>
    withRig(async ({ hub, options }) => {
      assert.strictEqual((await refused({ ...options, signal: AbortSignal.abort() })).kind, "interrupted")
      assert.lengthOf(hub.seen, 0)
    }))
})

/** Takes the blob of the weights away, as if it had never come. */
const refresh = async ({ home }: Rig): Promise<void> => {
  await rm(join(folderOf(home), "blobs", sha256(noise(SIZE, 1))))
}

/** The contents of the files that have not come in full. */
const parts = async ({ home }: Rig): Promise<readonly Uint8Array[]> => {
  const blobs = join(folderOf(home), "blobs")
  const names = await readdir(blobs).catch(() => [])
  const incomplete = names.filter((name) => name === `${sha256(noise(SIZE, 1))}.incomplete`)
  return Promise.all(incomplete.map((name) => readFile(join(blobs, name))))
}
