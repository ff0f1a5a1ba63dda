import { Agent, createServer, type IncomingMessage, request as send, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Transform } from "node:stream"
import { pipeline } from "node:stream/promises"

/** A request that went through the proxy. */
export interface Logged {
  readonly method: string
  /** The bucket and the key, decoded. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingMessage["headers"]
  /** 0 until there is an answer, and where the connection was dropped instead. */
  status: number
  /** Bytes of the bodies, as far as they went through. */
  sent: number
  received: number
}

/** What goes wrong with a request. */
export type Fault =
  /** The server is not asked. `retryAfter` is in seconds. */
  | { readonly _tag: "Answer"; readonly status: number; readonly retryAfter?: number; readonly body?: string }
  /** The connection is cut after so many bytes of the request's body, and the server is not asked. */
  | { readonly _tag: "CutRequest"; readonly after: number }
  /** The server does what is asked; the connection is cut after so many bytes of its answer's body, -1: before the answer. */
  | { readonly _tag: "CutAnswer"; readonly after: number }
  /** One byte of what is sent is another one when it comes to the server. */
  | { readonly _tag: "CorruptRequest"; readonly at: number }
  /** One byte of what the server sends is another one. */
  | { readonly _tag: "CorruptAnswer"; readonly at: number }
  /** The server does not hear of If-None-Match and If-Match. */
  | { readonly _tag: "IgnoreConditions" }
  /** Nothing happens until the promise is settled. */
  | { readonly _tag: "Wait"; readonly until: Promise<unknown> }

/** A proxy in front of an S3 server. It runs in the process of the test, which waits for a command without blocking. */
export interface FaultProxy {
  readonly url: string
  /** What was asked, in the order in which it came. */
  readonly log: ReadonlyArray<Logged>
  readonly clearLog: () => void
  /** How many requests the server, or who asked, is not done with. */
  readonly open: () => number
  /** Chooses what goes wrong with each request from now on; nothing where it gives undefined. */
  readonly fail: (choose: ((request: Logged) => Fault | undefined) | undefined) => void
  readonly stop: () => Promise<void>
}

/** Starts a proxy on a free port. */
export const startProxy = async (target: string): Promise<FaultProxy> => {
  const log: Array<Logged> = []
  let open = 0
  let choose: ((request: Logged) => Fault | undefined) | undefined
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(target)

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", target)
    const entry: Logged = {
      method: request.method ?? "",
      path: decodeURIComponent(url.pathname),
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      status: 0,
      sent: 0,
      received: 0,
    }
    log.push(entry)
    const fault = choose?.(entry)
    if (fault?._tag === "Answer") {
      request.resume()
      await new Promise((done) => request.once("end", done).once("close", done))
      entry.status = fault.status
      response.writeHead(fault.status, fault.retryAfter === undefined ? {} : { "Retry-After": fault.retryAfter })
      response.end(fault.body ?? "")
      return
    }
    if (fault?._tag === "Wait") await fault.until
    const headers = { ...request.headers }
    if (fault?._tag === "IgnoreConditions") {
      delete headers["if-none-match"]
      delete headers["if-match"]
    }
    if (fault?._tag === "CutRequest") {
      for await (const piece of request) {
        entry.sent += (piece as Buffer).length
        if (entry.sent >= fault.after) break
      }
      request.socket.destroy()
      return
    }
    const onward = send({ hostname, port, method: request.method, path: request.url, headers, agent })
    const answered = new Promise<IncomingMessage>((done, fail) => onward.once("response", done).once("error", fail))
    const corruptsRequest = fault?._tag === "CorruptRequest" ? fault.at : undefined
    const corruptsAnswer = fault?._tag === "CorruptAnswer" ? fault.at : undefined
    const sending = pipeline(request, counting((count) => entry.sent += count, corruptsRequest), onward)
    // It fails with the other where the client goes away.
    sending.catch(() => onward.destroy())
    const answer = await answered
    if (fault?._tag === "CutAnswer" && fault.after < 0) {
      answer.resume()
      await new Promise((done) => answer.once("close", done))
      response.socket?.destroy()
      return
    }
    entry.status = answer.statusCode ?? 0
    response.writeHead(entry.status, answer.headers)
    if (fault?._tag === "CutAnswer") {
      for await (const piece of answer) {
        const bytes = (piece as Buffer).subarray(0, fault.after - entry.received)
        entry.received += bytes.length
        await new Promise((done) => response.write(bytes, done))
        if (entry.received >= fault.after) break
      }
      response.socket?.destroy()
      return
    }
    await pipeline(answer, counting((count) => entry.received += count, corruptsAnswer), response)
  }

  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    // Clients go away at any moment, as those that are killed do.
    open++
    handle(request, response).catch(() => response.socket?.destroy()).finally(() => open--)
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    clearLog: () => {
      log.length = 0
    },
    open: () => open,
    fail: (chosen) => {
      choose = chosen
    },
    stop: async () => {
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}

/** Counts bytes, and changes the one at a place. */
const counting = (count: (bytes: number) => void, corrupt: number | undefined): Transform => {
  let at = 0
  return new Transform({
    transform(piece: Buffer, _, done) {
      const bytes = corrupt !== undefined && corrupt >= at && corrupt < at + piece.length ? Buffer.from(piece) : piece
      if (bytes !== piece && corrupt !== undefined) bytes.writeUInt8(bytes.readUInt8(corrupt - at) ^ 1, corrupt - at)
      at += piece.length
      count(piece.length)
      done(null, bytes)
    },
  })
}
