import { Effect, Exit, Schema } from "effect"
import type { Digest } from "../base/digest.ts"
import { number } from "../base/text.ts"
import type { InQueueNow } from "../execute/executor.ts"
import type { Advance } from "../graph/stage.ts"
import { logOfKey } from "../report/printed.ts"
import { failuresUnder, type LastFailure } from "../status/failures.ts"
import { Event } from "../store/events.ts"
import type { Holder } from "../store/leases.ts"
import { Store } from "../store/store.ts"
import { makeLookAtQueued } from "./executing.ts"
import { makeTail } from "./tail.ts"
import { atWorkText } from "./text/holder.ts"
import { printNote, printPiece } from "./text/output.ts"
import { inQueueText } from "./text/queue.ts"

/** The pause between two looks, in milliseconds: while somebody executes it, and while nobody does. */
const LOOK = 1000
const LOOK_AGAIN = 3000

/** How much of the log of a run is read at first, in bytes: how far the node is stands at the end. */
const RECENT = 1 << 16

/** How what was followed ended. */
export type Followed = { readonly _tag: "Made" } | { readonly _tag: "Failed"; readonly failure: LastFailure }

/**
 * Prints what the action of a key prints until it has ended, and says on standard error who executes it and how far it
 * is. One that nobody executes yet is waited for.
 */
export const followLog = Effect.fnUntraced(function*(profile: string, node: string, key: Digest) {
  const store = yield* Store
  const before = yield* store.record(key)
  const tail = makeTail()
  const progress = makeProgress(node)
  const lookAtQueued = makeLookAtQueued()
  let said = ""
  let isSeen = false
  /** Whether what was printed last is of the execution that goes on, whose log has another name once it has ended. */
  let isOfThis = false
  const say = (text: string) => {
    if (text === said) return Effect.void
    said = text
    return printNote(text)
  }
  for (;;) {
    const queued = (yield* lookAtQueued([key])).get(key)
    const holder = (yield* store.leases.holders).get(key)
    const log = yield* logOfKey(key)
    // After who executes it: what it prints last is there when it has let go.
    const record = yield* store.record(key)
    if (holder !== undefined) {
      isSeen = true
      yield* say(`${node}: ${queued === undefined ? atWorkText(holder) : standsText(queued)}`)
    }
    if (record !== undefined && record.started !== before?.started) {
      // What it printed has its place with the record now.
      if (record.log !== null) yield* tail.next(yield* store.blobPath(record.log), printPiece, isOfThis)
      return { _tag: "Made" } satisfies Followed
    }
    if (log !== undefined && (log.isRunning || holder === undefined)) {
      yield* tail.next(log.path, printPiece, isOfThis && !log.isRunning)
      isOfThis = log.isRunning
    }
    if (holder === undefined) {
      const failure = (yield* failuresUnder(profile, new Map([[node, key]]))).get(node)
      if (failure !== undefined) return { _tag: "Failed", failure } satisfies Followed
      yield* say(
        queued !== undefined
          ? `${node}: ${standsText(queued)}; its run ended: run again to wait for it`
          : `${node}: nobody executes it ${isSeen ? "any more" : "yet"}`,
      )
    } else if (queued === undefined) yield* progress.ofRun(holder)
    else if (queued.advance !== undefined) yield* progress.said(queued.advance)
    yield* Effect.sleep(holder === undefined ? LOOK_AGAIN : LOOK)
  }
})

/** How an action stands that was handed to Slurm; how far it is, is said apart. */
const standsText = (queued: InQueueNow): string =>
  `${inQueueText({ ...queued, advance: undefined })}, in ${queued.job.name}`

const decode = Schema.decodeUnknownExit(Schema.fromJsonString(Event))

/** Says how far a node is, where that moved. */
const makeProgress = (node: string) => {
  const tail = makeTail(RECENT)
  const begins = `"_tag":"NodeProgressed","node":${JSON.stringify(node)},`
  let rest = ""
  let before = ""
  const said = ({ done, total, unit, note, level }: Advance): Effect.Effect<void> =>
    Effect.suspend(() => {
      // A note has the level in it, where there is one: "loss 0.25".
      const more = note ?? level?.toPrecision(4)
      const text = `${number(done)} of ${number(total)} ${unit}${more === undefined ? "" : `, ${more}`}`
      if (text === before) return Effect.void
      before = text
      return printNote(text)
    })
  return {
    said,
    /** The same by the log of the run that executes it. */
    ofRun: Effect.fnUntraced(function*({ run }: Holder) {
      if (run === undefined) return
      const { layout } = yield* Store
      let last: string | undefined
      yield* tail.next(layout.runs.path(run), (text) =>
        Effect.sync(() => {
          const lines = `${rest}${text}`.split("\n")
          rest = lines.pop() ?? ""
          last = lines.findLast((line) => line.includes(begins)) ?? last
        }))
      const decoded = last === undefined ? undefined : decode(last)
      if (decoded === undefined || Exit.isFailure(decoded) || decoded.value._tag !== "NodeProgressed") return
      yield* said(decoded.value)
    }),
  }
}
