import { Effect } from "effect"
import { basename, join } from "node:path"
import type { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { Disk } from "../disk.ts"
import { isFull } from "../file-errors.ts"
import { openQuarantine } from "../quarantine.ts"
import { Store } from "../store.ts"
import type { Finding } from "../verify/finding.ts"
import type { Verified } from "../verify/verify.ts"
import { restoreLog } from "./log.ts"

/** What a repair does with what a check found damaged. */
export interface Repaired {
  readonly moved: ReadonlyArray<Finding>
  /** Of what was moved, logs whose sound lines were written again. */
  readonly restored: ReadonlyArray<Finding>
  /** What a process uses. */
  readonly left: ReadonlyArray<Finding>
  /** What was written again, or is gone, since it was looked at: nothing is to be done about it. */
  readonly changed: ReadonlyArray<Finding>
  /** Where the files are now; undefined where none was moved. */
  readonly folder: string | undefined
}

/** Moves everything damaged out of the way, so that the next run makes it again; what only could not be read stays. `isHeld` says what a process uses. */
export const repairStore = Effect.fnUntraced(function*(
  { findings, badObjects }: Verified,
  isHeld: (finding: Finding) => boolean,
): Effect.fn.Return<Repaired, StoreError, Store | Disk> {
  const { processes, layout } = yield* Store
  const damaged = damagedFiles(findings)
  const quarantine = yield* openQuarantine(new Date())
  const moved: Array<Finding> = []
  const restored: Array<Finding> = []
  const left: Array<Finding> = []
  const changed: Array<Finding> = []
  for (const finding of damaged) {
    yield* processes.beginWhereRoom
    const { kind, path, problem, version } = finding
    if (isHeld(finding)) {
      left.push(finding)
      continue
    }
    if ((yield* quarantine.take({ path, problem, version })) === "changed") {
      changed.push(finding)
      continue
    }
    moved.push(finding)
    const run = kind === "run log" ? layout.runs.nameOf(basename(path)) : undefined
    if (run === undefined) continue
    // Without room for its sound lines the whole log stays where it was moved to.
    const isRestored = yield* restoreLog(run, join(quarantine.folder, path)).pipe(
      Effect.catch((error) => (isFull(error) ? Effect.succeed(false) : Effect.fail(error))),
    )
    if (isRestored) restored.push(finding)
  }
  yield* dropSuspects(findings, badObjects)
  return { moved, restored, left, changed, folder: moved.length > 0 ? quarantine.folder : undefined }
})

/** The findings that are of files which are not what was written. */
export const damagedFiles = (
  findings: ReadonlyArray<Finding>,
): ReadonlyArray<Finding & { readonly version: string }> =>
  findings.flatMap((finding) =>
    finding.state === "damaged" && finding.version !== undefined ? [{ ...finding, version: finding.version }] : []
  )

/** Removes suspects that are out of date; what could not be moved, or not be read, stays under suspicion. */
const dropSuspects = Effect.fnUntraced(function*(findings: ReadonlyArray<Finding>, bad: ReadonlySet<Digest>) {
  const disk = yield* Disk
  const { suspects, layout } = yield* Store
  const outdated = new Set(
    findings.filter(({ kind, state }) => kind === "suspect" && state === "note")
      .map(({ path }) => layout.suspects.nameOf(basename(path))),
  )
  for (const digest of yield* suspects.all) {
    const isMoved = bad.has(digest) && (yield* disk.stat(layout.object(digest))) === undefined
    if (isMoved || outdated.has(digest)) yield* suspects.remove(digest)
  }
})
