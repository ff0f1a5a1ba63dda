import { execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Moto, noMoto, startMoto } from "./moto.ts"
import { noSshd, sshdOfTests } from "./sshd.ts"

describe.skipIf(noMoto !== undefined)(`an S3 server for tests${noMoto === undefined ? "" : `: ${noMoto}`}`, () => {
  let moto: Moto
  let url: string
  beforeAll(async () => {
    moto = await startMoto()
    url = `${moto.proxy.url}/${(await moto.newAddress()).slice("s3://".length)}`
  })
  afterAll(() => moto.stop())

  const headers = { Authorization: "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request" }
  const put = (name: string, more = {}) =>
    fetch(`${url}/${name}`, { method: "PUT", body: "0123456789", headers: { ...headers, ...more } })
  const get = async (name: string) => (await fetch(`${url}/${name}`, { headers })).text()

  it("keeps conditions, unless the proxy hides them", async () => {
    expect((await put("a", { "If-None-Match": "*" })).status).toBe(200)
    expect((await put("a", { "If-None-Match": "*" })).status).toBe(412)
    moto.proxy.fail(() => ({ _tag: "IgnoreConditions" }))
    expect((await put("a", { "If-None-Match": "*" })).status).toBe(200)
    moto.proxy.fail(undefined)
  })

  it("logs each request, and fails on purpose", async () => {
    moto.proxy.clearLog()
    moto.proxy.fail(() => ({ _tag: "Answer", status: 503, retryAfter: 7 }))
    const busy = await put("b")
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([503, "7"])
    moto.proxy.fail(() => ({ _tag: "CutAnswer", after: -1 }))
    await expect(put("b")).rejects.toThrow("fetch failed")
    moto.proxy.fail(undefined)
    expect(await get("b")).toBe("0123456789")
    moto.proxy.fail(() => ({ _tag: "CorruptAnswer", at: 3 }))
    expect(await get("b")).toBe("0122456789")
    moto.proxy.fail(() => ({ _tag: "CutAnswer", after: 4 }))
    await expect(get("b")).rejects.toThrow("terminated")
    moto.proxy.fail(() => ({ _tag: "CorruptRequest", at: 0 }))
    await put("b")
    moto.proxy.fail(undefined)
    expect(await get("b")).toBe("1123456789")
    expect(moto.proxy.log.map(({ method, status }) => `${method} ${status}`)).toEqual([
      "PUT 503",
      "PUT 0",
      "GET 200",
      "GET 200",
      "GET 200",
      "PUT 200",
      "GET 200",
    ])
    expect(moto.proxy.log.at(-1)).toMatchObject({ path: expect.stringMatching(/\/store\/b$/u) as string, received: 10 })
  })
})

describe.skipIf(noSshd !== undefined)(`an SSH server for tests${noSshd === undefined ? "" : `: ${noSshd}`}`, () => {
  const sshd = sshdOfTests()

  it("lets OpenSSH's own client in", async () => {
    const { address, folder } = sshd.newAddress()
    expect(address).toBe(`sftp://rig${folder}`)
    writeFileSync(join(dirname(folder), "file"), "here")
    const { stdout, stderr } = await promisify(execFile)("ssh", [sshd.host, `cat ${dirname(folder)}/file`], {
      env: { ...process.env, ...sshd.variables },
    })
    expect([stdout, stderr]).toEqual(["here", ""])
    expect(sshd.cutter.connections()).toBe(1)
  })
})
