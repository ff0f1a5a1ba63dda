import { setTimeout as sleep } from "node:timers/promises"
import { HubError, interrupted, throwIfInterrupted } from "./errors.ts"
import { inRow, tryingAgain } from "./messages.ts"

/** How long a bad network is put up with. Times are in milliseconds. */
export interface Patience {
  /** Requests in a row that bring no new byte before it gives up. */
  readonly attempts: number
  /** The wait after the first failure, which doubles with each; the true one is drawn from half of it to all of it. */
  readonly firstDelay: number
  readonly longestDelay: number
  /** The longest wait that a server may ask for. */
  readonly longestRetryAfter: number
  /** A connection that brings no byte for so long is given up. */
  readonly stall: number
  /** So is one that brings, over so long a time of waiting for it, fewer bytes than `rate` allows. */
  readonly window: number
  /** In bytes a second. */
  readonly rate: number
}

export const defaultPatience: Patience = {
  attempts: 6,
  firstDelay: 1000,
  longestDelay: 30_000,
  longestRetryAfter: 300_000,
  stall: 30_000,
  window: 60_000,
  rate: 1000,
}

/** What a request stands in. */
export interface Situation {
  readonly patience: Patience
  readonly signal: AbortSignal
  /** Tells the user something in a line. */
  readonly note: (text: string) => void
}

/**
 * Does something again while its error is transient. `progressed`, which it may call, says that it came further than
 * ever before, and starts the count of attempts again. Throws the last `HubError`.
 */
export const retrying = async <A>(
  { patience, signal, note }: Situation,
  run: (progressed: () => void) => Promise<A>,
): Promise<A> => {
  let failures = 0
  for (;;) {
    try {
      throwIfInterrupted(signal)
      return await run(() => {
        failures = 0
      })
    } catch (error) {
      if (!(error instanceof HubError) || !error.transient) throw error
      failures++
      if (failures >= patience.attempts) {
        throw new HubError(error.kind, inRow(error.message, failures), error.help, { cause: error })
      }
      const delay = delayAfter(failures, error.retryAfter, patience)
      note(tryingAgain(error.message, delay))
      await pause(delay, signal)
    }
  }
}

const delayAfter = (failures: number, retryAfter: number, patience: Patience): number => {
  const longest = Math.min(patience.firstDelay * 2 ** (failures - 1), patience.longestDelay)
  return Math.max(longest * (0.5 + Math.random() / 2), Math.min(retryAfter, patience.longestRetryAfter))
}

/** Waits for so many milliseconds. Throws `HubError` of kind "interrupted". */
export const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch {
    throw interrupted(signal)
  }
}
