import type { ActionRecord } from "../store/record.ts"
import type { NodeSnapshot, Snapshot } from "./snapshot.ts"
import type { Works } from "./work.ts"

/** What a run will fetch and write at most, in bytes. */
export interface Room {
  /** What is fetched from elsewhere. */
  readonly download: number
  /** How many nodes fetch something. */
  readonly fetching: number
  /** What its nodes make and keep, with what is fetched, and what those that run side by side need meanwhile. */
  readonly disk: number
  /** Stages of which nothing is known, so that they are not in that. */
  readonly unknown: ReadonlyArray<string>
}

/** The bytes that these nodes will fetch and write where `sideBySide` of them run at a time. */
export const roomOf = (
  snapshot: Snapshot,
  toRun: ReadonlyArray<NodeSnapshot>,
  works: Works,
  sideBySide: number,
): Room => {
  const means = bytesByStage(snapshot, new Set(toRun.map(({ node }) => node.stage.name)))
  const unknown = new Set<string>()
  const scratch: Array<number> = []
  let [download, fetching, keeps] = [0, 0, 0]
  for (const { node, record } of toRun) {
    const work = works.of(node.name)
    const fetched = node.expected?.download ?? 0
    download += fetched
    if (fetched > 0) fetching++
    const kept = work.keeps ?? (record === undefined ? means.get(node.stage.name) : bytesOf(record))
    if (kept === undefined) unknown.add(node.stage.name)
    keeps += kept ?? 0
    scratch.push(work.scratch ?? 0)
  }
  const meanwhile = scratch.toSorted((one, other) => other - one).slice(0, sideBySide).reduce(
    (sum, each) => sum + each,
    0,
  )
  return { download, fetching, disk: keeps + download + meanwhile, unknown: [...unknown] }
}

/** The bytes that an action of each of these stages made, on average. */
const bytesByStage = ({ nodes }: Snapshot, stages: ReadonlySet<string>): ReadonlyMap<string, number> => {
  const sums = new Map<string, { readonly bytes: number; readonly count: number }>()
  for (const { node: { stage: { name } }, record } of nodes.values()) {
    if (record === undefined || !stages.has(name)) continue
    const { bytes = 0, count = 0 } = sums.get(name) ?? {}
    sums.set(name, { bytes: bytes + bytesOf(record), count: count + 1 })
  }
  return new Map([...sums].map(([stage, { bytes, count }]) => [stage, bytes / count]))
}

const bytesOf = ({ outputs, blobs }: ActionRecord): number =>
  [...Object.values(outputs), ...blobs].reduce((sum, { size }) => sum + size, 0)
