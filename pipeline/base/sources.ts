import { hash } from "node:crypto"
import { type BigIntStats, existsSync, readdirSync, readFileSync, statSync } from "node:fs"

/** A file, or the names in a folder, as it was when a build read it. Times are in nanoseconds, as text, since JSON has no such numbers. */
export interface SourceState {
  readonly digest: string
  readonly size: string
  readonly modified: string
  readonly changed: string
  readonly inode: string
}

/** What is known of the files that a build was made of, by path, and when it was noted, in milliseconds. */
export interface SourceStates {
  readonly noted: number
  readonly files: Readonly<Record<string, SourceState>>
}

/** A file may be written twice within one tick of its file system's clock, which two seconds are sure to be longer than. */
const tickMs = 2000

const stateOf = (stats: BigIntStats, digest: string): SourceState => ({
  digest,
  // That of a folder says nothing of the names in it.
  size: stats.isDirectory() ? "0" : String(stats.size),
  modified: String(stats.mtimeNs),
  changed: String(stats.ctimeNs),
  inode: String(stats.ino),
})

/** The state of a file that is not there, though it was read just before; no file ever has it. */
const gone = (noted: number): SourceState => ({
  digest: "",
  size: "",
  modified: "",
  changed: String(BigInt(noted) * 1_000_000n),
  inode: "",
})

const digestOf = (path: string, stats: BigIntStats): string =>
  hash("sha256", stats.isDirectory() ? readdirSync(path).sort().join("\n") : readFileSync(path))

/** The state of a file that need not be there, and is not. */
const absent: SourceState = { digest: "absent", size: "", modified: "0", changed: "0", inode: "" }

/**
 * Notes how files are now; those that are gone meanwhile are noted as never the same, but for `optional` ones, whose
 * absence is a state as any.
 */
export const noteSources = (paths: Iterable<string>, optional: Iterable<string> = []): SourceStates => {
  const noted = Date.now()
  const files: Record<string, SourceState> = {}
  for (const path of optional) if (!existsSync(path)) files[path] = absent
  for (const path of [...new Set([...paths, ...optional])].sort()) {
    if (files[path] === absent) continue
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
    files[path] = stats === undefined ? gone(noted) : stateOf(stats, digestOf(path, stats))
  }
  return { noted, files }
}

/** Whether a file was not written since it was noted, so that its content is what it was. */
const isUntouched = (before: SourceState, stats: BigIntStats, noted: number): boolean => {
  const now = stateOf(stats, before.digest)
  return now.size === before.size && now.modified === before.modified && now.changed === before.changed
    && now.inode === before.inode && Number(stats.ctimeNs / 1_000_000n) < noted - tickMs
}

/**
 * Whether every file is as it was noted. One whose size, times and inode are the same is not read again, unless it was
 * written so shortly before it was noted that a later write could have left no trace.
 *
 * "touched" is where files had to be read and were the same: worth noting them again.
 */
export const compareSources = ({ noted, files }: SourceStates): "same" | "touched" | "changed" => {
  let touched = false
  for (const [path, before] of Object.entries(files)) {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
    if (stats === undefined && before.digest === absent.digest) continue
    if (stats === undefined) return "changed"
    if (stateOf(stats, before.digest).size !== before.size) return "changed"
    if (isUntouched(before, stats, noted)) continue
    if (digestOf(path, stats) !== before.digest) return "changed"
    touched = true
  }
  return touched ? "touched" : "same"
}

/**
 * Files as they are now, of which only those are read again that were touched; undefined where one changed meanwhile,
 * which the next look sees.
 */
export const notedAgain = ({ noted: before, files }: SourceStates): SourceStates | undefined => {
  const noted = Date.now()
  const again: Record<string, SourceState> = {}
  for (const [path, state] of Object.entries(files)) {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
    if (
      stats === undefined
        ? state.digest !== absent.digest
        : !isUntouched(state, stats, before) && digestOf(path, stats) !== state.digest
    ) return undefined
    again[path] = stats === undefined ? absent : stateOf(stats, state.digest)
  }
  return { noted, files: again }
}

/** File systems keep time in steps of up to some milliseconds. */
const stepMs = 20

/** Whether any file changed after a moment, in milliseconds, or so shortly before it that this cannot be ruled out. */
const changedSince = ({ files }: SourceStates, moment: number): boolean =>
  Object.values(files).some(({ changed }) => Number(BigInt(changed) / 1_000_000n) >= moment - stepMs)

/** How often something is made again because a file changed while it was made. */
const mostRounds = 10

/**
 * Makes something of files until none of them changed while it was made: one that was written meanwhile may be noted as
 * it is now and used as it was before.
 */
export const madeOfSteadyFiles = async <Made extends { readonly sources: SourceStates }>(
  make: () => Promise<Made>,
): Promise<Made> => {
  let before: SourceStates | undefined
  for (let round = 0; round < mostRounds; round++) {
    const started = Date.now()
    const made = await make()
    if (!changedSince(made.sources, started) || sameFiles(before, made.sources)) return made
    before = made.sources
  }
  throw new Error("files of the project change again and again while they are read")
}

/** Whether the same files were noted twice in the same states, so that none changed in between. */
const sameFiles = (before: SourceStates | undefined, { files }: SourceStates): boolean =>
  before !== undefined && JSON.stringify(before.files) === JSON.stringify(files)
