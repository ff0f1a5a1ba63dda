import { Cause, Effect, Exit, Schema } from "effect"
import { randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { basename } from "node:path"
import { DagError, InputError, place } from "../../base/errors.ts"
import { systemCode, systemReason } from "../../base/system.ts"
import { assets } from "./assets.ts"
import { answerHeaders, cookieOf, type Guarded, isKnown, isSame, refusedHeaders } from "./guards.ts"
import type { ErrorMessage, LiveMessage, SessionMessage } from "./messages.ts"
import type { Asked, Route, Routes } from "./route.ts"
import { shell } from "./shell.ts"

/** What the server answers with. */
export interface Served<R> {
  readonly routes: Routes<R>
  /** Calls a function with what happens, until what it gives is called. */
  readonly listen: (hear: (message: LiveMessage) => void) => () => void
}

/** No request says more, in bytes; of one that does, so much is read and dropped so that it hears why. */
const [MOST, MOST_DROPPED] = [1 << 20, 1 << 24]

/** What gives the token for a cookie says no more, in bytes: anybody may send it. */
const MOST_OF_STRANGERS = 1024

/** How often a page that hears nothing is shown that the server lives, in milliseconds. */
const SILENCE = 15_000

/**
 * Serves the page on this machine alone, until the scope ends; gives its address with the token.
 *
 * The token stands behind the "#", which a browser sends to nobody. The page exchanges it for a cookie that no script can
 * read and no other site sends, and for a secret: a browser sends the cookie to every port of this machine, but no page of
 * another port can read the secret.
 */
export const serve = Effect.fnUntraced(function*<R>({ routes, listen }: Served<R>, port: number) {
  const run = Effect.runPromiseExitWith(yield* Effect.context<R>())
  const random = (): string => randomBytes(32).toString("hex")
  const token = random()
  let guarded: Guarded = { port, token, session: random(), secret: random() }
  const byName = new Map<string, Route<object, R>>(Object.entries(routes))

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "" } = request
    const changes = method === "POST"
    if (method !== "GET" && !changes) return refuse(response, 405, "this is read with GET")
    const refused = refusedHeaders(request.headers, guarded, changes)
    if (refused !== undefined) return refuse(response, refused.status, refused.message)
    const asked = partsOf(url)
    if (asked === undefined) return refuse(response, 400, "this address cannot be read")
    const [area, name = "", ...path] = asked.path
    if (area !== "api") return changes ? refuse(response, 405, "this is read with GET") : file(response, asked.path)
    if (name === "session" && changes && path.length === 0) return await exchange(request, response)
    if (!isKnown(request.headers, guarded)) {
      return refuse(response, 401, "open the address that dag ui printed, with all that stands behind its #")
    }
    if (name === "events" && !changes && path.length === 0) return live(request, response)
    const route = byName.get(name)
    if (route === undefined) return refuse(response, 404, "there is nothing here")
    if (route.method !== method) return refuse(response, 405, `this is asked for with ${route.method}`)
    const body = changes ? await bodyOf(request, MOST) : undefined
    if (changes && body === undefined) return refuse(response, 400, "the request is no JSON, or too long")
    const exit = await run(route.answer({ path, query: asked.query, body }))
    if (Exit.isSuccess(exit)) {
      return exit.value === undefined
        ? refuse(response, 404, "there is nothing here")
        : send(response, 200, "application/json", JSON.stringify(exit.value))
    }
    const error = Cause.squash(exit.cause)
    if (Schema.is(DagError)(error)) return refuse(response, 400, messageWithPlace(error), error.help)
    process.stderr.write(`bug: ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
    return refuse(response, 500, "this is a defect of redag", "see what dag ui printed")
  }

  const exchange = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request, MOST_OF_STRANGERS)
    const given = typeof body === "object" && body !== null && "token" in body ? body.token : undefined
    if (typeof given !== "string" || !isSame(given, guarded.token)) {
      return refuse(response, 401, "this is not the token of this server")
    }
    response.setHeader("set-cookie", `${cookieOf(guarded)}=${guarded.session}; HttpOnly; SameSite=Strict; Path=/`)
    send(response, 200, "application/json", JSON.stringify({ secret: guarded.secret } satisfies SessionMessage))
  }

  const pages = new Set<ServerResponse>()
  const live = (request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { ...answerHeaders, "content-type": "text/event-stream" })
    response.write(": listening\n\n")
    const beat = setInterval(() => response.write(":\n\n"), SILENCE)
    const stop = listen((message) => response.write(`data: ${JSON.stringify(message)}\n\n`))
    pages.add(response)
    request.on("close", () => {
      pages.delete(response)
      clearInterval(beat)
      stop()
    })
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      process.stderr.write(`bug: ${thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown)}\n`)
      if (!response.headersSent) refuse(response, 500, "this is a defect of redag", "see what dag ui printed")
    })
  })
  yield* Effect.acquireRelease(
    Effect.callback<void, InputError>((resume) => {
      server.once("error", (cause) => resume(notListening(cause, port)))
      // Nobody but this machine reaches the loopback.
      server.listen(port, "127.0.0.1", () => resume(Effect.void))
    }),
    () =>
      Effect.callback<void>((resume) => {
        for (const page of pages) page.end()
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      }),
  )
  guarded = { ...guarded, port: (server.address() as AddressInfo).port }
  return { address: `http://127.0.0.1:${guarded.port}/#token=${token}`, port: guarded.port }
})

/** What is wrong, and with what. */
const messageWithPlace = (error: DagError): string => {
  const where = error._tag === "InputError" ? place(error) : error._tag === "StoreError" ? basename(error.path) : ""
  return where === "" ? error.message : `${where} ${error.message}`
}

const notListening = (cause: Error, port: number) =>
  Effect.fail(
    new InputError({
      field: "--port",
      message: systemCode(cause) === "EADDRINUSE"
        ? `another program listens on port ${port}`
        : `cannot listen on port ${port}: ${systemReason(cause) ?? cause.message}`,
      help: systemCode(cause) === "EADDRINUSE" ? "give another port, or leave --port out" : "give another port",
    }),
  )

/** The decoded parts of a path, and its query; undefined where it is none. */
const partsOf = (url: string): Pick<Asked, "path" | "query"> | undefined => {
  if (!url.startsWith("/")) return undefined
  const [path = "", query = ""] = url.split("?", 2)
  try {
    return { path: path.slice(1).split("/").map(decodeURIComponent), query: new URLSearchParams(query) }
  } catch {
    return undefined
  }
}

/** The page itself, which has nothing of the project in it. Its files are of this program: no path leads to the disk. */
const file = (response: ServerResponse, path: ReadonlyArray<string>): void => {
  switch (path.join("/")) {
    case "":
      return send(response, 200, "text/html; charset=utf-8", shell)
    case "page.js":
      return send(response, 200, "text/javascript; charset=utf-8", assets.script)
    case "page.css":
      return send(response, 200, "text/css; charset=utf-8", assets.style)
  }
  return refuse(response, 404, "there is nothing here")
}

/** What a request says as JSON; undefined where it says none, or too much, or was given up. */
const bodyOf = async (request: IncomingMessage, most: number): Promise<unknown> => {
  const pieces: Array<Buffer> = []
  let size = 0
  try {
    for await (const piece of request) {
      if (!(piece instanceof Buffer)) return undefined
      size += piece.length
      if (size > MOST_DROPPED) return undefined
      if (size <= most) pieces.push(piece)
    }
    if (size > most) return undefined
    return JSON.parse(Buffer.concat(pieces).toString())
  } catch {
    return undefined
  }
}

const refuse = (response: ServerResponse, status: number, message: string, help = ""): void =>
  send(response, status, "application/json", JSON.stringify({ error: { message, help } } satisfies ErrorMessage))

const send = (response: ServerResponse, status: number, type: string, text: string): void => {
  response.writeHead(status, {
    ...answerHeaders,
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    // What is left of a request that was not read would be taken for the next one.
    ...(response.req.complete ? {} : { connection: "close" }),
  })
  response.end(text)
}
