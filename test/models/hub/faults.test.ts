import { assert, describe, it } from "@effect/vitest"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { download } from "../../../models/hub/download.ts"
import { Random } from "../../../models/kernels/random.ts"
import {
  COMMIT,
  type Fault,
  fetched,
  folderOf,
  model,
  noise,
  quick,
  refused,
  type Rig,
  type Seen,
  sha256,
  until,
  withRig,
} from "./rig.ts"

const WEIGHTS = "model.safetensors"
const SIZE = 300_000

const isBody = ({ server, method, path }: Seen): boolean =>
  server === "cdn" && method === "GET" && path.endsWith(WEIGHTS)

/** Sets what goes wrong with each request for the bytes of the weights, from the first. */
const onBody = ({ hub }: Rig, fault: (count: number, seen: Seen) => Fault | undefined): void => {
  hub.fault = (seen, count) => isBody(seen) ? fault(count, seen) : undefined
}

/** Downloads, and checks that the weights are right in the end. */
const succeeds = async ({ options }: Rig): Promise<string> => {
  const { snapshot, notes } = await fetched(options)
  const weights = snapshot.files.find(({ name }) => name === WEIGHTS)
  const bytes = new Uint8Array(await readFile(weights?.path ?? ""))
  assert.strictEqual(sha256(bytes), sha256(noise(SIZE, 1)))
  assert.strictEqual(weights?.sha256, sha256(bytes))
  return notes
}

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

describe("a server", () => {
  it("that ignores ranges is read from the start", () =>
    withRig(async (rig) => {
      onBody(rig, (count) => count === 1 ? { cut: 100_000 } : { ignoreRange: true })
      await succeeds(rig)
      assert.strictEqual(rig.hub.sent(WEIGHTS), SIZE + 100_000)
    }))

  it("that answers 416 is read from the start", () =>
    withRig(async (rig) => {
      onBody(rig, (count) => count === 1 ? { cut: 100_000 } : count === 2 ? { status: 416 } : undefined)
      await succeeds(rig)
      assert.deepStrictEqual(rig.hub.bodies(WEIGHTS).map(({ range }) => range), [undefined, "bytes=100000-", undefined])
    }))

  it("that stalls is asked again for the rest", () =>
    withRig(async (rig) => {
      onBody(rig, (count) => count === 1 ? { stall: 50_000 } : undefined)
      const impatient = { ...rig, options: { ...rig.options, patience: { ...quick, stall: 1000 } } }
      assert.match(await succeeds(impatient), /no byte came for 1 s/u)
      assert.strictEqual(rig.hub.sent(WEIGHTS), SIZE)
    }))

  it("whose content changes meanwhile is read from the start", () =>
    withRig(async (rig) => {
      // The first bytes are of another content, with another ETag; If-Range finds out.
      onBody(rig, (count) => count === 1 ? { cut: 100_000, etag: "\"older\"", flip: 5 } : undefined)
      const notes = await succeeds(rig)
      assert.strictEqual(rig.hub.bodies(WEIGHTS)[1]?.ifRange, "\"older\"")
      assert.notInclude(notes, "wrong bytes")
    }))

  it("that gives another digest than before is asked anew, and not for ever", () =>
    withRig(async (rig) => {
      const { hub, options } = rig
      const other = "a".repeat(64)
      hub.fault = ({ server, path, method }, count) =>
        server === "hub" && path.endsWith(WEIGHTS) && method === "HEAD" && count === 1 ? { digest: other } : undefined
      assert.include(await succeeds(rig), "has changed on the server")
      hub.fault = ({ server, path, method }, count) =>
        server === "hub" && path.endsWith("spiece.model")
          ? { digest: `${method === "GET" ? count : "b"}`.padEnd(64, "0") }
          : undefined
      const environment = { ...options.environment, HF_HUB_CACHE: join(rig.home, "other") }
      assert.strictEqual((await refused({ ...options, environment })).kind, "protocol")
    }))

  it("that gives no digest is refused", () =>
    withRig(async ({ hub, options }) => {
      hub.fault = ({ method, path }) =>
        method === "HEAD" && path.endsWith("config.json") ? { etag: "\"v1\"" } : undefined
      const error = await refused(options)
      assert.deepStrictEqual([error.kind, /no digest of config\.json/u.test(error.message)], ["protocol", true])
    }))

  it("that answers for another commit is refused", () =>
    withRig(async ({ hub, options }) => {
      hub.fault = ({ method }) => method === "HEAD" ? { commit: "e".repeat(40) } : undefined
      const error = await refused(options)
      assert.deepStrictEqual([error.kind, /commit e{40}, asked for 0123/u.test(error.message)], ["protocol", true])
    }))

  it("that is no Hub is refused", () =>
    withRig(async ({ hub, options }) => {
      hub.fault = () => ({ status: 200, headers: { "content-type": "text/html" } })
      assert.strictEqual((await refused(options)).kind, "protocol")
      hub.fault = () => ({ status: 302, headers: { location: "/again" } })
      assert.match((await refused(options)).message, /redirects without end/u)
      hub.fault = () => ({ status: 302, headers: { location: "file:///etc/passwd" } })
      assert.strictEqual((await refused(options)).kind, "protocol")
      hub.fault = () => ({ status: 302 })
      assert.match((await refused(options)).message, /redirects to nowhere/u)
    }))

  for (const [what, announced] of [["less", SIZE - 1000], ["more", SIZE + 1000]] as const) {
    it(`whose Content-Length is ${what} than there is does no harm`, () =>
      withRig(async (rig) => {
        onBody(rig, (count) => count === 1 ? { size: announced } : undefined)
        await succeeds(rig)
      }))
  }

  it("that announces more than the file has is believed by the digest", () =>
    withRig(async (rig) => {
      rig.hub.fault = ({ server, path }) => server === "hub" && path.endsWith(WEIGHTS) ? { size: SIZE + 9 } : undefined
      await succeeds(rig)
      assert.strictEqual(rig.hub.sent(WEIGHTS), SIZE)
    }))

  it("that announces less than the file has is not", () =>
    withRig(async (rig) => {
      rig.hub.fault = ({ server, path }) => server === "hub" && path.endsWith(WEIGHTS) ? { size: SIZE - 9 } : undefined
      assert.strictEqual((await refused(rig.options)).kind, "corrupt")
    }))
})

describe("row 15: a server that does not end", () => {
  const isTokenizer = ({ path }: Seen): boolean => path.endsWith("tokenizer.json")
  const listing = ({ path }: Seen): boolean => path.startsWith("/api/")

  it("with a file of unstated length is read up to a limit, which is told, and nothing of it stays", () =>
    withRig(async ({ hub, home, options }) => {
      hub.fault = (seen) => isTokenizer(seen) ? { unstated: true, endless: true } : undefined
      const environment = { ...options.environment, DAG_DOWNLOAD_LIMIT: "0.001" }
      const error = await refused({ ...options, environment })
      assert.strictEqual(error.kind, "protocol")
      assert.match(error.message, /sends more than 0\.001 GB of tokenizer\.json, whose length it does not state/u)
      assert.include(error.help, "DAG_DOWNLOAD_LIMIT")
      const blobs = await readdir(join(folderOf(home), "blobs"))
      assert.deepStrictEqual(blobs.filter((name) => name.endsWith(".incomplete")), [])
    }))

  it("is not what one is that states no length and ends", () =>
    withRig(async ({ hub, options }) => {
      hub.fault = () => ({ unstated: true })
      const { snapshot, notes } = await fetched(options)
      assert.lengthOf(snapshot.files, 4)
      assert.match(notes, /does not state the length of model\.safetensors; at most 2\.0 GB of it are read/u)
    }))

  it("with a listing is read up to a limit", () =>
    withRig(async ({ hub, options }) => {
      hub.fault = (seen) => listing(seen) ? { endless: true } : undefined
      const error = await refused(options)
      assert.strictEqual(error.kind, "protocol")
      assert.match(error.message, /answers with more than 16777216 bytes/u)
    }))

  for (const [what, drips] of [["a listing", listing], ["a file", isTokenizer]] as const) {
    it(`and lets ${what} drip a byte at a time is given up`, () =>
      withRig(async ({ hub, options }) => {
        hub.fault = (seen) => drips(seen) ? { unstated: true, drip: 5 } : undefined
        const error = await refused({ ...options, patience: { ...quick, window: 100, rate: 100_000 } })
        assert.strictEqual(error.kind, "network")
        assert.match(error.message, /100000 bytes a second is the least \(4 attempts in a row failed\)/u)
        assert.include(error.help, "DAG_DOWNLOAD_RATE")
      }))
  }

  it("has an index of weights that is not read", () =>
    withRig(async ({ hub, options }) => {
      const { files, commit } = model(100)
      const { "model.safetensors": _, ...others } = files
      const index = Buffer.alloc((16 << 20) + 1, " ")
      hub.repositories.set("org/model", { commit, files: { ...others, "model.safetensors.index.json": index } })
      const error = await refused(options)
      assert.strictEqual(error.kind, "unusable")
      assert.match(error.message, /has 16777217 bytes; an index of weights has at most 16777216/u)
    }))

  it("may be waited for as a setting says, which must be a number", () =>
    withRig(async ({ options }) => {
      for (const name of ["DAG_DOWNLOAD_RATE", "DAG_DOWNLOAD_LIMIT"]) {
        const error = await refused({ ...options, environment: { ...options.environment, [name]: "fast" } })
        assert.strictEqual(error.kind, "option")
        assert.include(error.message, `${name} is "fast"`)
      }
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

describe("an answer", () => {
  for (const status of [429, 500, 503]) {
    it(`of ${status} is waited out wherever it comes`, () =>
      withRig(async (rig) => {
        rig.hub.fault = (_, count) => count === 1 ? { status } : undefined
        assert.include(await succeeds(rig), `answers ${status}`)
      }))
  }

  it("of 500 that stays is an error", () =>
    withRig(async ({ hub, options }) => {
      hub.fault = () => ({ status: 500, headers: { "x-error-message": "out of order" } })
      const error = await refused(options)
      assert.strictEqual(error.kind, "server")
      assert.match(error.message, /answers 500 for org\/model: out of order \(4 attempts/u)
      assert.lengthOf(hub.seen, 4)
    }))

  it("of 418 is an error at once", () =>
    withRig(async ({ hub, options }) => {
      hub.fault = () => ({ status: 418 })
      assert.strictEqual((await refused(options)).kind, "server")
      assert.lengthOf(hub.seen, 1)
    }))

  for (
    const [what, value, least] of [
      ["seconds", "1", 295],
      ["seconds beyond what one would wait", "100000", 295],
      ["a date", new Date(Date.now() + 3_600_000).toUTCString(), 295],
      ["nonsense", "soon", 0],
    ] as const
  ) {
    it(`with Retry-After of ${what} is heeded within bounds`, () =>
      withRig(async ({ hub, options }) => {
        hub.fault = ({ path }, count) =>
          path.startsWith("/api/") && count === 1 ? { status: 429, headers: { "retry-after": value } } : undefined
        hub.repositories.set("org/model", model(100))
        const start = performance.now()
        await fetched(options)
        const taken = performance.now() - start
        assert.isAbove(taken, least)
        // An hour is what a date asks for, and more than a day the largest number.
        assert.isBelow(taken, 1_000_000)
      }))
  }

  it("of 403 from the storage, whose signed address has expired, gets a new address", () =>
    withRig(async (rig) => {
      onBody(rig, (count) => count === 1 ? { status: 403 } : undefined)
      await succeeds(rig)
      const asked = rig.hub.seen.filter(({ server, method, path }) => {
        return server === "hub" && method === "GET" && path.endsWith(WEIGHTS)
      })
      assert.lengthOf(asked, 2)
    }))
})

describe("what is not there", () => {
  it("is said apart: repository, revision, file", () =>
    withRig(async ({ hub, options }) => {
      for (const terse of [false, true]) {
        hub.terse = terse
        hub.fault = () => undefined
        const signedIn = { ...options.environment, HF_TOKEN: "hf_a" }
        const repository = await refused({ ...options, repository: "org/nothing", environment: signedIn })
        assert.strictEqual(repository.kind, "repository")
        assert.include(repository.message, "there is no repository org/nothing")
        const revision = await refused({ ...options, revision: "v9" })
        assert.deepStrictEqual([revision.kind, revision.message], ["revision", "org/model has no revision \"v9\""])
        const unknown = await refused({ ...options, revision: "9".repeat(40) })
        assert.strictEqual(unknown.kind, "revision")
        hub.fault = ({ path }) => path.endsWith("tokenizer.json") ? { status: 404 } : undefined
        const file = await refused(options)
        assert.deepStrictEqual([file.kind, file.message], ["file", "org/model has no file tokenizer.json"])
      }
    }))

  it("to somebody without a token may be gated or private", () =>
    withRig(async ({ hub, options }) => {
      hub.repositories.set("org/gated", { ...model(), token: "hf_right", gated: true })
      for (const repository of ["org/gated", "org/nothing"]) {
        const error = await refused({ ...options, repository })
        assert.strictEqual(error.kind, "access")
        assert.match(error.message, new RegExp(`${repository} is gated or private`, "u"))
        assert.include(error.help, "HF_TOKEN")
      }
      const environment = { ...options.environment, HF_TOKEN: "hf_wrong" }
      const wrong = await refused({ ...options, repository: "org/gated", environment })
      assert.strictEqual(wrong.kind, "access")
      assert.match(wrong.message, /the token given may not read it/u)
      assert.notInclude(`${wrong.message} ${wrong.help}`, "hf_wrong")
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
