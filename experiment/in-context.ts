import { Effect, Schema } from "effect"
import { Endpoint } from "../stages/ask/endpoint.ts"
import { EngineParam } from "../stages/shared/params/engine.ts"
import { corpora } from "./corpora.ts"
import { demoModels } from "./demo.ts"
import { models } from "./models.ts"
import { RowName } from "./predictions.ts"
import { settings } from "./settings.ts"

const Positive = Schema.Natural.check(Schema.isGreaterThan(0))
const withDefault = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/** Models without an encoder, which go on from a prompt. */
const causal = [
  ...models.filter(({ family }) => family === null),
  ...demoModels.filter(({ encoder }) => !encoder),
].map(({ name }) => name)

/** The settings with shots; with all examples, no prompt would end. */
const fewShot = settings.flatMap(({ id, shots }) => (shots === "full" ? [] : [id]))

/** What every row in context says. */
const fields = {
  name: RowName,
  /** The corpora that it is asked about; all that have the setting, where left out. */
  corpora: Schema.optionalKey(Schema.Array(Schema.Literals(corpora.map(({ id }) => id))).check(Schema.isMinLength(1))),
  /** How many examples a prompt shows, as far as they fit. */
  setting: Schema.Literals(fewShot),
  /** How many of the profile's seeds it is prompted with: each chooses examples as it does for the models of the grid. */
  seeds: withDefault(Positive, 1),
  /** Between an example and the next. */
  between: withDefault(Schema.String, "\n\n"),
  /** Where an answer ends before the model ends it; where left out, the model behind a chat ends it itself. */
  stop: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
}

/** A model of the grid as it was pretrained. */
export const ModelRow = Schema.Struct({
  ...fields,
  model: Schema.Literals(causal),
  engine: Schema.optionalKey(EngineParam),
  /** The most tokens of a prompt; those of a source, where left out. */
  maxPromptTokens: Schema.optionalKey(Positive),
})

const { address, api, model, system, parameters, maxNewTokens, limit, account, price, maxCost, ...pace } =
  Endpoint.fields

/** A model behind an OpenAI-compatible endpoint. */
export const EndpointRow = Schema.Struct({
  ...fields,
  engine: Schema.Literal("endpoint"),
  address,
  model,
  maxPromptTokens: Positive,
  maxNewTokens,
  /** How many characters a token has at least, on average: what a prompt's tokens are estimated by. */
  charactersPerToken: withDefault(Schema.Finite.check(Schema.isGreaterThan(0)), 3),
  api: withDefault(api, "chat"),
  system: withDefault(system, null),
  parameters: withDefault(parameters, {}),
  limit: withDefault(limit, "max_tokens"),
  account: withDefault(account, null),
  price: withDefault(price, null),
  maxCost: withDefault(maxCost, null),
  requestsPerMinute: withDefault(pace.requestsPerMinute, null),
  tokensPerMinute: withDefault(pace.tokensPerMinute, null),
  concurrency: withDefault(pace.concurrency, 4),
  timeout: withDefault(pace.timeout, 120),
})

export type EndpointRow = typeof EndpointRow.Type
export type ModelRow = typeof ModelRow.Type

/** A row of a model that is prompted with examples, and not finetuned. */
export type InContext = EndpointRow | ModelRow

/** Whether a row is answered by an endpoint. */
export const isEndpoint = (row: InContext): row is EndpointRow => row.engine === "endpoint"
