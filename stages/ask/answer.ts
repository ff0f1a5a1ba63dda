import { Exit, Schema } from "effect"

const Choice = Schema.Struct({
  /** Of a chat; a model that refuses may give no content. */
  message: Schema.optionalKey(Schema.Struct({ content: Schema.optionalKey(Schema.NullOr(Schema.String)) })),
  /** Of a completion. */
  text: Schema.optionalKey(Schema.String),
  finish_reason: Schema.optionalKey(Schema.NullOr(Schema.String)),
})
const Usage = Schema.Struct({ prompt_tokens: Schema.Natural, completion_tokens: Schema.Natural })
const Body = Schema.fromJsonString(
  Schema.Struct({ choices: Schema.NonEmptyArray(Choice), usage: Schema.optionalKey(Schema.NullOr(Usage)) }),
)
const decode = Schema.decodeUnknownExit(Body)

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
    : choice.message.content ?? ""
  if (text === undefined) return undefined
  return {
    text,
    promptTokens: usage?.prompt_tokens ?? null,
    outputTokens: usage?.completion_tokens ?? null,
    finishReason: choice.finish_reason ?? null,
  }
}

/** The body with no string in it that holds the key, whatever escapes it was written with. */
export const withoutKeyIn = (body: string, withoutKey: (text: string) => string): string => {
  let isStruck = false
  const strike = (text: string): string => {
    const struck = withoutKey(text)
    isStruck ||= struck !== text
    return struck
  }
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return strike(value)
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [strike(name), walk(each)]))
  }
  try {
    const walked = walk(JSON.parse(body))
    return isStruck ? JSON.stringify(walked) : withoutKey(body)
  } catch {
    return withoutKey(body)
  }
}
