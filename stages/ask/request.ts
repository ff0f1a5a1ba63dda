import { type Digest, digestOf } from "redag"
import type { Endpoint, Price } from "./endpoint.ts"

/** A request for what a model writes behind one prompt. */
export interface Request {
  /** Of all that changes the answer: who is asked, and everything that is said. */
  readonly digest: Digest
  readonly prompt: string
  /** The body that is sent. */
  readonly body: string
  /** No tokenizer makes more tokens of the prompt: each is a byte at least; the roles of messages are some more. */
  readonly mostPromptTokens: number
  /** About how many tokens prompt and answer are. */
  readonly tokens: number
}

/** Tokens that a chat puts around a message, at most. */
const AROUND = 64

/** The request for the answer to a prompt. */
export const requestOf = (endpoint: Endpoint, prompt: string): Request => {
  const { address, api, model, system, parameters, maxNewTokens, limit } = endpoint
  const asked = api === "completions"
    ? { prompt }
    : { messages: [...system === null ? [] : [{ role: "system", content: system }], { role: "user", content: prompt }] }
  const body = JSON.stringify({ model, ...asked, [limit]: maxNewTokens, ...parameters })
  const bytes = Buffer.byteLength(prompt) + Buffer.byteLength(system ?? "")
  return {
    digest: digestOf(JSON.stringify({ address: plainAddress(address), api, body })),
    prompt,
    body,
    mostPromptTokens: bytes + AROUND,
    tokens: Math.ceil(bytes / 3) + maxNewTokens,
  }
}

/** Where requests go. */
export const urlOf = ({ address, api }: Pick<Endpoint, "address" | "api">): string =>
  `${plainAddress(address)}${api === "chat" ? "/chat/completions" : "/completions"}`

/** An address that is written otherwise is the same one. */
export const plainAddress = (address: string): string => new URL(address).href.replace(/\/+$/u, "")

const MILLION = 1e6

/** What tokens cost. */
export const costOf = (price: Price | null, promptTokens: number, outputTokens: number): number =>
  price === null ? 0 : (price.input * promptTokens + price.output * outputTokens) / MILLION

/** What the answer to a request costs at most. */
export const mostCostOf = ({ price, maxNewTokens }: Endpoint, { mostPromptTokens }: Request): number =>
  costOf(price, mostPromptTokens, maxNewTokens)
