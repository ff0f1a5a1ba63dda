import type { Resources } from "../graph/stage.ts"

/** What a run may use at most: actions at a time, threads, MiB, GPUs. */
export interface Limits extends Resources {
  readonly jobs: number
}

/** Lends resources so that what runs at one time never holds more than the limits. */
export interface Pool {
  /**
   * What is granted of `wanted`, or undefined where there is no room now. An action that wants more than there is gets
   * all there is, alone, rather than never running.
   */
  readonly take: (wanted: Resources) => Resources | undefined
  /** Counts what an earlier pool of this process granted, and what still runs holds, as lent by this one. */
  readonly hold: (granted: Resources) => void
  readonly give: (granted: Resources) => void
  /** Whether nothing more can start, whatever it wants. */
  readonly isFull: () => boolean
}

/** A pool with nothing lent. */
export const makePool = (limits: Limits): Pool => {
  const used = { jobs: 0, cpu: 0, memory: 0, gpu: 0 }
  const add = (granted: Resources, sign: 1 | -1) => {
    used.jobs += sign
    used.cpu += sign * granted.cpu
    used.memory += sign * granted.memory
    used.gpu += sign * granted.gpu
    // Sums of fractions drift; with nothing lent, nothing is used.
    if (used.jobs === 0) Object.assign(used, { cpu: 0, memory: 0, gpu: 0 })
  }
  return {
    take: (wanted) => {
      const granted = {
        cpu: Math.min(wanted.cpu, limits.cpu),
        memory: Math.min(wanted.memory, limits.memory),
        gpu: Math.min(wanted.gpu, limits.gpu),
      }
      const fits = used.jobs < limits.jobs
        && used.cpu + granted.cpu <= limits.cpu
        && used.memory + granted.memory <= limits.memory
        && used.gpu + granted.gpu <= limits.gpu
      if (!fits) return undefined
      add(granted, 1)
      return granted
    },
    hold: (granted) => {
      add(granted, 1)
    },
    give: (granted) => {
      add(granted, -1)
    },
    isFull: () => used.jobs >= limits.jobs,
  }
}
