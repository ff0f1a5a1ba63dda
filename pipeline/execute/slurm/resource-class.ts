import { digestOfValue, short } from "../../base/digest.ts"
import type { Resources } from "../../graph/stage.ts"
import type { JobOptions } from "./job-options.ts"

/** What a job asks Slurm for. Nodes of one class may share a job and an array. */
export interface ResourceClass {
  /** A name that two classes have in common only where they are the same. */
  readonly id: string
  /** Of the job: of all that run at the same time in it. */
  readonly cpus: number
  /** Of the job, in MiB. */
  readonly memory: number
  /** The time limit of the job in seconds; the partition's default where it is left out. */
  readonly time?: number
  readonly gres?: string
  /** How many nodes run at the same time in one job. */
  readonly together: number
  /** How long before the time limit the job is told that it comes, in seconds. */
  readonly warning: number
  readonly options: Omit<JobOptions, "cpus" | "memory" | "time" | "gres" | "share" | "warning">
}

/** What the program takes that watches over a node in its job, in MiB; what slurm.yaml says holds that already. */
const WATCHING = 256

/** How long before the time limit a job is told, in seconds, where slurm.yaml does not say. */
const WARNING = 120

/** How often an action has more of what ran out, where its stage does not say. */
const MORE = 3

/**
 * What a node needs on a cluster: as slurm.yaml says, otherwise what it needs anywhere. A time limit there is one of a
 * job; a training that is not done by then goes on in another. Memory and time that ran out are raised apart.
 */
export const resourcesOn = (resources: Resources, { cpus, memory, time }: JobOptions): Resources => {
  const timeout = time ?? resources.timeout
  return {
    ...resources,
    cpu: cpus ?? resources.cpu,
    memory: memory ?? resources.memory + WATCHING,
    ...(timeout === undefined ? {} : { timeout }),
    retries: { memory: MORE, time: MORE, ...resources.retries },
  }
}

/** What a job asks for whose nodes each need so much: see {@link resourcesOn}, and what was raised since. */
export const classOf = (
  { cpu, memory, gpu, timeout }: Pick<Resources, "cpu" | "memory" | "gpu" | "timeout">,
  { cpus: _cpus, memory: _memory, time: _time, gres, share, warning, ...options }: JobOptions,
): ResourceClass => {
  const together = share ?? 1
  const devices = gres ?? (gpu > 0 ? `gpu:${gpu}` : undefined)
  const asked = {
    cpus: Math.max(1, Math.ceil(cpu)) * together,
    memory: Math.ceil(memory * together),
    ...(timeout === undefined ? {} : { time: Math.ceil(timeout) }),
    ...(devices === undefined ? {} : { gres: devices }),
    together,
    // In half of the time, at least, something is to be done.
    warning: Math.min(warning ?? WARNING, timeout === undefined ? Infinity : Math.floor(timeout / 2)),
    options,
  }
  return { id: short(digestOfValue("slurm-class", asked)), ...asked }
}
