import { Effect } from "effect"
import { type Digest, digestOf, type Replies, type StoreError } from "redag"
import { type Answer, answerIn } from "./answer.ts"
import type { Endpoint } from "./endpoint.ts"
import { costOf, mostCostOf, type Request } from "./request.ts"
import type { Replied } from "./send.ts"

/** What a store has of replies to a request. */
export interface Known {
  /** The answer of a model, where there is one: the request is not sent again. */
  readonly replied: Replied | undefined
  /** How many replies came before it that are no answers of a model. */
  readonly unreadable: number
  /** What those that were read now cost, all together. */
  readonly cost: number
}

/** Reads the replies that a store has to a request, behind so many that are known to be no answers of a model. */
export const knownReply = Effect.fnUntraced(function*(
  endpoint: Endpoint,
  request: Request,
  replies: Pick<Replies["Service"], "find">,
  from = 0,
): Effect.fn.Return<Known, StoreError> {
  let cost = 0
  for (let unreadable = from;; unreadable++) {
    const raw = yield* replies.find(replyName(request, unreadable))
    if (raw === undefined) return { replied: undefined, unreadable, cost }
    const answer = answerIn(raw, endpoint.api)
    // Those that cannot be read were paid for as well.
    cost += answer === undefined ? mostCostOf(endpoint, request) : costOfAnswer(endpoint, request, answer)
    if (answer !== undefined) return { replied: { answer, raw }, unreadable, cost }
  }
})

/** The name of a reply behind so many that are no answers of a model. */
export const replyName = ({ digest }: Request, unreadable: number): Digest =>
  unreadable === 0 ? digest : digestOf(`${digest} after ${unreadable}`)

/** What an answer cost; as much as it may have cost at most, where the endpoint does not say how many tokens it was. */
export const costOfAnswer = (
  { price, maxNewTokens }: Endpoint,
  { mostPromptTokens }: Request,
  { promptTokens, outputTokens }: Answer,
): number => costOf(price, promptTokens ?? mostPromptTokens, outputTokens ?? maxNewTokens)
