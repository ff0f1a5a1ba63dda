import { existsSync } from "node:fs"
import { request } from "node:http"
import { eventually, type Project, type Running, type Variables } from "../rig/project.ts"

/** `dag ui` at work in a project. */
export interface Serving {
  readonly running: Running
  /** The address that it printed, with the token. */
  readonly address: string
  readonly port: number
  readonly token: string
}

/** Starts `dag ui` and waits for its address. */
export const serving = async (
  project: Project,
  words: ReadonlyArray<string> = [],
  variables: Variables = {},
): Promise<Serving> => {
  const running = project.start(["ui", ...words], variables)
  let printed = ""
  running.process.stdout?.on("data", (text: string) => (printed += text))
  let ended = ""
  void running.ended.then(({ stderr }) => (ended = stderr))
  const [address = "", port = "", token = ""] = await eventually("the address", () => {
    if (ended !== "") throw new Error(`dag ui ended: ${ended}`)
    return /^http:\/\/127\.0\.0\.1:(\d+)\/#token=([0-9a-f]{64})$/mu.exec(printed) ?? undefined
  })
  return { running, address, port: Number(port), token }
}

/** An answer to a request, as it came. */
export interface Replied {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly text: string
}

/** What a request is like, where it differs from a GET of this machine's own. */
export interface Request {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends a request with just these headers; nothing of its path is tidied up before. */
export const ask = (
  port: number,
  path: string,
  { method = "GET", headers = {}, body }: Request = {},
): Promise<Replied> =>
  new Promise((done, fail) => {
    const asked = request(
      { agent: false, host: "127.0.0.1", port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers } },
      (response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (piece: string) => (text += piece))
        response.on("end", () => done({ status: response.statusCode ?? 0, headers: response.headers, text }))
        response.on("error", fail)
      },
    )
    asked.on("error", fail)
    asked.end(body)
  })

/** What a browser got for the token, as headers that each request of the page has. */
export interface Known extends Readonly<Record<string, string>> {
  readonly "cookie": string
  readonly "x-redag": string
}

/** Exchanges the token for the cookie and the secret that requests need. */
export const enter = async ({ port, token }: Serving): Promise<Known> => {
  const { headers, text } = await ask(port, "/api/session", {
    method: "POST",
    headers: { "origin": `http://127.0.0.1:${port}`, "content-type": "application/json" },
    body: JSON.stringify({ token }),
  })
  const [cookie = ""] = [headers["set-cookie"] ?? []].flat()
  const { secret } = JSON.parse(text) as { readonly secret: string }
  return { "cookie": cookie.split(";", 1)[0] ?? "", "x-redag": secret }
}

/** The browser that pages are looked at with; undefined where there is none. */
export const executablePath = [
  process.env["CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== "" && existsSync(path))

/** Why tests that need a browser are skipped; empty where they are not. */
export const skipped = executablePath === undefined ? " (skipped: there is no Chromium; CHROMIUM can name one)" : ""
