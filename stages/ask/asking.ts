import { Effect, Exit } from "effect"
import { type Advance, attempt, type Digest, Progress, Replies, StageError, type StageFailure } from "redag"
import { accountOf } from "./account.ts"
import { makeBudget } from "./budget.ts"
import type { Endpoint } from "./endpoint.ts"
import { costOfAnswer, knownReply, replyName } from "./known.ts"
import { makeLimits } from "./limits.ts"
import { forDocument, overBudget, overBudgetHelp } from "./messages.ts"
import { mostCostOf, plainAddress, type Request } from "./request.ts"
import { Passing, type Replied, senderTo } from "./send.ts"

/** A request, and the document that it is about. */
export interface Asked {
  readonly document: string
  readonly request: Request
}

/**
 * Gives the reply to each request, by its digest: that which the store has, or that of the endpoint.
 *
 * Each reply is on the disk before the next is waited for, and counts against `maxCost` whenever it came. After a failure
 * nothing more is sent; what is under way is waited for, since it is paid for.
 */
export const askAll = Effect.fnUntraced(function*(endpoint: Endpoint, asked: ReadonlyArray<Asked>) {
  const progress = yield* Progress
  const replies = yield* Replies
  const budget = makeBudget(endpoint.maxCost)
  const found = new Map<string, Replied>()
  const requests = new Map(asked.map((each) => [each.request.digest, each]))
  /** How many replies of the store to a request are no answers of a model. */
  const unreadable = new Map<Digest, number>()
  const unreadableTo = (request: Request): number => unreadable.get(request.digest) ?? 0
  const passUnreadable = (request: Request) => void unreadable.set(request.digest, unreadableTo(request) + 1)

  /** Takes the reply that the store has, if it has one; whether it has. What it cost counts, whenever it came. */
  const takeKnown = Effect.fnUntraced(function*(request: Request) {
    const known = yield* knownReply(endpoint, request, replies, unreadableTo(request))
    budget.count(known.cost)
    unreadable.set(request.digest, known.unreadable)
    if (known.replied !== undefined) found.set(request.digest, known.replied)
    return known.replied !== undefined
  })
  const missing = yield* Effect.filter(
    requests.values(),
    ({ request }) => Effect.map(takeKnown(request), (has) => !has),
  )

  const advance = (note: string) => {
    const shown: Advance = { done: found.size, total: requests.size, unit: "prompts", note }
    return progress.advance(shown)
  }
  let [sent, tokens] = [0, 0]
  let failed: StageFailure | undefined
  const took = (request: Request, replied: Replied): void => {
    sent++
    found.set(request.digest, replied)
    tokens += (replied.answer.promptTokens ?? 0) + (replied.answer.outputTokens ?? 0)
  }

  const send = Effect.fnUntraced(function*({ document, request }: Asked, sender: ReturnType<typeof senderTo>) {
    // Another action may have asked for the same while this one waited for its turn.
    if (yield* takeKnown(request)) return
    const most = mostCostOf(endpoint, request)
    const keep = (raw: string) => replies.keep(replyName(request, unreadableTo(request)), raw)
    let refused: StageFailure | undefined
    yield* sender(request, (attempt) =>
      Effect.gen(function*() {
        if (!(yield* budget.reserve(most))) {
          refused = new StageError({
            message: overBudget({
              maxCost: endpoint.maxCost ?? 0,
              spent: rounded(budget.spent()),
              left: requests.size - found.size,
              next: rounded(most),
            }),
            help: overBudgetHelp,
            transient: false,
          })
          return yield* Effect.fail(refused)
        }
        return yield* Effect.uninterruptibleMask((restore) =>
          restore(attempt).pipe(
            Effect.tap((replied) => Effect.map(keep(replied.raw), () => took(request, replied))),
            Effect.tapError((failure) =>
              failure instanceof Passing && failure.unreadable !== undefined
                ? Effect.map(keep(failure.unreadable), () => passUnreadable(request))
                : Effect.void
            ),
            Effect.onExit((exit) =>
              budget.settle(
                most,
                Exit.match(exit, {
                  onSuccess: ({ answer }) => costOfAnswer(endpoint, request, answer),
                  onFailure: (cause) =>
                    cause.reasons.some((reason) =>
                        reason._tag === "Fail" && reason.error instanceof Passing && reason.error.isPaid
                      )
                      ? most
                      : 0,
                }),
              )
            ),
          )
        )
      })).pipe(Effect.mapError((failure) => failure === refused ? failure : inDocument(failure, document)))
    const cost = endpoint.price === null ? "" : `, cost ${rounded(budget.spent())}`
    yield* advance(`${tokens.toLocaleString("en")} tokens${cost}`)
  })

  if (missing.length > 0) {
    const account = yield* attempt(() => accountOf(endpoint.account, endpoint.address))
    const sender = senderTo(endpoint, account, makeLimits(endpoint), advance)
    yield* Effect.scoped(Effect.andThen(
      // Limits and prompts are shared with whoever else asks there.
      replies.turn(plainAddress(endpoint.address)),
      Effect.forEach(
        missing,
        (each) =>
          failed !== undefined ? Effect.void : Effect.matchEffect(send(each, sender), {
            onSuccess: () => Effect.void,
            onFailure: (failure) =>
              Effect.sync(() => {
                failed ??= failure
              }),
          }),
        { concurrency: endpoint.concurrency, discard: true },
      ),
    ))
  }
  if (failed !== undefined) return yield* Effect.fail(failed)
  yield* progress.count("sent", sent)
  if (endpoint.price !== null) yield* progress.count("cost", rounded(budget.spent()))
  if (endpoint.maxCost !== null) {
    yield* progress.count("left of maxCost", rounded(endpoint.maxCost - budget.spent()))
  }
  return found
})

/** Sums of fractions leave a rest that nobody wants to read. */
const rounded = (cost: number): number => Number(cost.toPrecision(6))

/** A failure that says for which document the answer was wanted; where it is about the key, none is. */
const inDocument = (failure: StageFailure, document: string): StageFailure =>
  failure._tag !== "StageError" ? failure : new StageError({
    message: forDocument(failure.message, document),
    help: failure.help,
    transient: failure.transient,
  })
