import { setTimeout } from "node:timers/promises"

/** Why something that failed may succeed when it is tried again. */
export class Transient extends Error {
  /** Whether the server said anything at all: one that does not listen is given up sooner. */
  readonly answered: boolean
  /** How long the server asks to be left alone, in milliseconds. */
  readonly after: number | undefined

  constructor(reason: string, answered: boolean, after?: number) {
    super(reason)
    this.answered = answered
    this.after = after
  }
}

/** So often something is tried; of a server that does not answer, fewer times. */
const TRIES = { answered: 8, silent: 4 }

/** The first pause and the longest, in milliseconds; each is twice the one before, with chance in it. */
const [FIRST, LONGEST] = [250, 20_000]

/** Nobody waits longer for a server that asks for it, in milliseconds. */
const MOST_AFTER = 120_000

/**
 * Calls until something comes of it, with the number of the attempt from 1 on.
 *
 * Throws the last {@link Transient} where nothing did, anything else at once.
 */
export const retrying = async <A>(call: (attempt: number) => Promise<A>, stop?: AbortSignal): Promise<A> => {
  for (let attempt = 1;; attempt++) {
    try {
      return await call(attempt)
    } catch (thrown) {
      if (!(thrown instanceof Transient) || attempt >= (thrown.answered ? TRIES.answered : TRIES.silent)) throw thrown
      const pause = Math.min(LONGEST, FIRST * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
      await setTimeout(
        Math.max(pause, Math.min(thrown.after ?? 0, MOST_AFTER)),
        undefined,
        stop === undefined ? {} : { signal: stop },
      )
    }
  }
}

/** What the Retry-After of an answer asks for, in milliseconds; undefined where it does not. */
export const retryAfter = (header: string | null | undefined): number | undefined => {
  if (header === null || header === undefined || header === "") return undefined
  const wait = /^\d+$/u.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}
