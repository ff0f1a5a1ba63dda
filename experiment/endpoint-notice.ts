import { Schema } from "effect"
import type { Experiment } from "redag"
import { Endpoint } from "../stages/ask/endpoint.ts"
import { costOf, requestOf } from "../stages/ask/request.ts"

type EndpointNotice = NonNullable<Experiment["notices"]>[number]

const isEndpoint = Schema.is(Endpoint)
const endpointOf = (params: object): Endpoint | undefined =>
  "endpoint" in params && isEndpoint(params.endpoint) ? params.endpoint : undefined

/** What nodes would send to one endpoint; undefined where it is not known yet. */
interface Sent {
  readonly prompts: number | undefined
  readonly promptTokens: number | undefined
  readonly cost: number | undefined
}

/**
 * What would be sent to endpoints, and what it may cost: said, and asked, before the first request.
 *
 * Prompts that the store has replies to are not sent; tokens of the others are estimated. What a chat puts around a prompt,
 * such as a system message, counts.
 */
export const endpointNotice: EndpointNotice = {
  concerns: (params) => endpointOf(params) !== undefined,
  checks: [],
  asksAgain: true,
  of: (nodes) => {
    const asked = nodes.flatMap((node) => {
      const endpoint = endpointOf(node.params)
      return endpoint === undefined ? [] : [{ endpoint, sent: sentBy(endpoint, node) }]
    })
    const places = [...Map.groupBy(asked, ({ endpoint: { address, model } }) => `${model} at ${address}`)]
      .map(([place, of]) => ({ place, priced: of.some(({ endpoint }) => endpoint.price !== null), ...sumOf(of) }))
    const said = places.map(({ place, ...sent }) => `${place}: ${textOf(sent)}`)
    return {
      lines: [
        ...said.map((line) => `endpoint ${line}`),
        "prompts that were answered before are not sent again; docs/in-context.md says what is kept",
      ],
      facts: {
        endpoints: places.map(({ place, prompts, promptTokens, cost }) => ({
          endpoint: place,
          prompts,
          promptTokens,
          cost,
        })),
      },
      asks: {
        question: places.length === 1 ? "Send the prompts to the endpoint?" : "Send the prompts to these endpoints?",
        message: `prompts would be sent to ${said.join("; to ")}`,
        help: "use --yes to send them",
      },
    }
  },
}

/** What one node sends: as its prompts were counted, or, before there are any, as many as there are documents. */
const sentBy = (
  endpoint: Endpoint,
  { rows, counts = [] }: Parameters<EndpointNotice["of"]>[0][number],
): Sent => {
  const { price, maxNewTokens, maxCost } = endpoint
  const made = counts.find((each) => "prompt tokens" in each && "prompts" in each)
  const prompts = made?.["prompts"] ?? rows
  const ownTokens = made?.["prompt tokens"]
  const promptTokens = ownTokens === undefined || prompts === undefined
    ? undefined
    : ownTokens + prompts * requestOf(endpoint, "").mostPromptTokens
  const cost = promptTokens === undefined || prompts === undefined
    ? undefined
    : costOf(price, promptTokens, prompts * maxNewTokens)
  return { prompts, promptTokens, cost: maxCost === null ? cost : Math.min(cost ?? maxCost, maxCost) }
}

/** All of it; what is not known of one is not known of all. */
const sumOf = (asked: ReadonlyArray<{ readonly sent: Sent }>): Sent => {
  const sum = (of: keyof Sent): number | undefined =>
    asked.reduce<number | undefined>((total, { sent }) => {
      const more = sent[of]
      return total === undefined || more === undefined ? undefined : total + more
    }, 0)
  return { prompts: sum("prompts"), promptTokens: sum("promptTokens"), cost: sum("cost") }
}

const textOf = ({ prompts, promptTokens, cost, priced }: Sent & { readonly priced: boolean }): string =>
  [
    prompts === undefined ? "a prompt for each document" : `up to ${prompts.toLocaleString("en")} prompts`,
    promptTokens === undefined
      ? "their tokens are known once the prompts are made"
      : `about ${promptTokens.toLocaleString("en")} tokens`,
    ...(!priced
      ? ["no price is declared"]
      : cost === undefined
      ? ["what they cost is known then"]
      : [
        `about ${
          Number(cost.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 })
        } in the currency of the prices`,
      ]),
  ].join(", ")
