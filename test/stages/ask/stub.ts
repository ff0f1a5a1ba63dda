import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** How the stub deals with a request. */
export type Behaviour =
  | {
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>>
    /** Sent as it is; what a model writes is made by `says`. */
    readonly body: string
  }
  /** Half of a body, and then the connection is gone. */
  | "half"
  /** No answer at all: the connection is gone. */
  | "reset"
  /** No answer before `release` is called. */
  | "held"

/** A request as the stub saw it. */
export interface Seen {
  readonly prompt: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: Readonly<Record<string, unknown>>
}

/** The body of a chat's answer. */
export const says = (
  text: string | null,
  more: { readonly finish?: string; readonly usage?: object | null } = {},
): string =>
  JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: more.finish ?? "stop" }],
    ...(more.usage === null
      ? {}
      : { usage: more.usage ?? { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 } }),
  })

/** An OpenAI-compatible endpoint on loopback, which keeps a log of all that it is asked. */
export class Stub {
  readonly seen: Array<Seen> = []
  /** Prompts whose answers were sent whole. */
  readonly answered: Array<string> = []
  readonly #server: Server
  readonly #behave: (seen: Seen, times: number) => Behaviour
  readonly #held: Array<() => void> = []
  /** Requests that are under way now, and the most that there were at a time. */
  #now = 0
  most = 0

  private constructor(server: Server, behave: (seen: Seen, times: number) => Behaviour) {
    this.#server = server
    this.#behave = behave
    server.on("request", (request, response) => void this.#answer(request, response))
  }

  /** Starts one; `times` says how often it has seen that prompt, this time included. */
  static async start(behave: (seen: Seen, times: number) => Behaviour): Promise<Stub> {
    const stub = new Stub(createServer(), behave)
    await new Promise<void>((resume) => stub.#server.listen(0, "127.0.0.1", resume))
    return stub
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`
  }

  /** How often each prompt was seen, by prompt. */
  times(): ReadonlyMap<string, number> {
    return new Map([...Map.groupBy(this.seen, ({ prompt }) => prompt)].map(([prompt, of]) => [prompt, of.length]))
  }

  /** Answers those that are held. */
  release(): void {
    for (const answer of this.#held.splice(0)) answer()
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resume) => this.#server.close(resume))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Array<Uint8Array> = []
    for await (const chunk of request) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString("utf8"))
    const prompt: string = body.prompt ?? body.messages.at(-1).content
    const seen = { prompt, path: request.url ?? "", authorization: request.headers.authorization, body }
    this.seen.push(seen)
    this.#now++
    this.most = Math.max(this.most, this.#now)
    response.on("close", () => this.#now--)
    const times = this.seen.filter((each) => each.prompt === prompt).length
    const behaviour = this.#behave(seen, times)
    if (behaviour === "reset") return void request.socket.destroy()
    if (behaviour === "half") {
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" })
      return void response.write(says("half").slice(0, 40), () => request.socket.destroy())
    }
    if (behaviour === "held") {
      return void this.#held.push(() => this.#send(response, prompt, { body: says("held") }))
    }
    this.#send(response, prompt, behaviour)
  }

  #send(
    response: ServerResponse,
    prompt: string,
    { status = 200, headers = {}, body }: Exclude<Behaviour, string>,
  ): void {
    response.on("finish", () => {
      if (status === 200) this.answered.push(prompt)
    })
    response.writeHead(status, { "content-type": "application/json", ...headers })
    response.end(body)
  }
}
