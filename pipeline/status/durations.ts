import { availableParallelism, cpus } from "node:os"
import type { Node, RunnableStage } from "../graph/node.ts"
import type { ActionRecord, Environment } from "../store/record.ts"
import type { Measured } from "./measured.ts"
import type { NodeSnapshot } from "./snapshot.ts"
import { decodeParams, type Works } from "./work.ts"

/** Where an expected time comes from; `of` counts the recorded actions that it was worked out of. */
export type Basis =
  /** The work of the action, by the speed of actions of the stage whose work is nearest. */
  | { readonly _tag: "Speed"; readonly of: number }
  /** What the node took the last time. */
  | { readonly _tag: "LastTime" }
  /** The mean of the stage. */
  | { readonly _tag: "Mean"; readonly of: number }

/** How long an action is expected to take. */
export interface Duration {
  readonly milliseconds: number
  readonly basis: Basis
  /** Whether it was measured on a machine like this one. */
  readonly isHere: boolean
}

/** What kind of machine an action ran on, as far as its speed depends on that. */
export type Kind = Pick<Environment, "processor" | "threads">

/** This machine, as an action that runs here records it. */
export const thisKind = (): Kind => ({ processor: cpus()[0]?.model ?? "unknown", threads: availableParallelism() })

/** A recorded action of a stage. */
interface Sample {
  readonly milliseconds: number
  readonly node: string
  /** Units of work; undefined where they are not known. */
  readonly amount: number | undefined
  /** Actions of one class are as fast for each unit of work, as far as can be known. */
  readonly group: string
  readonly isHere: boolean
}

/** Of how many actions, those nearest in work, the speed is taken: their median is not moved by one odd one. */
const NEAREST = 9

/**
 * How long nodes that are to run will take on a machine, by what others of their stages took; none where none is known.
 *
 * A time is that of the node's own work at the speed of actions of the same stage, options, threads and GPUs, or of the
 * same stage where there are no such; then what it took the last time, or the mean of its stage. Records of machines of
 * another kind count only where there is none of this kind.
 */
export const durationsOf = (
  measured: Iterable<Measured>,
  toRun: ReadonlyArray<NodeSnapshot>,
  works: Works,
  here: Kind,
): ReadonlyMap<string, Duration> => {
  const stages = new Set(toRun.map(({ node }) => node.stage))
  const samples = new Map<RunnableStage, Array<Sample>>()
  for (const { node, record } of measured) {
    if (record === undefined || !stages.has(node.stage)) continue
    const known = samples.get(node.stage)
    const sample = sampleOf(node, record, works, here)
    if (known === undefined) samples.set(node.stage, [sample])
    else known.push(sample)
  }
  const estimates = new Map([...samples].map(([stage, own]) => [stage, estimator(own)]))
  const durations = new Map<string, Duration>()
  for (const { node } of toRun) {
    const duration = estimates.get(node.stage)?.(node, works.of(node.name).amount)
    if (duration !== undefined) durations.set(node.name, duration)
  }
  return durations
}

const sampleOf = (node: Node, record: ActionRecord, works: Works, here: Kind): Sample => {
  const { milliseconds, environment: { processor, threads = here.threads }, resources: { cpu, gpu } } = record
  const amount = works.done(node.stage, record)
  return {
    milliseconds,
    node: node.name,
    amount,
    // Its own options, whatever those of the node are now.
    group: amount === undefined ? "" : groupOf(optionsOf(node.stage, record), { cpu, gpu }),
    isHere: processor === here.processor && threads === here.threads,
  }
}

const optionsOf = (stage: RunnableStage, { preImage: { params } }: ActionRecord): Node["options"] => {
  const decoded = decodeParams(stage, params)
  return decoded === undefined ? {} : stage.uses(decoded)
}

const groupOf = (options: Node["options"], { cpu, gpu }: { readonly cpu: number; readonly gpu: number }): string =>
  JSON.stringify([options, cpu, gpu])

/** Gives the function from a node of a stage, and its units of work, to its expected time. */
const estimator = (all: ReadonlyArray<Sample>) => {
  const here = all.filter(({ isHere }) => isHere)
  const isHere = here.length > 0
  const samples = isHere ? here : all
  const mean = samples.reduce((total, { milliseconds }) => total + milliseconds, 0) / samples.length
  const last = new Map(samples.map(({ node, milliseconds }) => [node, milliseconds]))
  const measured = samples.flatMap(({ amount, milliseconds, group }) =>
    amount === undefined || amount <= 0 ? [] : [{ amount, milliseconds, group }]
  ).toSorted((one, other) => one.amount - other.amount)
  const groups = Map.groupBy(measured, ({ group }) => group)
  return (node: Node, amount: number | undefined): Duration => {
    if (amount !== undefined && amount > 0 && measured.length > 0) {
      const alike = groups.get(groupOf(node.options, node.resources)) ?? measured
      const near = nearest(alike, amount)
      return {
        milliseconds: amount * median(near.map((each) => each.milliseconds / each.amount)),
        basis: { _tag: "Speed", of: near.length },
        isHere,
      }
    }
    const before = last.get(node.name)
    return before === undefined
      ? { milliseconds: mean, basis: { _tag: "Mean", of: samples.length }, isHere }
      : { milliseconds: before, basis: { _tag: "LastTime" }, isHere }
  }
}

/** Those of a list, sorted by their amounts, whose amounts have the ratio to this one that is nearest to 1. */
const nearest = <A extends { readonly amount: number }>(sorted: ReadonlyArray<A>, amount: number): ReadonlyArray<A> => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle]?.amount ?? 0) < amount) low = middle + 1
    else high = middle
  }
  let [from, to] = [low, low]
  while (to - from < NEAREST && (from > 0 || to < sorted.length)) {
    const below = amount / (sorted[from - 1]?.amount ?? 0)
    const above = (sorted[to]?.amount ?? Infinity) / amount
    if (below <= above) from--
    else to++
  }
  return sorted.slice(from, to)
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >>> 1
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}
