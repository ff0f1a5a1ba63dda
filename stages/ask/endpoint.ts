import { Schema } from "effect"
import { accountHolds, addressHolds, needsPrice, reservedParameters, secretParameters } from "./messages.ts"

const Positive = Schema.Natural.check(Schema.isGreaterThan(0))
const Amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** What a request says by itself. */
const reserved: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "prompt",
  "max_tokens",
  "max_completion_tokens",
  "n",
  "best_of",
  "stream",
])

/** Keys of accounts have small letters as a rule, so that one which stands here by mistake is known by them. */
const isVariable = /^[A-Z_][A-Z0-9_]*$/u

/** What the keys of accounts are called, in small letters alone. */
const secrets: ReadonlySet<string> = new Set([
  "accesskey",
  "accesstoken",
  "apikey",
  "apitoken",
  "authorization",
  "bearer",
  "key",
  "password",
  "secret",
  "secretkey",
  "token",
  "xapikey",
])

/** Whether a value has a field, however deep, that is called as a key of an account is. */
const holdsSecret = (value: Schema.Json): boolean =>
  typeof value === "object" && value !== null
  && Object.entries(value).some(([name, each]) =>
    secrets.has(name.toLowerCase().replaceAll(/[^a-z]/gu, "")) || holdsSecret(each)
  )

/** Whether an address is that of a server and a path alone. */
const isPlain = (address: string): boolean => {
  const url = URL.parse(address)
  return url !== null && /^https?:$/u.test(url.protocol) && url.username + url.password + url.search + url.hash === ""
}

/** Money for tokens, in any one currency. */
export const Price = Schema.Struct({
  /** For a million tokens of prompts. */
  input: Amount,
  /** For a million tokens that the model writes. */
  output: Amount,
})
export type Price = typeof Price.Type

/** An OpenAI-compatible endpoint, and how it is asked. What changes its answers is in the digest of each request. */
export const Endpoint = Schema.Struct({
  /** Without what the interface adds: `https://api.example.org/v1`. */
  address: Schema.String.check(Schema.makeFilter((address) => isPlain(address) || addressHolds)),
  api: Schema.Literals(["chat", "completions"]),
  model: Schema.NonEmptyString,
  /** The system message of a chat. */
  system: Schema.NullOr(Schema.String),
  /** Everything else that changes the answers, as the endpoint names it: temperature, top_p, seed. */
  parameters: Schema.Record(Schema.String, Schema.Json).check(
    Schema.makeFilter((parameters) =>
      Object.keys(parameters).every((name) => !reserved.has(name)) || reservedParameters([...reserved])
    ),
    Schema.makeFilter((parameters) => !holdsSecret(parameters) || secretParameters),
  ),
  /** Tokens that the model may write for a document. */
  maxNewTokens: Positive,
  /** The name by which the endpoint knows that limit. */
  limit: Schema.Literals(["max_tokens", "max_completion_tokens"]),
  /** The environment variable that holds the account's key; null where the endpoint wants none. */
  account: Schema.NullOr(Schema.String.check(Schema.makeFilter((name) => isVariable.test(name) || accountHolds))),
  price: Schema.NullOr(Price),
  /** What all answers of this node may cost, in the currency of the price; null for no limit. */
  maxCost: Schema.NullOr(Amount),
  requestsPerMinute: Schema.NullOr(Positive),
  tokensPerMinute: Schema.NullOr(Positive),
  /** Requests under way at a time. */
  concurrency: Positive,
  /** Seconds after which an answer is no longer waited for; Node itself waits no longer than 300. */
  timeout: Positive.check(Schema.isLessThanOrEqualTo(300)),
}).check(Schema.makeFilter(({ price, maxCost }) => maxCost === null || price !== null || needsPrice))
export type Endpoint = typeof Endpoint.Type
