import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { Project } from "../rig/project.ts"
import { ask, enter, type Known, type Request, type Serving, serving } from "./serving.ts"

/** A request, and the statuses of which it may get one. */
interface Hostile extends Request {
  readonly name: string
  readonly path?: string
  readonly gets: ReadonlyArray<number>
  /** Whether it comes without the cookie and the secret; most have them, as a page of another site that rides on the user's browser. */
  readonly isStranger?: boolean
}

/** "PORT", "COOKIE" and "SECRET" stand for those of the server, "DIGEST" for a table that there is. */
const hosts: ReadonlyArray<string> = [
  "evil.example",
  "evil.example:PORT",
  "localhost.evil.example:PORT",
  "127.0.0.1.nip.io:PORT",
  "127.0.0.1",
  "127.0.0.1:1",
  "0.0.0.0:PORT",
  "[::]:PORT",
  "127.0.0.1:PORT@evil.example",
  "2130706433:PORT",
]
const origins: ReadonlyArray<string> = [
  "http://evil.example",
  "null",
  "https://127.0.0.1:PORT",
  "http://127.0.0.1:1",
  "http://localhost:PORT",
  "http://127.0.0.1:PORT.evil.example",
  "file://",
]
const cookies: ReadonlyArray<string> = ["", "redag-PORT=", "redag-PORT=0", "redag=COOKIE", "COOKIE0", "redag-1=COOKIE"]
const paths: ReadonlyArray<string> = [
  "/../../../../etc/passwd",
  "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
  "/..%2f..%2f..%2fetc%2fpasswd",
  "//etc/passwd",
  "/page.js/../../package.json",
  "/dag.config.ts",
  "/numbers.txt",
  "/artifacts/heads/main.json",
  "/api",
  "/api/",
  "/api/../numbers.txt",
  "/api/nothing",
  "/api/__proto__",
  "/api/toString",
  "/api/session",
  "/api/node/..%2f..%2fnumbers.txt",
  "/api/node/__proto__",
  "/api/node/%00",
  "/api/node/add%2Fstep0%0d%0aset-cookie:%20a=b",
  "/api/table/..%2f..%2f..%2fetc%2fpasswd",
  "/api/table/0000",
  "/api/table/DIGEST?from=-1",
  "/api/table/DIGEST?rows=1e9",
  "/api/table/DIGEST?sort=__proto__",
  "/api/table/DIGEST?filter=constructor%3E1",
  "/api/log/..%2f..%2f..%2fetc%2fpasswd",
  "/api/log/%2Fetc%2Fpasswd",
  "/api/run/..%2F..%2Fheads%2Fmain",
  "/api/run/%2e%2e",
  "/api/diff/%2Fetc/now",
  "/api/diff/../now",
  "/api/diff/..%2F..%2Fartifacts/now",
  "/api/source/add%2Fstep0/__proto__.by",
  "/api/source/numbers.txt/by",
  "/api/page/__proto__",
  "/api/page/constructor/a",
  "/api/select?q=%3Cscript%3E",
  "/%",
  "/%E0%A4%A",
  "http://evil.example/api/graph",
]
const bodies: ReadonlyArray<Omit<Hostile, "gets">> = [
  { name: "a wrong token", path: "/api/session", body: `{"token":"${"0".repeat(64)}"}` },
  { name: "a token that is none", path: "/api/session", body: `{"token":["a"]}` },
  { name: "no JSON", path: "/api/session", body: "{" },
  { name: "nothing", path: "/api/session", body: "" },
  { name: "more than a token", path: "/api/session", body: `{"token":"TOKEN","more":"${"0".repeat(1024)}"}` },
  { name: "too much", path: "/api/session", body: `{"token":"${"0".repeat(2 ** 21)}"}` },
  { name: "to what is read", path: "/api/graph", body: "{}" },
  { name: "to the page", path: "/", body: "{}" },
]
const own = { "origin": "http://127.0.0.1:PORT", "content-type": "application/json" }

const requests: ReadonlyArray<Hostile> = [
  ...hosts.map((host) => ({ name: `host ${host}`, headers: { host }, gets: [403] })),
  ...origins.map((origin) => ({ name: `origin ${origin}`, headers: { origin }, gets: [403] })),
  ...["cross-site", "same-site"].map((site) => ({ name: site, headers: { "sec-fetch-site": site }, gets: [403] })),
  ...cookies.map((cookie) => ({
    name: `cookie ${cookie}`,
    headers: { cookie, "x-redag": "SECRET" },
    gets: [401],
    isStranger: true,
  })),
  ...["/api/graph", "/api/events", "/api/project"].map((path) => ({
    name: `the cookie alone, as other ports of this machine get it: ${path}`,
    path,
    headers: { cookie: "COOKIE" },
    gets: [401],
    isStranger: true,
  })),
  ...["", "0", "0".repeat(64), "COOKIE"].map((secret) => ({
    name: `secret ${secret}`,
    headers: { "cookie": "COOKIE", "x-redag": secret },
    gets: [401],
    isStranger: true,
  })),
  ...["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"].map((method) => ({ name: method, method, gets: [405] })),
  ...paths.map((path) => ({ name: path, path, gets: [400, 404, 405] })),
  ...bodies.map((body) => ({ ...body, method: "POST", headers: own, gets: [400, 401, 405] })),
  {
    name: "a form of another page",
    method: "POST",
    path: "/api/session",
    headers: { ...own, "content-type": "text/plain" },
    body: "{}",
    gets: [400],
  },
  {
    name: "no origin",
    method: "POST",
    path: "/api/session",
    headers: { "content-type": "application/json" },
    body: "{}",
    gets: [403],
  },
]

describe("hostile requests to dag ui", () => {
  const project = new Project()
  let served: Serving | undefined
  let known: Known = { "cookie": "", "x-redag": "" }
  let digest = ""
  let before: ReadonlyArray<string> = []
  const filesOf = (): ReadonlyArray<string> =>
    project.files("artifacts").map((file) => `${file} ${readFileSync(file).toString("base64")}`)
  beforeAll(async () => {
    // A profile whose file decides on what is read.
    project.edit("dag.config.ts", "type FileSet }", "type FileSet, isThere }")
    project.edit(
      "dag.config.ts",
      `const { steps } = dag.yaml("params.yaml", Params)\n  const read = numbers(dag)`,
      `const { steps, text: { greeting } } = dag.yaml("params.yaml", Params)
  const text = { title: "the numbers", base: dag.root, names: [greeting === "hello" ? "numbers.txt" : greeting] }
  if (isThere({ ...text, names: [greeting] })) throw new Error("somebody looked")
  const from = dag.add(read, { name: "numbers", params: {}, inputs: { text } }).numbers`,
    )
    project.edit("dag.config.ts", "params, inputs: { numbers: read }", "params, inputs: { numbers: from }")
    assert.strictEqual((await project.dag("run", "--yes")).code, 0)
    project.executions()
    served = await serving(project)
    known = await enter(served)
    const { text } = await ask(served.port, "/api/node/total%2Fall", { headers: known })
    digest = (JSON.parse(text) as { outputs: ReadonlyArray<{ digest: string }> }).outputs[0]?.digest ?? ""
    assert.match(digest, /^[0-9a-f]{64}$/u)
    before = filesOf()
  })
  afterAll(async () => {
    await project.end()
    project.remove()
  })

  it("are sixty and more", () => assert.isAtLeast(requests.length, 60))

  it.each(requests)(
    "gets nothing by $name",
    async ({ method, path = "/api/graph", headers = {}, body, gets, isStranger }) => {
      const { port, token } = served ?? { port: 0, token: "" }
      const put = (text: string): string =>
        text.replaceAll("PORT", String(port)).replaceAll("COOKIE", known.cookie).replaceAll("DIGEST", digest)
          .replaceAll("TOKEN", token).replaceAll("SECRET", known["x-redag"])
      const { status, text, headers: answered } = await ask(port, put(path), {
        ...(method === undefined ? {} : { method }),
        headers: {
          ...(isStranger === true ? {} : known),
          ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, put(value)])),
        },
        ...(body === undefined ? {} : { body }),
      })
      assert.include(gets, status)
      assert.isUndefined(answered["set-cookie"])
      assert.strictEqual(answered["x-content-type-options"], "nosniff")
      for (const secret of [token, known.cookie.split("=")[1] ?? "", known["x-redag"], "root:", project.root]) {
        assert.notInclude(text, secret)
      }
    },
  )

  it.each(["../../../../../../etc/passwd", "/etc/passwd", "../*", "*", "/etc/*", "params.yaml", "nothing"])(
    "looks for no file that a text names which is tried: %s",
    async (name) => {
      const { port } = served ?? { port: 0 }
      const { status, text } = await ask(port, "/api/what-if", {
        method: "POST",
        headers: { ...known, "origin": `http://127.0.0.1:${port}`, "content-type": "application/json" },
        body: JSON.stringify({
          file: "params.yaml",
          text: project.read("params.yaml").replace("greeting: hello", `greeting: ${JSON.stringify(name)}`),
        }),
      })
      assert.strictEqual(status, 200)
      const { problem, changed } = JSON.parse(text) as {
        readonly problem: { readonly message: string } | null
        readonly changed: ReadonlyArray<unknown>
      }
      // That of one that is there and of one that is not.
      assert.strictEqual(problem?.message, `names files that the profile does not read as it is: ${name}`)
      assert.deepStrictEqual(changed, [])
    },
  )

  it.each([["long", " ".repeat(70_000)], ["deep", "[".repeat(200)], ["full of dashes", "- ".repeat(200)]])(
    "tries no text that is too %s",
    async (_, given) => {
      const { port } = served ?? { port: 0 }
      const { status, text } = await ask(port, "/api/what-if", {
        method: "POST",
        headers: { ...known, "origin": `http://127.0.0.1:${port}`, "content-type": "application/json" },
        body: JSON.stringify({ file: "params.yaml", text: given }),
      })
      assert.strictEqual(status, 400)
      assert.match(text, /too long or too deep/u)
    },
  )

  it("run nothing and change nothing", async () => {
    assert.deepStrictEqual(project.executions(), [])
    assert.deepStrictEqual(filesOf(), before)
    const { status } = await ask(served?.port ?? 0, "/api/graph", { headers: known })
    assert.strictEqual(status, 200)
  })

  it("answers with what forbids a page to run, frame or keep anything", async () => {
    const { headers, text } = await ask(served?.port ?? 0, "/")
    assert.match(String(headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/u)
    assert.notInclude(String(headers["content-security-policy"]), "unsafe")
    assert.strictEqual(headers["cache-control"], "no-store")
    assert.notMatch(text, /<script>|\son\w+=|style=/u)
  })

  it.each(["65536", "-1"])("does not begin with --port %s, which is none", async (port) => {
    const { code, stderr } = await project.dag("ui", `--port=${port}`)
    assert.strictEqual(code, 2)
    assert.include(stderr, `${port} is no port`)
    assert.notInclude(stderr, "bug")
  })

  it("does not begin with a port that another program has", async () => {
    const { code, stderr } = await project.dag("ui", `--port=${served?.port}`)
    assert.strictEqual(code, 2)
    assert.include(stderr, `another program listens on port ${served?.port}`)
  })

  it("is answered on the loopback alone, and the cookie is no script's and no other site's", async () => {
    const { port, token } = served ?? { port: 0, token: "" }
    const { headers } = await ask(port, "/api/session", {
      method: "POST",
      headers: { "origin": `http://127.0.0.1:${port}`, "content-type": "application/json" },
      body: JSON.stringify({ token }),
    })
    assert.match(String(headers["set-cookie"]), /; HttpOnly; SameSite=Strict; Path=\/$/u)
    const listening = readFileSync("/proc/net/tcp", "utf8").split("\n")
      .map((line) => line.trim().split(/\s+/u)).filter(([, local, , state]) =>
        state === "0A" && local?.endsWith(`:${port.toString(16).toUpperCase().padStart(4, "0")}`)
      )
    assert.deepStrictEqual(listening.map(([, local]) => local?.split(":")[0]), ["0100007F"])
  })
})
