import type { GpuHolder, GpuLeases } from "../execute/gpu-leases.ts"
import type { Resources } from "../graph/stage.ts"
import type { Granted } from "../store/record.ts"
import { type Beside, makeGpus } from "./gpus.ts"

/** What a run may use at most: actions at a time, threads, MiB, GPUs. */
export interface Limits extends Pick<Resources, "cpu" | "memory" | "gpu"> {
  readonly jobs: number
  /** The ids of the GPUs; 0, 1 and so on where they are left out. Where there is none of them, workers are shown none. */
  readonly gpus?: ReadonlyArray<string>
  /** What other runs of the machine hold of these; nothing where it is left out. */
  readonly leases?: GpuLeases
}

/** What is lent: what was granted, and how many may share each GPU of it. */
export interface Lent extends Granted {
  readonly share?: number
}

/** Lends resources so that what runs at one time never holds more than the limits. */
export interface Pool {
  /**
   * What is granted of `wanted`, or undefined where there is no room now. An action that wants more than there is gets
   * all there is, alone, rather than never running.
   */
  readonly take: (wanted: Resources) => Lent | undefined
  /** Those that held a GPU in other runs when the last wish had no room for that alone; none where it was granted. */
  readonly inTheWay: () => ReadonlyArray<GpuHolder>
  /** Sees to it that no other run takes the GPUs of what goes on when this pool is closed, until the call that it gives. */
  readonly keep: (lent: Granted) => () => void
  /** Gives the GPUs back to other runs that were not given back one by one: nothing is lent any more. */
  readonly close: () => void
  /**
   * Counts the memory and the GPUs of what runs beside what this pool lends, begun by an earlier run. It keeps nothing
   * from starting that has the room: whether that goes on may depend on what starts.
   */
  readonly hold: (lent: Lent) => void
  /** What was held has ended, or is lent from now on. */
  readonly letGo: (lent: Lent) => void
  /** Lends what another pool granted, whether there is room or not. */
  readonly lend: (lent: Lent) => void
  readonly give: (lent: Lent) => void
}

/** A pool with nothing lent. */
export const makePool = (limits: Limits): Pool => {
  const used = { jobs: 0, cpu: 0, memory: 0 }
  let heldMemory = 0
  const ids = limits.gpus ?? Array.from({ length: limits.gpu }, (_, index) => String(index))
  const gpus = makeGpus(ids)
  const { leases } = limits
  let inTheWay: ReadonlyArray<GpuHolder> = []
  /** The GPUs that other runs are not to take, as this pool took them. */
  const leased: Array<string> = []
  const add = (lent: Lent, sign: 1 | -1) => {
    used.jobs += sign
    used.cpu += sign * lent.cpu
    used.memory += sign * lent.memory
    gpus[sign === 1 ? "lend" : "takeBack"](lent.gpus ?? [], lent.share ?? 1)
    // Sums of fractions drift; with nothing lent, nothing is used.
    if (used.jobs === 0) Object.assign(used, { cpu: 0, memory: 0 })
  }
  const release = (lent: ReadonlyArray<string>) => {
    const given = lent.filter((id) => {
      const at = leased.indexOf(id)
      if (at >= 0) leased.splice(at, 1)
      return at >= 0
    })
    leases?.remove(given)
  }
  /** The GPUs that an action holds from now on; undefined where there are not so many, or other runs hold them. */
  const takeGpus = (count: number, share: number): ReadonlyArray<string> | undefined => {
    if (count === 0) return []
    const others = leases?.others(ids) ?? new Map<string, ReadonlyArray<GpuHolder>>()
    const found = gpus.find(count, share, sharesOf(others))
    if (found === undefined) {
      if (gpus.find(count, share) !== undefined) inTheWay = [...others.values()].flat()
      return undefined
    }
    gpus.lend(found, share)
    leases?.add(found, share)
    leased.push(...found)
    // Another may have done the same at the same moment.
    const beside = leases?.others(found) ?? others
    if (gpus.agrees(found, sharesOf(beside))) return found
    inTheWay = [...beside.values()].flat()
    gpus.takeBack(found, share)
    release(found)
    return undefined
  }
  return {
    take: ({ share = 1, ...wanted }) => {
      inTheWay = []
      const granted = {
        cpu: Math.min(wanted.cpu, limits.cpu),
        memory: Math.min(wanted.memory, limits.memory),
        gpu: Math.min(wanted.gpu, ids.length),
      }
      const fits = used.jobs < limits.jobs
        && used.cpu + granted.cpu <= limits.cpu
        && used.memory + heldMemory + granted.memory <= limits.memory
      const found = fits ? takeGpus(granted.gpu, share) : undefined
      if (found === undefined) return undefined
      const lent = {
        ...granted,
        // Where it is known which GPUs there are, or that there is none, an action sees those that it holds alone.
        ...(limits.gpus === undefined && ids.length === 0 ? {} : { gpus: found }),
        ...(share === 1 || found.length === 0 ? {} : { share }),
      }
      // The GPUs are lent already.
      add({ ...lent, gpus: [] }, 1)
      return lent
    },
    inTheWay: () => inTheWay,
    keep: (lent) => leases?.keep(lent.gpus ?? []) ?? (() => {}),
    close: () => release([...leased]),
    hold: (lent) => {
      heldMemory += lent.memory
      gpus.lend(lent.gpus ?? [], lent.share ?? 1)
    },
    letGo: (lent) => {
      heldMemory -= lent.memory
      gpus.takeBack(lent.gpus ?? [], lent.share ?? 1)
    },
    lend: (lent) => {
      add(lent, 1)
    },
    give: (lent) => {
      add(lent, -1)
      release(lent.gpus ?? [])
    },
  }
}

const sharesOf = (others: ReadonlyMap<string, ReadonlyArray<GpuHolder>>): Beside =>
  new Map([...others].map(([id, holders]) => [id, holders.map(({ share }) => share)]))
