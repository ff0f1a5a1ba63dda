import type { Digest } from "../base/digest.ts"
import { type Absent, type FileSet, unofficial } from "../graph/files.ts"
import { type Node, sources } from "../graph/node.ts"
import { rankOf, startOrder } from "../graph/priority.ts"
import type { SourceFile } from "../graph/stage.ts"
import { type Basis, type Duration, durationsOf, type Kind, thisKind } from "./durations.ts"
import { demandOf, type Machine, wallTimeOf } from "./list-schedule.ts"
import type { Measured } from "./measured.ts"
import { type Room, roomOf } from "./room.ts"
import { type Counts, countsOf, type NodeSnapshot, type Snapshot, withStatus } from "./snapshot.ts"
import { worksOf } from "./work.ts"

/** What a run is about to do, as far as it can be known before. */
export interface Forecast {
  readonly counts: Counts
  /** Nodes that go on from an execution that did not finish. */
  readonly unfinished: number
  /** What will or may run by stage, in the order of the graph. */
  readonly stages: ReadonlyArray<StageForecast>
  readonly missing: ReadonlyArray<MissingFiles>
  /** Files that are there but are not the official ones. */
  readonly unofficial: ReadonlyArray<string>
  /** Wall time of all that is measured, on a machine with nothing else to do; undefined where nothing is. */
  readonly time: Time | undefined
  /** Stages that have not run yet, so that they are not in the time. */
  readonly unmeasured: ReadonlyArray<string>
  /** How long each node will take that will or may run, where that is known. */
  readonly durations: ReadonlyMap<string, Duration>
  /** Units of work of each of them, as its stage says, where that is known. */
  readonly amounts: ReadonlyMap<string, number>
  /** The order in which nodes are to start; undefined where it is that of the graph. */
  readonly order: ReadonlyArray<string> | undefined
  /** What is fetched and written. */
  readonly room: Room
  /** What nodes ask for that the machine does not have: each gets what there is. */
  readonly shortages: ReadonlyArray<Shortage>
  /** Most memory that actions running side by side are granted, MiB. */
  readonly memory: number
}

/** What will or may run of a stage. */
export interface StageForecast {
  readonly stage: string
  readonly willRun: number
  readonly mayRun: number
  /** The sum over its nodes. */
  readonly time: Time | undefined
  /** Where the times come from, each with how many nodes it is for. */
  readonly bases: ReadonlyArray<Basis & { readonly nodes: number; readonly isHere: boolean }>
}

/** A time in milliseconds, with what will run alone and with what may run too; undefined where it is not known yet. */
export interface Time {
  readonly least: number
  readonly most: number
}

/** What some nodes want of something, at most, and what there is of it: MiB, or GPUs. */
export interface Shortage {
  readonly of: "memory" | "gpu"
  readonly nodes: ReadonlyArray<string>
  readonly wanted: number
  readonly there: number
}

/** Files of a set that are not there. */
export interface MissingFiles extends Omit<Absent, "_tag"> {
  readonly set: FileSet
}

/**
 * What a run will take on a machine, from what the same stages took before, in the snapshot and `beside` it; `here` is what kind of machine it is. Throws
 * an InputError where a stage's own word on its work is a mistake.
 */
export const forecastOf = (
  snapshot: Snapshot,
  machine: Machine,
  beside: ReadonlyArray<Measured> = [],
  here: Kind = thisKind(),
): Forecast => {
  const toRun = withStatus(snapshot, "WillRun", "MayRun")
  const actions = withStatus(snapshot, "WillRun").flatMap(({ node, status: { action } }) =>
    action === undefined ? [] : [{ node, action }]
  )
  const measured = [...snapshot.nodes.values(), ...beside]
  const works = worksOf(snapshot, measured, toRun)
  const durations = onceForEachKey(toRun, durationsOf(measured, toRun, works, here))
  const stages = [...Map.groupBy(toRun, ({ node }) => node.stage.name)].map(([stage, own]) =>
    stageForecast(stage, own, durations)
  )
  const sideBySide = Math.max(1, Math.min(machine.jobs, machine.cpu))
  const sizes = toRun.map(({ node }) => Math.min(node.resources.memory, machine.memory))
  const order = orderOf(snapshot, toRun, durations)
  const counts = countsOf(snapshot.nodes.values())
  return {
    counts: { ...counts, Fresh: counts.Fresh + (snapshot.graph.rest?.size ?? 0) },
    unfinished: actions.filter(({ action }) => action.unfinished).length,
    stages,
    missing: missingFiles(snapshot),
    unofficial: actions.flatMap(({ node, action }) => unofficialFiles(node, action.files)),
    time: durations.size === 0 ? undefined : wallTime(toRun, durations, order, machine),
    unmeasured: stages.filter(({ time }) => time === undefined).map(({ stage }) => stage),
    durations,
    amounts: new Map(toRun.flatMap(({ node: { name } }) => {
      const { amount } = works.of(name)
      return amount === undefined || amount <= 0 ? [] : [[name, amount]]
    })),
    order,
    room: roomOf(snapshot, toRun, works, sideBySide),
    shortages: shortagesOf(toRun, machine),
    memory: Math.min(
      machine.memory,
      sizes.sort((one, other) => other - one).slice(0, sideBySide).reduce((total, size) => total + size, 0),
    ),
  }
}

/** What wants one GPU where there is none does without; the experiment says what comes of that. */
const shortagesOf = (toRun: ToRun, machine: Machine): ReadonlyArray<Shortage> =>
  (["memory", "gpu"] as const).flatMap((of) => {
    const there = machine[of]
    const short = toRun.filter(({ node: { resources } }) =>
      resources[of] > there && (of === "memory" || there > 0 || resources[of] > 1)
    )
    if (short.length === 0) return []
    const wanted = Math.max(...short.map(({ node: { resources } }) => resources[of]))
    return [{ of, nodes: short.map(({ node: { name } }) => name), wanted, there }]
  })

type ToRun = ReadonlyArray<NodeSnapshot>

/** Of nodes that are known to have one key, one is executed. */
const onceForEachKey = (toRun: ToRun, durations: ReadonlyMap<string, Duration>): ReadonlyMap<string, Duration> => {
  const keys = new Set<Digest>()
  const once = new Map(durations)
  for (const { node: { name }, status } of toRun) {
    const key = status._tag === "WillRun" ? status.action?.key : undefined
    const duration = durations.get(name)
    if (key === undefined) continue
    if (keys.has(key) && duration !== undefined) once.set(name, { ...duration, milliseconds: 0 })
    keys.add(key)
  }
  return once
}

const stageForecast = (stage: string, own: ToRun, durations: ReadonlyMap<string, Duration>): StageForecast => {
  const { WillRun: willRun, MayRun: mayRun } = countsOf(own)
  let [least, most, isKnown] = [0, 0, true]
  const bases = new Map<string, StageForecast["bases"][number]>()
  for (const { node, status } of own) {
    const duration = durations.get(node.name)
    isKnown &&= duration !== undefined
    if (duration === undefined) continue
    const { milliseconds, basis, isHere } = duration
    most += milliseconds
    if (status._tag === "WillRun") least += milliseconds
    const id = `${basis._tag} ${isHere}`
    const before = bases.get(id)
    const of = Math.max("of" in basis ? basis.of : 0, before !== undefined && "of" in before ? before.of : 0)
    bases.set(id, { ...basis, ...(basis._tag === "LastTime" ? {} : { of }), isHere, nodes: (before?.nodes ?? 0) + 1 })
  }
  return { stage, willRun, mayRun, time: isKnown ? { least, most } : undefined, bases: [...bases.values()] }
}

/** The shortest and the longest time until all is done: whether what may run does is not known before. */
const wallTime = (
  toRun: ToRun,
  durations: ReadonlyMap<string, Duration>,
  order: Forecast["order"],
  machine: Machine,
): Time => {
  const running = new Map(toRun.map((each) => [each.node.name, each]))
  const inOrder = order === undefined ? toRun : order.flatMap((name) => running.get(name) ?? [])
  const timeOf = (isCounted: (each: NodeSnapshot) => boolean): number =>
    wallTimeOf(
      inOrder.map((each) => ({
        name: each.node.name,
        milliseconds: isCounted(each) ? durations.get(each.node.name)?.milliseconds ?? 0 : 0,
        after: sources(each.node).filter((source) => running.has(source)),
        resources: demandOf(each.node),
      })),
      machine,
    )
  const most = timeOf(() => true)
  return toRun.every(({ status }) => status._tag === "WillRun")
    ? { least: most, most }
    : { least: Math.min(most, timeOf(({ status }) => status._tag === "WillRun")), most }
}

/**
 * The longest way first, by times in whole seconds: below that, what a machine happens to take would mix nodes up. What is
 * not measured yet counts as the mean of what is.
 */
const orderOf = (
  { graph }: Snapshot,
  toRun: ToRun,
  durations: ReadonlyMap<string, Duration>,
): ReadonlyArray<string> | undefined => {
  const seconds = (milliseconds: number): number => Math.round(milliseconds / 1000)
  const known = [...durations.values()]
  if (!known.some(({ milliseconds }) => seconds(milliseconds) > 0)) return undefined
  const mean = known.reduce((total, { milliseconds }) => total + milliseconds, 0) / known.length
  const times = new Map(toRun.map(({ node: { name } }) => [name, seconds(durations.get(name)?.milliseconds ?? mean)]))
  return startOrder(graph, rankOf(graph, (name) => times.get(name)))
}

/** The file sets that nodes lack, each once; what goes into one folder stands together. */
export const missingFiles = (snapshot: Snapshot): ReadonlyArray<MissingFiles> => {
  const sets = new Map(
    withStatus(snapshot, "Missing").map(({ status: { _tag, ...missing } }) => [
      JSON.stringify([missing.set.base, missing.names]),
      missing,
    ]),
  )
  return [...sets.values()].toSorted((one, other) =>
    one.set.base < other.set.base ? -1 : one.set.base > other.set.base ? 1 : 0
  )
}

const unofficialFiles = (
  node: Node,
  files: ReadonlyArray<SourceFile & { readonly role: string }>,
): ReadonlyArray<string> =>
  [...node.inputs].flatMap(([role, wire]) =>
    wire._tag === "Files" ? unofficial(wire.set, files.filter((file) => file.role === role)) : []
  )
