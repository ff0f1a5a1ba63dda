import { Exit, Schema } from "effect"

/** What a model wrote: one text, or parts of which some have text. */
const Content = Schema.Union([
  Schema.String,
  Schema.Array(Schema.Union([Schema.String, Schema.Struct({ text: Schema.optionalKey(Schema.Unknown) })])),
])
const Choice = Schema.Struct({
  /** Of a chat; a model that refuses may give no content. */
  message: Schema.optionalKey(Schema.Struct({ content: Schema.optionalKey(Schema.NullOr(Content)) })),
  /** Of a completion. */
  text: Schema.optionalKey(Schema.String),
  finish_reason: Schema.optionalKey(Schema.NullOr(Schema.String)),
})
const Body = Schema.fromJsonString(
  // An answer is paid for, whatever its words on tokens: they are read by themselves.
  Schema.Struct({ choices: Schema.NonEmptyArray(Choice), usage: Schema.optionalKey(Schema.Unknown) }),
)
const decode = Schema.decodeUnknownExit(Body)

/** So many tokens as it says; null where it says nothing that is a number of tokens. */
const tokensIn = (usage: unknown, name: "prompt_tokens" | "completion_tokens"): number | null => {
  if (typeof usage !== "object" || usage === null) return null
  const tokens: unknown = Reflect.get(usage, name)
  return typeof tokens === "number" && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : null
}

const textOf = (content: typeof Content.Type): string =>
  typeof content === "string" ? content : content.map((part) => {
    const text = typeof part === "string" ? part : part.text
    return typeof text === "string" ? text : ""
  }).join("")

/** What the body of an answer says. */
export interface Answer {
  readonly text: string
  readonly promptTokens: number | null
  readonly outputTokens: number | null
  readonly finishReason: string | null
}

/** Reads the body of an answer; undefined where it is not that of a chat or a completion, or has no choice. */
export const answerIn = (body: string, api: "chat" | "completions"): Answer | undefined => {
  const decoded = decode(body)
  if (!Exit.isSuccess(decoded)) return undefined
  const { choices: [choice], usage } = decoded.value
  const text = api === "completions"
    ? choice.text
    : choice.message === undefined
    ? undefined
    : textOf(choice.message.content ?? "")
  if (text === undefined) return undefined
  return {
    // An answer that was cut within an emoji ends in half of one, which no table can hold.
    text: text.toWellFormed(),
    promptTokens: tokensIn(usage, "prompt_tokens"),
    outputTokens: tokensIn(usage, "completion_tokens"),
    finishReason: choice.finish_reason?.toWellFormed() ?? null,
  }
}

/**
 * The body with no string in it that holds the key, whatever escapes it was written with. It need not be JSON, or may be
 * nested deeper than any function can follow.
 */
export const withoutKeyIn = (body: string, withoutKey: (text: string) => string): string => {
  let [made, at] = ["", 0]
  for (let open = body.indexOf("\""); open !== -1; open = body.indexOf("\"", at)) {
    let end = open + 1
    while (end < body.length && body[end] !== "\"") end += body[end] === "\\" ? 2 : 1
    made += body.slice(at, open) + literalWithout(body.slice(open, end + 1), withoutKey)
    at = end + 1
  }
  return withoutKey(made + body.slice(at))
}

const literalWithout = (literal: string, withoutKey: (text: string) => string): string => {
  try {
    const text = String(JSON.parse(literal))
    const struck = withoutKey(text)
    return struck === text ? literal : JSON.stringify(struck)
  } catch {
    return literal
  }
}
