import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { attempt } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import { select, selectOne } from "../../graph/select.ts"
import { lastLinesOf, logOf } from "../../report/printed.ts"
import { failuresUnder, stopUnder } from "../../status/failures.ts"
import { type NodeSnapshot, snapshotOf } from "../../status/snapshot.ts"
import type { JobPlace } from "../../store/batch.ts"
import { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"
import { isHeld, makeLookAtQueued } from "../executing.ts"
import { exitCodes } from "../exit-codes.ts"
import { followLog } from "../follow-log.ts"
import { graphOf, profileFlag, withoutStore } from "../project.ts"
import { makeTail } from "../tail.ts"
import { failedText, failureText } from "../text/failure.ts"
import { printNote, printPiece } from "../text/output.ts"
import { inQueueText } from "../text/queue.ts"
import { staleText } from "../text/stale.ts"
import { printedText, stoppedText, wholeJobText } from "../text/stopped.ts"
import { viewText } from "../view-text.ts"

/** The pause between two looks whether what a node depends on is made, in milliseconds. */
const LOOK = 2000

/** Follows a node that is not up to date until its execution ends; whether there was anything to follow. */
const followed = Effect.fnUntraced(function*<E, R>(profile: string, look: Effect.Effect<NodeSnapshot, E, R>) {
  for (let isSaid = false;; isSaid = true) {
    const found = yield* look
    const { node: { name }, status } = found
    if (status._tag === "Fresh") return false
    const key = status._tag === "WillRun" ? status.action?.key : undefined
    if (key !== undefined) {
      const ended = yield* followLog(profile, name, key)
      if (ended._tag === "Failed") {
        process.exitCode = exitCodes.failed
        const { run, failure, job } = ended.failure
        yield* printNote(`${name} failed in run ${run}: ${failureText(failure)}`)
        if (job !== undefined) yield* printNote(yield* jobEndText(job))
      }
      return true
    }
    // What it depends on is to be made first.
    if (!isSaid) yield* printNote(staleText(found, undefined))
    yield* Effect.sleep(LOOK)
  }
})

/** Which job of a batch system an execution was in that failed, and what that printed. */
const jobEndText = (job: JobPlace) =>
  Effect.map(lastLinesOf(job), (printed) => `it was in ${wholeJobText(job)}; ${printedText(printed)}`)

/** Where what a node printed when it was made may be, as it is not in this store. */
const absentText = Effect.fnUntraced(function*(node: string) {
  const { remote, layout } = yield* Store
  const absent = `what ${node} printed when it was made is not in this store`
  if (remote !== undefined) return `${absent}, and cannot be read from ${remote.address}`
  const { addressesIn } = yield* Effect.promise(() => import("../../store/remote/contents.ts"))
  const [address] = yield* addressesIn(yield* Disk, layout)
  return address === undefined
    ? absent
    : `${absent}; bring it where it was pushed: dag pull ${node} --remote ${address}`
})

/** `dag logs NODE`: what a node prints, or printed. */
export const logs = Command.make("logs", {
  node: Argument.String("node").pipe(Argument.withDescription("The node whose log to print")),
  follow: Flag.Boolean("follow").pipe(
    Flag.withAlias("f"),
    Flag.withDescription(
      "Wait for its execution, and print what that prints until it ends; on standard error how far it is",
    ),
    Flag.withDefault(false),
  ),
  profile: profileFlag,
}, ({ node: word, follow, profile }) =>
  Effect.gen(function*() {
    const graph = yield* graphOf(profile)
    const { name } = yield* attempt(() => selectOne(graph, word))
    const part = yield* attempt(() => select(graph, [name]))
    const look = Effect.map(snapshotOf(part), ({ nodes }) => {
      const found = nodes.get(name)
      if (found === undefined) throw new Error(`${name} is not in its own graph`)
      return found
    })
    if (follow && (yield* followed(graph.profile, look))) return
    const found = yield* look
    const { status, record } = found
    const path = yield* logOf(found)
    if (path !== undefined) yield* makeTail().next(path, printPiece)
    const key = status._tag === "WillRun" ? status.action?.key : undefined
    const failed = key === undefined
      ? undefined
      : (yield* failuresUnder(graph.profile, new Map([[name, key]]))).get(name)
    if (failed !== undefined) yield* printNote(failedText(failed))
    if (failed?.job !== undefined) yield* printNote(yield* jobEndText(failed.job))
    const queued = key === undefined ? undefined : (yield* makeLookAtQueued()([key])).get(key)
    const stop = key === undefined || failed !== undefined || (yield* isHeld(key))
      ? undefined
      : yield* stopUnder(graph.profile, name, key)
    if (stop !== undefined) {
      yield* printNote(stoppedText(name, stop, queued !== undefined))
      if (stop.job !== undefined && queued === undefined) yield* printNote(printedText(yield* lastLinesOf(stop.job)))
      return
    }
    if (queued !== undefined) yield* printNote(`${name}: ${inQueueText(queued)}`)
    if (path !== undefined || queued !== undefined) return
    if (status._tag === "Fresh") {
      return yield* printNote(
        status.record.log === null ? `${name} printed nothing when it was made` : yield* absentText(name),
      )
    }
    if (record !== undefined) return yield* printNote(staleText(found, undefined))
    if (failed === undefined) {
      return yield* new InputError({
        field: name,
        message: `has not run yet${yield* withoutStore}`,
        help: `run it: dag run ${name} ${viewText(graph)}`.trimEnd(),
      })
    }
  })).pipe(Command.withDescription(
    "Print what a node prints, or printed when it was made or failed. With --follow exit code 1: it failed",
  ))
