import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { connections, type Send } from "../../../../pipeline/store/remote/http.ts"
import { s3Settings } from "../../../../pipeline/store/remote/s3-settings.ts"

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return (server.address() as AddressInfo).port
}

describe("requests where a proxy is named", () => {
  const asked: Array<string> = []
  const heard = (request: IncomingMessage) =>
    asked.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"]}`)
  const proxy = createServer((request, response) => {
    heard(request)
    request.pipe(response)
  })
  proxy.on("connect", (request, socket) => {
    heard(request)
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
  })
  const direct = createServer((request, response) => request.pipe(response))
  let port = 0
  let send: Send
  beforeAll(async () => {
    port = await listening(direct)
    const address = `http://user:hidden@127.0.0.1:${await listening(proxy)}`
    send = connections({ HTTP_PROXY: address, HTTPS_PROXY: address, NO_PROXY: "127.0.0.1" })
  })
  afterAll(() => {
    for (const server of [proxy, direct]) {
      server.close()
      server.closeAllConnections()
    }
  })

  const put = async (url: string): Promise<string> => {
    const answer = await send(new URL(url), {
      method: "PUT",
      headers: new Headers(),
      body: Buffer.from("some bytes"),
      signal: AbortSignal.any([]),
    })
    const pieces: Array<Uint8Array> = []
    for await (const piece of answer.body) pieces.push(piece)
    return Buffer.concat(pieces).toString()
  }
  const credentials = `Basic ${Buffer.from("user:hidden").toString("base64")}`

  it("go through it, with its user and password, and to the hosts of NO_PROXY without it", async () => {
    expect(await put("http://bucket.invalid/objects/a?part=1")).toBe("some bytes")
    expect(await put(`http://127.0.0.1:${port}/objects/a`)).toBe("some bytes")
    expect(asked).toEqual([`PUT http://bucket.invalid/objects/a?part=1 ${credentials}`])
  })

  it("ask it for a tunnel where they are secret; that it gives none is said without its password", async () => {
    asked.length = 0
    const failed = await put("https://bucket.invalid/objects/a").catch((thrown: unknown) => thrown)
    expect(asked).toEqual([`CONNECT bucket.invalid:443 ${credentials}`])
    expect(failed).toMatchObject({ code: "ERR_PROXY_TUNNEL", message: expect.stringContaining("407") })
    expect(String(failed)).not.toContain("hidden")
  })

  it("are not made without credentials, and in a job the help says where that finds some", async () => {
    const nowhere = { AWS_CONFIG_FILE: "/nonexistent/a", AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/b" }
    for (
      const [env, help] of [[{}, /^set AWS_ACCESS_KEY_ID/u], [{ SLURM_JOB_ID: "7" }, /~\/\.aws.*dag pull/u]] as const
    ) {
      const { credentials } = await s3Settings({ ...nowhere, ...env })
      await expect(credentials()).rejects.toMatchObject({ help: expect.stringMatching(help) as string })
    }
  })

  it("are not made with credentials that no request can hold, which are not shown", async () => {
    const folder = { AWS_SHARED_CREDENTIALS_FILE: "/nowhere", AWS_CONFIG_FILE: "/nowhere" }
    const keys = { AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "hidden\ntoken" }
    const { credentials } = await s3Settings({ ...folder, ...keys })
    const failed = await credentials().catch((thrown: unknown) => thrown)
    expect(failed).toMatchObject({ field: "AWS_SESSION_TOKEN" })
    expect(JSON.stringify(failed)).not.toContain("hidden")
  })

  it("are given what is said of proxies, and no key", async () => {
    const said = { HTTPS_PROXY: "http://proxy:1", http_proxy: "http://proxy:2", NO_PROXY: "host" }
    const { proxies } = await s3Settings({ ...said, AWS_SECRET_ACCESS_KEY: "hidden", PATH: "/bin" })
    expect(proxies).toEqual(said)
  })

  it("are not made where its address is none, which is said without that", async () => {
    const failed = await s3Settings({ HTTPS_PROXY: "http://user:hidden@no host" }).catch((thrown: unknown) => thrown)
    expect(failed).toMatchObject({ field: "HTTPS_PROXY", message: "is no address of a proxy" })
    expect(JSON.stringify(failed)).not.toContain("hidden")
  })
})
