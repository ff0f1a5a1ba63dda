import { Effect } from "effect"
import type { StoreError } from "../base/errors.ts"
import type { Disk } from "./disk.ts"
import type { Bundle } from "./together.ts"

/** How the actions of one process are published. */
export interface Group {
  /** Publishes the files of an action with those of others that are finished meanwhile; whether its last name was free. */
  readonly publish: (bundle: Bundle) => Effect.Effect<boolean, StoreError>
  /** Says how to find out whether other actions are about to be finished, which are worth a short wait. */
  readonly expect: (isMoreToCome: () => boolean) => void
}

/** A bundle, and whoever waits for it. */
interface Waiting {
  readonly bundle: Bundle
  readonly resume: (outcome: Effect.Effect<boolean, StoreError>) => void
}

/** The most actions of a lot: their files are open until they are on the disk. */
const MOST = 128

/** So many need not wait for more; and for how long fewer do where more is to come, in ms. */
const ENOUGH = 64
const LONGEST = 50

/**
 * The group of one process: while one lot is forced to the disk, what is finished gathers in the next one. One action
 * alone is a lot of one, and waits for nobody; where more is to come soon, as in a thread that has short ones before it, a
 * lot waits for that.
 *
 * Publishing is not interrupted: whoever waits hears whether it came about.
 */
export const makeGroup = (disk: Pick<Disk["Service"], "publishTogether">): Group => {
  const waiting: Array<Waiting> = []
  let isAtWork = false
  let isMoreToCome = () => false
  /** When the first of those that wait came. */
  let since = 0
  let later: NodeJS.Timeout | undefined
  const work = (): void => {
    const lot = waiting.splice(0, MOST)
    Effect.runCallback(disk.publishTogether(lot.map(({ bundle }) => bundle)), {
      onExit: (exit) => {
        const each: Effect.Effect<ReadonlyArray<Effect.Effect<boolean, StoreError>>> = exit
        for (const [index, { resume }] of lot.entries()) {
          resume(
            Effect.flatMap(each, (outcomes) => outcomes[index] ?? Effect.die("each bundle of a lot has an outcome")),
          )
        }
        isAtWork = false
        setImmediate(begin)
      },
    })
  }
  const begin = (): void => {
    if (isAtWork || waiting.length === 0) return
    clearTimeout(later)
    later = undefined
    const left = since + LONGEST - performance.now()
    if (waiting.length < ENOUGH && left > 0 && isMoreToCome()) {
      later = setTimeout(begin, left)
      return
    }
    isAtWork = true
    work()
  }
  return {
    publish: (bundle) =>
      Effect.uninterruptible(Effect.callback((resume) => {
        if (waiting.push({ bundle, resume }) === 1) since = performance.now()
        // Not at once: several may be finished in this turn.
        setImmediate(begin)
      })),
    expect: (is) => {
      isMoreToCome = is
    },
  }
}
