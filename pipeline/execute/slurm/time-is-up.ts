import { Effect, Exit } from "effect"
import type { Digest } from "../../base/digest.ts"
import { StageError } from "../../base/errors.ts"
import { Store } from "../../store/store.ts"
import { Slurm } from "./client.ts"
import type { Said } from "./said.ts"
import { verdictOn } from "./verdict.ts"

/** An action that a task was at when its time was up. */
export interface AtWork {
  /** The newest state that an earlier execution saved; undefined where there was none. */
  readonly savedBefore: number | undefined
  /** Whether it had all of the task's time, so that the same time again leads nowhere. */
  readonly hadAll: boolean
}

/** A task as its worker knows it. */
export interface OwnTask {
  /** As Slurm shows it, such as "12_3": by that name alone a task is queued again without the others of its array. */
  readonly job: string
  readonly memory: number
  readonly seconds: number | undefined
  readonly log: string
  /** How many actions it has not told the end of, with those that it is at. */
  readonly left: number
}

/** The pause between two tries to be queued again, in milliseconds. */
const PAUSE = 2000

/** So many tries take most of the time that Slurm leaves. */
const TRIES = 10

/**
 * What a worker does whose time is nearly up, once what ran has saved what it could: the same task is queued again and
 * goes on from there, by itself, whether or not somebody waits for it. An action that had all of the time and saved nothing
 * would come no further: it ran out of time, and others go on without it.
 */
export const timeIsUp = Effect.fnUntraced(function*(
  running: ReadonlyMap<Digest, AtWork>,
  { left, ...task }: OwnTask,
  tell: (said: Said) => Effect.Effect<void>,
) {
  const store = yield* Store
  const slurm = yield* Slurm
  const goOn: Array<Digest> = []
  for (const [key, { savedBefore, hadAll }] of running) {
    const newest = yield* Effect.orElseSucceed(store.unfinished(key).newest, () => undefined)
    if (!hadAll || (newest !== undefined && newest !== savedBefore)) {
      goOn.push(key)
      continue
    }
    const verdict = verdictOn({ _tag: "OutOfTime", warned: true }, {
      ...task,
      unfinished: newest !== undefined,
      takenAway: 0,
    })
    const error = verdict._tag === "Failed"
      ? verdict.error
      : new StageError({ message: verdict.why, help: "run again", transient: true })
    yield* tell({ _tag: "Message", key, message: { _tag: "Failed", error } })
  }
  if (left === running.size - goOn.length) return yield* tell({ _tag: "Ended" })
  // Before it is asked: Slurm ends this process then.
  yield* tell({ _tag: "Stopped", why: "time", running: goOn, queuedAgain: true })
  for (let tries = 1; tries <= TRIES; tries++) {
    const exit = yield* Effect.exit(slurm.requeue(task.job))
    if (Exit.isSuccess(exit)) return
    yield* Effect.sleep(PAUSE)
  }
  yield* tell({ _tag: "Stopped", why: "time", running: goOn })
})
