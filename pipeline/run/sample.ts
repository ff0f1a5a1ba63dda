import { type Digest, digestOfValue } from "../base/digest.ts"
import type { Snapshot } from "../status/snapshot.ts"
import type { ActionRecord } from "../store/record.ts"

/** An action that is finished, and the nodes that it stands for: equal work is one action. */
export interface Finished {
  readonly record: ActionRecord
  readonly nodes: ReadonlyArray<string>
}

/**
 * The actions of a snapshot's nodes that are up to date, in the order of the graph. What stands on an accepted change is
 * left out: the code that made it is no longer there to be executed.
 */
export const finishedOf = ({ nodes }: Snapshot, names: ReadonlySet<string>): ReadonlyArray<Finished> => {
  const found = new Map<Digest, { readonly record: ActionRecord; readonly nodes: Array<string> }>()
  for (const [name, { status }] of nodes) {
    if (status._tag !== "Fresh" || status.accepted !== undefined || !names.has(name)) continue
    const known = found.get(status.key)
    if (known === undefined) found.set(status.key, { record: status.record, nodes: [name] })
    else known.nodes.push(name)
  }
  return [...found.values()]
}

/** Nodes that an audit has nothing to say of, since the store does not have whole what they make now. */
export interface LeftOut {
  /** The record, or an object that it names, is gone or damaged. */
  readonly damaged: ReadonlyArray<string>
  readonly notUpToDate: ReadonlyArray<string>
}

/** Those of some nodes that are left out, in the order of the graph. */
export const leftOutOf = ({ nodes }: Snapshot, names: ReadonlySet<string>): LeftOut => {
  const damaged: Array<string> = []
  const notUpToDate: Array<string> = []
  for (const [name, { status }] of nodes) {
    if (!names.has(name) || status._tag === "Fresh") continue
    const isDamaged = status._tag === "WillRun"
      && status.reasons.some(({ _tag }) => _tag === "RecordDamaged" || _tag === "ObjectMissing")
    const list = isDamaged ? damaged : notUpToDate
    list.push(name)
  }
  return { damaged, notUpToDate }
}

/** How many of what there is: a part of all, or a number. */
export type Sample = { readonly _tag: "Part"; readonly part: number } | {
  readonly _tag: "Count"
  readonly count: number
}

/**
 * A sample of actions, in the order of the graph. The same seed draws the same ones; of two samples with one seed, the
 * larger holds the smaller.
 */
export const sampleOf = (
  all: ReadonlyArray<Finished>,
  sample: Sample,
  seed: number,
): ReadonlyArray<Finished> => {
  const count = sample._tag === "Count" ? sample.count : Math.ceil(all.length * sample.part)
  const drawn = new Set(
    all.map(({ record: { key } }) => ({ key, order: digestOfValue("audit/1", [seed, key]) }))
      .toSorted((one, other) => (one.order < other.order ? -1 : 1))
      .slice(0, count)
      .map(({ key }) => key),
  )
  return all.filter(({ record: { key } }) => drawn.has(key))
}

/** Those of a sample that take no longer together than a time in milliseconds, by what they took; cheap ones first. */
export const withinTime = (sample: ReadonlyArray<Finished>, most: number): ReadonlyArray<Finished> => {
  let total = 0
  const taken = new Set(
    sample.toSorted((one, other) => one.record.milliseconds - other.record.milliseconds)
      .filter(({ record: { milliseconds } }) => (total += milliseconds) <= most),
  )
  return sample.filter((each) => taken.has(each))
}
