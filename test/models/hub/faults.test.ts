import { assert, describe, it } from "@effect/vitest"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { fetched, folderOf, model, quick, refused, type Seen, withRig } from "./rig.ts"
import { onBody, SIZE, succeeds, WEIGHTS } from "./weights.ts"

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

  it("that gives another digest than before is asked again, and not for ever", () =>
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

  it("with a file of unstated length is read up to a limit, which is said, and nothing of it stays", () =>
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
