import { type Absent, type FileSet, unofficial } from "../graph/files.ts"
import type { Node } from "../graph/node.ts"
import type { SourceFile } from "../graph/stage.ts"
import { type Counts, countsOf, type Snapshot, withStatus } from "./snapshot.ts"

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
  /** Wall time. */
  readonly time: Time | undefined
  /** Most memory that actions running side by side are granted, MiB. */
  readonly memory: number
}

/** What will or may run of a stage. */
export interface StageForecast {
  readonly stage: string
  readonly willRun: number
  readonly mayRun: number
  readonly time: Time | undefined
}

/** A time in milliseconds, with what will run alone and with what may run too; undefined where it is not known yet. */
export interface Time {
  readonly least: number
  readonly most: number
}

/** Files of a set that are not there. */
export interface MissingFiles extends Omit<Absent, "_tag"> {
  readonly set: FileSet
}

/** What a machine gives to a run: actions at a time, threads, MiB. */
export interface Machine {
  readonly jobs: number
  readonly cpu: number
  readonly memory: number
}

/** What a run will take; times are those that the same stages took here before. */
export const forecastOf = (snapshot: Snapshot, machine: Machine): Forecast => {
  const toRun = withStatus(snapshot, "WillRun", "MayRun")
  const actions = withStatus(snapshot, "WillRun").flatMap(({ node, status: { action } }) =>
    action === undefined ? [] : [{ node, action }]
  )
  const took = timesByStage(snapshot)
  const stages = [...Map.groupBy(toRun, ({ node }) => node.stage.name)].map(([stage, own]) => {
    const { WillRun: willRun, MayRun: mayRun } = countsOf(own)
    const mean = took.get(stage)
    return {
      stage,
      willRun,
      mayRun,
      time: mean === undefined ? undefined : { least: willRun * mean, most: (willRun + mayRun) * mean },
    }
  })
  const sideBySide = Math.max(1, Math.min(machine.jobs, machine.cpu))
  const sizes = toRun.map(({ node }) => Math.min(node.resources.memory, machine.memory))
  return {
    counts: countsOf(snapshot.nodes.values()),
    unfinished: actions.filter(({ action }) => action.unfinished).length,
    stages,
    missing: missingFiles(snapshot),
    unofficial: actions.flatMap(({ node, action }) => unofficialFiles(node, action.files)),
    time: sum(stages.map(({ time }) => time), sideBySide),
    memory: Math.min(
      machine.memory,
      sizes.sort((one, other) => other - one).slice(0, sideBySide).reduce((total, size) => total + size, 0),
    ),
  }
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

/** How long an action of each stage took on average, in milliseconds. */
const timesByStage = ({ nodes }: Snapshot): ReadonlyMap<string, number> => {
  const records = [...nodes.values()].flatMap(({ record }) => record ?? [])
  return new Map(
    [...Map.groupBy(records, ({ preImage }) => preImage.stage)].map(([stage, own]) => [
      stage,
      own.reduce((total, { milliseconds }) => total + milliseconds, 0) / own.length,
    ]),
  )
}

const sum = (times: ReadonlyArray<Time | undefined>, sideBySide: number): Time | undefined => {
  const known = times.filter((time) => time !== undefined)
  if (known.length < times.length) return undefined
  return {
    least: known.reduce((total, { least }) => total + least, 0) / sideBySide,
    most: known.reduce((total, { most }) => total + most, 0) / sideBySide,
  }
}
