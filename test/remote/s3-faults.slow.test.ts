import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { always, onlyNew, replacing } from "../../pipeline/store/remote/remote.ts"
import { collected, failing, namesIn, text, using } from "../pipeline/store/remote/contract.ts"
import { empty, takePlace } from "../rig/places.ts"
import { freePort } from "./cutter.ts"
import { environmentOfTests, inEnvironment } from "./environment.ts"
import { motoOfTests, noMoto } from "./moto.ts"
import type { Fault, Logged } from "./proxy.ts"

describe.skipIf(noMoto !== undefined)(`S3 where things go wrong${noMoto === undefined ? "" : `: ${noMoto}`}`, () => {
  const moto = motoOfTests()
  environmentOfTests(() => moto.variables)
  let address: string
  beforeEach(async () => {
    address = await moto.newAddress()
    moto.proxy.clearLog()
  })
  afterEach(() => moto.proxy.fail(undefined))

  /** Requests for a name, in their order. */
  const asked = (name: string): ReadonlyArray<Logged> => moto.proxy.log.filter(({ path }) => path.endsWith(`/${name}`))

  /** The first requests of a method for a name end so. */
  const failFirst = (method: string, name: string, ...faults: ReadonlyArray<Fault>): void => {
    const left = [...faults]
    moto.proxy.fail((request) =>
      request.method === method && request.path.endsWith(`/${name}`) ? left.shift() : undefined
    )
  }

  for (const status of [409, 429, 500, 502, 503, 504]) {
    it(`tries again after ${status}`, async () => {
      failFirst("PUT", "a", { _tag: "Answer", status }, { _tag: "Answer", status, retryAfter: 1 })
      await using(address)((remote) => remote.write("a", text("one"), always))
      expect(asked("a").map(({ status }) => status)).toEqual([status, status, 200])
    })
  }

  it("gives up at last, and says what the server said", async () => {
    moto.proxy.fail(() => ({
      _tag: "Answer",
      status: 400,
      body: "<Error><Code>Odd</Code><Message>no such thing</Message></Error>",
    }))
    expect(await failing(address, (remote) => remote.read("a", 9))).toMatchObject({
      path: `${address}/a`,
      message: "the server answers 400 Odd no such thing",
      code: "failed",
    })
    expect(asked("a")).toHaveLength(1)
  })

  it("knows its own write whose answer was lost", async () => {
    const lost: Fault = { _tag: "CutAnswer", after: -1 }
    failFirst("PUT", "a", lost)
    const first = await using(address)((remote) => remote.write("a", text("one"), onlyNew))
    expect(first).toEqual(expect.any(String))
    expect(asked("a").map(({ method, status }) => `${method} ${status}`)).toEqual(["PUT 0", "PUT 412", "GET 206"])
    failFirst("PUT", "a", lost)
    const second = await using(address)((remote) => remote.write("a", text("two"), replacing(first ?? "")))
    expect(await using(address)((remote) => remote.read("a", 9))).toEqual({ bytes: text("two"), version: second })
    failFirst("DELETE", "a", lost)
    expect(await using(address)((remote) => remote.remove("a"))).toBe(true)
    expect(await using(address)((remote) => remote.read("a", 9))).toBeUndefined()
  })

  it("does not take another's write for its own", async () => {
    await using(address)((remote) => remote.write("a", text("of another"), onlyNew))
    failFirst("PUT", "a", { _tag: "CutAnswer", after: -1 })
    expect(await using(address)((remote) => remote.write("a", text("one"), onlyNew))).toBeUndefined()
    expect((await using(address)((remote) => remote.read("a", 99)))?.bytes).toEqual(text("of another"))
  })

  it("goes on where the connection dropped, and with the same object only", async () => {
    const bytes = Buffer.from(Uint32Array.from({ length: 500_000 }, (_, index) => index).buffer)
    await using(address)((remote) => remote.write("large", bytes, always))
    failFirst("GET", "large", { _tag: "CutAnswer", after: 700_000 }, { _tag: "CutAnswer", after: 700_001 })
    const read = await using(address)((remote) => collected(remote.readFrom("large", 100)))
    expect(read.equals(bytes.subarray(100))).toBe(true)
    const gets = asked("large").filter(({ method }) => method === "GET")
    expect(gets.map(({ headers }) => Number(/^bytes=(\d+)-$/u.exec(headers.range ?? "")?.[1]) > 0)).toEqual([
      true,
      true,
      true,
    ])
    expect(gets.reduce((sum, { received }) => sum + received, 0)).toBe(bytes.length - 100)
    expect(gets[1]?.headers["if-match"]).toBe(gets[2]?.headers["if-match"])
    expect(gets[1]?.headers["if-match"]).toEqual(expect.any(String))
  })

  it("reads again what arrived damaged, and keeps nothing that stays so", async () => {
    await using(address)((remote) => remote.write("a", text("one"), always))
    failFirst("GET", "a", { _tag: "CorruptAnswer", at: 1 })
    expect((await using(address)((remote) => remote.read("a", 9)))?.bytes).toEqual(text("one"))
    moto.proxy.fail(() => ({ _tag: "CorruptAnswer", at: 1 }))
    expect(await failing(address, (remote) => remote.read("a", 9))).toMatchObject({ code: "damaged" })
  })

  it("writes again what arrived damaged, under a condition too", async () => {
    for (const [name, condition] of [["a", always], ["b", onlyNew]] as const) {
      failFirst("PUT", name, { _tag: "CorruptRequest", at: 0 })
      expect(await using(address)((remote) => remote.write(name, text("one"), condition))).toEqual(expect.any(String))
      moto.proxy.fail(undefined)
      expect((await using(address)((remote) => remote.read(name, 9)))?.bytes).toEqual(text("one"))
    }
    moto.proxy.fail(({ method }) => method === "PUT" ? { _tag: "CorruptRequest", at: 0 } : undefined)
    expect(await failing(address, (remote) => remote.write("c", text("one"), always))).toMatchObject({
      code: "damaged",
    })
  })

  it("asks again for a listing that arrived damaged", async () => {
    await using(address)((remote) => remote.write("a", text("one"), always))
    let cut = 0
    moto.proxy.fail((
      { query },
    ) => (query["list-type"] === "2" && cut++ === 0 ? { _tag: "CorruptAnswer", at: 0 } : undefined))
    expect(await using(address)((remote) => namesIn(remote, ""))).toEqual(["a"])
    expect(cut).toBe(2)
  })

  it("finds a server that takes conditions and ignores them, and looks before it writes there", async () => {
    moto.proxy.fail(() => ({ _tag: "IgnoreConditions" }))
    const [kept, first, second, third] = await using(address)((remote) =>
      Effect.gen(function*() {
        const first = yield* remote.write("a", text("one"), onlyNew)
        return [
          yield* remote.conditions,
          first,
          yield* remote.write("a", text("two"), onlyNew),
          yield* remote.write("a", text("three"), replacing("\"another\"")),
        ]
      })
    )
    expect([kept, second, third]).toEqual(["ignored", undefined, undefined])
    expect(await using(address)((remote) => remote.read("a", 9))).toEqual({ bytes: text("one"), version: first })
  })

  it("takes a server that knows no conditions for one that ignores them", async () => {
    moto.proxy.fail(({ headers }) =>
      headers["if-none-match"] === undefined ? undefined : { _tag: "Answer", status: 501 }
    )
    expect(await using(address)((remote) => remote.conditions)).toBe("ignored")
  })

  it("asks for the proof of conditions once, and only where a condition is asked for", async () => {
    await using(address)((remote) =>
      Effect.forEach(["a", "b"], (name) => Effect.andThen(remote.write(name, text("x"), always), remote.read(name, 9)))
    )
    expect(moto.proxy.log).toHaveLength(4)
    await using(address)((remote) => Effect.forEach(["c", "d"], (name) => remote.write(name, text("x"), onlyNew)))
    expect(moto.proxy.log.filter(({ path }) => path.includes("/probe-"))).toHaveLength(4)
    expect(await using(address)((remote) => remote.tidy(-60_000))).toBe(0)
  })

  it("shows no secret, whatever a server says", async () => {
    const secret = moto.variables["AWS_SECRET_ACCESS_KEY"] ?? ""
    const body = `<Error><Code>AccessDenied</Code><Message>${secret}\u202e</Message></Error>`
    moto.proxy.fail(() => ({ _tag: "Answer", status: 403, body }))
    const error = await failing(address, (remote) => remote.read("a", 9))
    expect(error).toMatchObject({ code: "refused", message: "the server answers 403 AccessDenied …\\u202e" })
    expect(JSON.stringify(error)).not.toContain(secret)
    expect(JSON.stringify(moto.proxy.log)).not.toContain(secret)
  })

  it("says what to do where the bucket is elsewhere, is none, or the server is none", async () => {
    moto.proxy.fail(() => ({
      _tag: "Answer",
      status: 301,
      body: "<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region></Error>",
    }))
    expect(await failing(address, (remote) => remote.read("a", 9))).toMatchObject({
      message: "the bucket is in the region eu-west-1",
      help: "set AWS_REGION=eu-west-1, then run again",
    })
    moto.proxy.fail(undefined)
    for (const use of ["read", "write"] as const) {
      expect(
        await failing(
          "s3://nobody-has-this",
          (remote) => use === "read" ? remote.read("a", 9) : remote.write("a", text("one"), always),
        ),
      ).toMatchObject({ code: "missing", path: "s3://nobody-has-this", message: "there is no such bucket" })
    }
    const back = inEnvironment({ AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}` })
    expect(await failing(address, (remote) => remote.read("a", 9))).toMatchObject({ code: "unreachable" })
    back()
  })

  it("reads credentials from files, and again where they have expired", async () => {
    const place = takePlace("aws")
    const file = join(place, "credentials")
    const profile = (id: string) =>
      writeFileSync(
        file,
        `[other]\naws_access_key_id = WRONG\naws_secret_access_key = w\n[lab]\naws_access_key_id = ${id}\n`
          + `aws_secret_access_key=secret-of-${id}\naws_session_token = token-of-${id}\n`,
      )
    profile("FIRST")
    const back = inEnvironment({
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
      AWS_PROFILE: "lab",
      AWS_SHARED_CREDENTIALS_FILE: file,
    })
    try {
      const expired = "<Error><Code>ExpiredToken</Code></Error>"
      moto.proxy.fail(({ headers }) => {
        if (headers.authorization?.includes("FIRST") !== true) return undefined
        profile("SECOND")
        return { _tag: "Answer", status: 400, body: expired }
      })
      expect(await using(address)((remote) => remote.read("a", 9))).toBeUndefined()
      expect(asked("a").map(({ headers }) => headers["x-amz-security-token"])).toEqual([
        "token-of-FIRST",
        "token-of-SECOND",
      ])
      moto.proxy.fail(() => ({ _tag: "Answer", status: 400, body: expired }))
      expect(await failing(address, (remote) => remote.read("a", 9))).toMatchObject({
        code: "refused",
        message: "the credentials have expired",
      })
    } finally {
      back()
      empty(place)
    }
  })

  it("says how to give credentials where there are none", async () => {
    const back = inEnvironment({ AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" })
    expect(await failing(address, (remote) => remote.read("a", 9))).toMatchObject({
      code: "refused",
      message: expect.stringContaining("there are no credentials for S3") as string,
    })
    back()
    expect(moto.proxy.log).toEqual([])
  })
})
