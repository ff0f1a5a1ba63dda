import { Clock, Effect, Semaphore } from "effect"

/** Lets requests go as fast as an endpoint allows, in the order in which they come. */
export interface Limits {
  /** Waits until one more request of about so many tokens is within the limits. */
  readonly admit: (tokens: number) => Effect.Effect<void>
  /** Lets no request go for so many milliseconds: the endpoint asked for it. */
  readonly pause: (milliseconds: number) => Effect.Effect<void>
}

/** Milliseconds that a limit is for. */
const MINUTE = 60_000

/** The limits of an endpoint, each in any minute; null for none. */
export const makeLimits = ({ requestsPerMinute, tokensPerMinute }: {
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
}): Limits => {
  const inTurn = Semaphore.makeUnsafe(1)
  let [sent, notBefore]: [ReadonlyArray<{ readonly at: number; readonly tokens: number }>, number] = [[], 0]

  /** Milliseconds until a request may go, as far as that is known now. */
  const waitFor = (tokens: number, now: number): number => {
    if (now < notBefore) return notBefore - now
    sent = sent.filter(({ at }) => now - at < MINUTE)
    const total = sent.reduce((sum, each) => sum + each.tokens, 0)
    const [first] = sent
    const isWithin = sent.length < (requestsPerMinute ?? Infinity)
      // One that is too large by itself goes alone.
      && (first === undefined || total + tokens <= (tokensPerMinute ?? Infinity))
    return isWithin || first === undefined ? 0 : Math.max(1, first.at + MINUTE - now)
  }

  const admitted = (tokens: number): Effect.Effect<void> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const wait = waitFor(tokens, now)
      if (wait > 0) return Effect.andThen(Effect.sleep(wait), admitted(tokens))
      sent = [...sent, { at: now, tokens }]
      return Effect.void
    })

  return {
    admit: (tokens) => inTurn.withPermits(1)(admitted(tokens)),
    pause: (milliseconds) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        notBefore = Math.max(notBefore, now + milliseconds)
      }),
  }
}
