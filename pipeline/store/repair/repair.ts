import { Effect } from "effect"
import type { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { Disk } from "../disk.ts"
import { openQuarantine } from "../quarantine.ts"
import { Store } from "../store.ts"
import type { Finding } from "../verify/finding.ts"
import type { Verified } from "../verify/verify.ts"

/** What a repair does with what a check found damaged. */
export interface Repaired {
  readonly moved: ReadonlyArray<Finding>
  /** What is in use by a process, or was written anew since it was looked at. */
  readonly left: ReadonlyArray<Finding>
  /** Where the files are now; undefined where none was moved. */
  readonly folder: string | undefined
}

/** Moves everything damaged out of the way, so that the next run makes it again. `isHeld` says what a process uses. */
export const repairStore = Effect.fnUntraced(function*(
  { findings, badObjects }: Verified,
  isHeld: (finding: Finding) => boolean,
): Effect.fn.Return<Repaired, StoreError, Store | Disk> {
  const { processes } = yield* Store
  const damaged = damagedFiles(findings)
  const quarantine = yield* openQuarantine(new Date())
  const moved: Array<Finding> = []
  const left: Array<Finding> = []
  if (damaged.length > 0) yield* processes.begin
  for (const finding of damaged) {
    const { path, problem, version } = finding
    const isMoved = !isHeld(finding) && (yield* quarantine.take({ path, problem, version })) === "moved"
    ;(isMoved ? moved : left).push(finding)
  }
  yield* dropHints(badObjects)
  return { moved, left, folder: moved.length > 0 ? quarantine.folder : undefined }
})

/** The findings that are of files which are not what was written. */
export const damagedFiles = (
  findings: ReadonlyArray<Finding>,
): ReadonlyArray<Finding & { readonly version: string }> =>
  findings.flatMap((finding) =>
    finding.state === "damaged" && finding.version !== undefined ? [{ ...finding, version: finding.version }] : []
  )

/** Removes hints of damage that have done their service; what could not be moved stays under suspicion. */
const dropHints = Effect.fnUntraced(function*(bad: ReadonlySet<Digest>) {
  const disk = yield* Disk
  const { suspects, layout } = yield* Store
  for (const digest of yield* suspects.all) {
    const isLeft = bad.has(digest) && (yield* disk.stat(layout.object(digest))) !== undefined
    if (!isLeft) yield* suspects.remove(digest)
  }
})
