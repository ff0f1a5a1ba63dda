import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { availableParallelism } from "node:os"
import { attempt } from "../base/attempt.ts"
import { InputError } from "../base/errors.ts"
import { machineMemory } from "../execute/environment.ts"
import { type GpuHolder, makeGpuLeases } from "../execute/gpu-leases.ts"
import { installedGpus, listOf, visibleGpus } from "../execute/gpus.ts"
import type { Graph } from "../graph/node.ts"
import type { Limits } from "../run/pool.ts"
import { printNoteNow } from "./text/output.ts"

/** The flags that say what a run may use, where that is not all that there is. */
export const limitFlags = {
  jobs: Flag.Int("jobs").pipe(
    Flag.withAlias("j"),
    Flag.withDescription("Actions to run at the same time; as many as there are cores if left out"),
    Flag.optional,
  ),
  memory: Flag.String("memory").pipe(
    Flag.withDescription(
      "Memory that actions may hold at the same time, such as 16G; nine tenths of what there is if left out",
    ),
    Flag.optional,
  ),
  gpus: Flag.String("gpus").pipe(
    Flag.withDescription("GPUs to use: how many, or their ids with commas between them; all if left out"),
    Flag.optional,
  ),
}

/** What the flags say. */
export interface Asked {
  readonly jobs: Option.Option<number>
  readonly memory: Option.Option<string>
  readonly gpus: Option.Option<string>
}

const nothingAsked: Asked = { jobs: Option.none(), memory: Option.none(), gpus: Option.none() }

/** What a run may use of this machine. GPUs are looked for only where a node of the graph wants one. */
export const limitsOf = (graph: Graph, asked: Asked = nothingAsked): Effect.Effect<Limits, InputError> =>
  attempt(() => {
    const jobs = Option.getOrUndefined(asked.jobs)
    const memory = Option.getOrUndefined(asked.memory)
    const gpus = Option.getOrUndefined(asked.gpus)
    const cpu = availableParallelism()
    if (jobs !== undefined && jobs < 1) {
      throw new InputError({
        field: "--jobs",
        message: `must be 1 or more, got ${jobs}`,
        help: "give a number of actions",
      })
    }
    const isWanted = gpus !== undefined || [...graph.nodes.values()].some(({ resources }) => resources.gpu > 0)
    const visible = isWanted ? visibleGpus(process.env, installedGpus) : []
    const lent = gpus === undefined ? visible : chosenGpus(gpus, visible)
    const most = Math.floor(machineMemory() * 0.9)
    const granted = memory === undefined ? most : mebibytesIn(memory)
    // Where nobody speaks of GPUs, workers see what this process does.
    return {
      jobs: jobs ?? cpu,
      cpu,
      memory: granted,
      gpu: lent.length,
      ...(isWanted ? { gpus: lent } : {}),
      ...(lent.length > 0 ? { leases: makeGpuLeases(undefined, undefined, sayLost) } : {}),
    }
  })

/** A number is how many; what has commas, or is no number, are ids. Throws an InputError. */
export const chosenGpus = (text: string, visible: ReadonlyArray<string>): ReadonlyArray<string> => {
  const there = visible.length === 0 ? "this machine shows none" : `there are ${visible.join(", ")}`
  const wrong = (message: string) =>
    new InputError({
      field: "--gpus",
      message: `${message}: ${there}`,
      help:
        "give a number of GPUs, or their ids with commas between them; DAG_GPUS names those that nvidia-smi does not know",
    })
  if (/^\d+$/u.test(text.trim())) {
    const count = Number(text)
    if (count > visible.length) throw wrong(`asks for ${count}`)
    return visible.slice(0, count)
  }
  const ids = listOf(text)
  const absent = ids.find((id) => !visible.includes(id))
  if (absent !== undefined || ids.length === 0) throw wrong(`asks for ${absent === undefined ? "none" : `"${absent}"`}`)
  return ids
}

const units: Readonly<Record<string, number>> = { "": 2 ** 20, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** `16G`, `512M` or a number of MiB, in MiB. Throws an InputError. */
export const mebibytesIn = (text: string): number => {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([MGT]?)(?:i?B)?$/iu.exec(text.trim()) ?? []
  const value = Math.floor(Number(number) * (units[unit.toUpperCase()] ?? NaN) / 2 ** 20)
  if (number !== "" && value > 0) return value
  throw new InputError({ field: "--memory", message: `is "${text}"`, help: "give a size such as 16G or 512M" })
}

/** Two executions may have the same GPU now: both may run out of its memory. */
const sayLost = (gpu: string, holders: ReadonlyArray<GpuHolder>): void => {
  const who = holders.map(({ pid, folder }) => `process ${pid} in ${folder}`).join(", ")
  printNoteNow(`GPU ${gpu} is used by ${who} too, which took this run for dead after a minute of silence`)
}
