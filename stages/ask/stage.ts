import { Effect, Schema } from "effect"
import { one, Progress, stage } from "redag"
import { Example } from "../../schemas/examples.ts"
import { Generation } from "../../schemas/generations.ts"
import { Prompt } from "../../schemas/prompts.ts"
import { Reply } from "../../schemas/replies.ts"
import { Partition } from "../../schemas/splits.ts"
import type { Answer } from "./answer.ts"
import { askAll } from "./asking.ts"
import { Endpoint } from "./endpoint.ts"
import { costOfAnswer } from "./known.ts"
import { notSent } from "./messages.ts"
import { requestOf } from "./request.ts"

/**
 * Has a model behind an OpenAI-compatible endpoint write the relations of each document of one partition.
 *
 * Whatever the key of the action, a request whose reply the store has is not sent again; each reply is on the disk before
 * the next is waited for.
 */
export const ask = stage({
  name: "ask",
  params: Schema.Struct({ partition: Partition, endpoint: Endpoint }),
  inputs: { examples: one(Example), prompts: one(Prompt) },
  outputs: { generations: Generation, replies: Reply },
  isolation: "process",
  // It waits for others most of the time.
  resources: () => ({ cpu: 0.2, memory: 512, gpu: 0, retries: { transient: 1 } }),
  work: ({ inputs: { examples } }) => examples.rows === undefined ? {} : { amount: examples.rows },
  run: Effect.fnUntraced(function*({ params: { partition, endpoint }, inputs }) {
    const progress = yield* Progress
    const examples = (yield* inputs.examples.rows).filter((example) => example.partition === partition)
    const tooLong = new Set((yield* inputs.prompts.rows).filter(({ fits }) => !fits).map(({ document }) => document))
    const asked = examples.filter(({ document }) => !tooLong.has(document))
      .map(({ document, source }) => ({ document, request: requestOf(endpoint, source) }))
    if (tooLong.size > 0) yield* progress.warn(notSent([...tooLong]))

    const found = yield* askAll(endpoint, asked)
    const sum = (tokens: "promptTokens" | "outputTokens"): number =>
      [...found.values()].reduce((total, { answer }) => total + (answer[tokens] ?? 0), 0)
    yield* progress.count("replies", found.size)
    yield* progress.count("prompt tokens", sum("promptTokens"))
    yield* progress.count("output tokens", sum("outputTokens"))

    const rows = asked.map(({ document, request }) => {
      const { answer, raw } = found.get(request.digest) ?? { answer: nothing, raw: "" }
      return { document, request, answer, raw }
    })
    const byDocument = new Map(rows.map(({ document, answer }) => [document, answer]))
    return {
      generations: examples.map(({ document }) => generationOf(document, byDocument.get(document))),
      replies: rows.map(({ document, request, answer, raw }): Reply => ({
        document,
        request: request.digest,
        prompt: request.prompt,
        raw,
        ...answer,
        cost: costOfAnswer(endpoint, request, answer),
      })),
    }
  }),
})

const nothing: Answer = { text: "", promptTokens: null, outputTokens: null, finishReason: null }

/** An answer as a model of the grid writes it; of a prompt that was too long to be sent, none. */
const generationOf = (document: string, answer: Answer | undefined): Generation => ({
  document,
  prompt: null,
  text: answer?.text ?? "",
  tokens: answer?.outputTokens ?? 0,
  finished: answer === undefined || answer.finishReason === null || answer.finishReason === "stop",
  sourceTruncated: answer === undefined,
})
