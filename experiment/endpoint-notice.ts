import { Effect, Schema } from "effect"
import type { Experiment } from "redag"
import { Example } from "../schemas/examples.ts"
import { Prompt } from "../schemas/prompts.ts"
import { Endpoint } from "../stages/ask/endpoint.ts"
import { knownReply } from "../stages/ask/known.ts"
import { costOf, requestOf } from "../stages/ask/request.ts"

type EndpointNotice = NonNullable<Experiment["notices"]>[number]
type About = Parameters<EndpointNotice["of"]>[0]

const isEndpoint = Schema.is(Endpoint)
const endpointOf = (params: object): Endpoint | undefined =>
  "endpoint" in params && isEndpoint(params.endpoint) ? params.endpoint : undefined

/** What nodes would send to one endpoint; undefined where it is not known yet. */
interface Sent {
  readonly prompts: number | undefined
  readonly promptTokens: number | undefined
  readonly cost: number | undefined
  /** What it may cost at most; undefined where some node may cost any amount. */
  readonly most: number | undefined
  /** Prompts that the store has answers to. */
  readonly kept: number
}

/**
 * What would be sent to endpoints, and what it may cost: said, and asked, before the first request.
 *
 * Prompts that the store has answers to are not sent; tokens of the others are estimated. What a chat puts around a prompt,
 * such as a system message, counts.
 */
export const endpointNotice: EndpointNotice = {
  concerns: (params) => endpointOf(params) !== undefined,
  checks: [],
  asksAgain: true,
  of: Effect.fnUntraced(function*({ nodes, replies }) {
    const counted = new Set<string>()
    const asked = yield* Effect.forEach(
      nodes.flatMap((node) => {
        const endpoint = endpointOf(node.params)
        return endpoint === undefined ? [] : [{ node, endpoint }]
      }),
      ({ node, endpoint }) => Effect.map(sentBy(endpoint, node, replies, counted), (sent) => ({ endpoint, sent })),
    )
    const places = [...Map.groupBy(asked, ({ endpoint: { address, model } }) => `${model} at ${address}`)]
      .map(([place, of]) => ({ place, priced: of.some(({ endpoint }) => endpoint.price !== null), ...sumOf(of) }))
    const said = places.map(({ place, ...sent }) => `${place}: ${textOf(sent)}`)
    const facts = {
      endpoints: places.map(({ place, prompts, promptTokens, cost, most, kept }) => ({
        endpoint: place,
        prompts,
        promptTokens,
        cost,
        most,
        kept,
      })),
    }
    const lines = [
      ...said.map((line) => `endpoint ${line}`),
      "prompts that were answered before are not sent again; docs/in-context.md says what is kept",
    ]
    // Nothing is to be agreed to where all answers are there.
    if (places.every(({ prompts }) => prompts === 0)) return { lines, facts }
    return {
      lines,
      facts,
      asks: {
        question: places.length === 1 ? "Send the prompts to the endpoint?" : "Send the prompts to these endpoints?",
        message: `prompts would be sent to ${said.join("; to ")}`,
        help: "use --yes to send them",
      },
    }
  }),
}

const isExample = Schema.is(Example)
const isPrompt = Schema.is(Prompt)

/**
 * What one node sends: those of its prompts that have no answer yet, each once, or, before there are any, as many as there
 * are documents. `counted` are requests of other nodes.
 */
const sentBy = Effect.fnUntraced(function*(
  endpoint: Endpoint,
  { rows, rowsOf }: About["nodes"][number],
  replies: About["replies"],
  counted: Set<string>,
) {
  const { price, maxNewTokens, maxCost } = endpoint
  const [examples, prompts] = [yield* rowsOf("examples"), yield* rowsOf("prompts")]
  const most = maxCost ?? undefined
  if (examples === undefined || prompts === undefined) {
    return { prompts: rows, promptTokens: undefined, cost: most, most, kept: 0 } satisfies Sent
  }
  const tokensOf = new Map(
    prompts.filter(isPrompt).filter(({ fits }) => fits).map((each) => [each.document, each.tokens]),
  )
  const around = requestOf(endpoint, "").mostPromptTokens
  const known = new Set<string>()
  let [count, promptTokens, spent, kept] = [0, 0, 0, 0]
  for (const { document, source } of examples.filter(isExample)) {
    const tokens = tokensOf.get(document)
    const request = requestOf(endpoint, source)
    if (tokens === undefined || known.has(request.digest)) continue
    known.add(request.digest)
    const { replied, cost } = yield* knownReply(endpoint, request, replies)
    spent += cost
    if (counted.has(request.digest)) continue
    counted.add(request.digest)
    if (replied !== undefined) kept++
    else {
      count++
      promptTokens += tokens + around
    }
  }
  const left = maxCost === null ? undefined : Math.max(0, maxCost - spent)
  const cost = costOf(price, promptTokens, count * maxNewTokens)
  return { prompts: count, promptTokens, cost: Math.min(cost, left ?? cost), most: left, kept } satisfies Sent
})

/** All of it; what is not known of one is not known of all. */
const sumOf = (asked: ReadonlyArray<{ readonly sent: Sent }>): Sent => {
  const sum = (of: "prompts" | "promptTokens" | "cost" | "most"): number | undefined =>
    asked.reduce<number | undefined>((total, { sent }) => {
      const more = sent[of]
      return total === undefined || more === undefined ? undefined : total + more
    }, 0)
  return {
    prompts: sum("prompts"),
    promptTokens: sum("promptTokens"),
    cost: sum("cost"),
    most: sum("most"),
    kept: asked.reduce((total, { sent }) => total + sent.kept, 0),
  }
}

const money = (cost: number): string =>
  Number(cost.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 })

const textOf = ({ prompts, promptTokens, cost, most, kept, priced }: Sent & { readonly priced: boolean }): string =>
  [
    prompts === undefined
      ? "a prompt for each document"
      : promptTokens === undefined
      ? `up to ${prompts.toLocaleString("en")} prompts`
      : `${prompts.toLocaleString("en")} ${prompts === 1 ? "prompt" : "prompts"}`,
    ...(kept === 0 ? [] : [`${kept.toLocaleString("en")} more ${kept === 1 ? "has" : "have"} an answer`]),
    promptTokens === undefined
      ? "their tokens are known once the prompts are made"
      : `about ${promptTokens.toLocaleString("en")} tokens`,
    ...(!priced
      ? ["no price is declared"]
      : [
        cost === undefined || promptTokens === undefined
          ? "what they cost is known then"
          : `about ${money(cost)} in the currency of the prices`,
        ...(most === undefined ? [] : [`never more than ${money(most)}, by maxCost`]),
      ]),
  ].join(", ")
