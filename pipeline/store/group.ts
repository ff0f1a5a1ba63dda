import { Effect } from "effect"
import type { StoreError } from "../base/errors.ts"
import type { Disk } from "./disk.ts"
import type { Bundle } from "./together.ts"

/** Publishes the files of an action together with those of others that are finished meanwhile; whether its last name was free. */
export type Group = (bundle: Bundle) => Effect.Effect<boolean, StoreError>

/** A bundle, and whoever waits for it. */
interface Waiting {
  readonly bundle: Bundle
  readonly resume: (outcome: Effect.Effect<boolean, StoreError>) => void
}

/**
 * The group of one process: while one lot is forced to the disk, what is finished gathers in the next one. One action
 * alone is a lot of one, and waits for nobody.
 *
 * Publishing is not interrupted: whoever waits hears whether it came about.
 */
export const makeGroup = (disk: Pick<Disk["Service"], "publishTogether">): Group => {
  let waiting: Array<Waiting> = []
  let isAtWork = false
  const work = (): void => {
    const lot = waiting
    waiting = []
    Effect.runCallback(disk.publishTogether(lot.map(({ bundle }) => bundle)), {
      onExit: (exit) => {
        const each: Effect.Effect<ReadonlyArray<Effect.Effect<boolean, StoreError>>> = exit
        for (const [index, { resume }] of lot.entries()) {
          resume(Effect.flatMap(each, (outcomes) => outcomes[index] ?? Effect.die("a lot is told of in full")))
        }
        if (waiting.length > 0) setImmediate(work)
        else isAtWork = false
      },
    })
  }
  return (bundle) =>
    Effect.uninterruptible(Effect.callback((resume) => {
      waiting.push({ bundle, resume })
      if (isAtWork) return
      isAtWork = true
      // Not at once: several may be finished in this turn.
      setImmediate(work)
    }))
}
