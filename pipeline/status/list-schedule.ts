import type { Node } from "../graph/node.ts"
import type { Resources } from "../graph/stage.ts"
import { Heap } from "./heap.ts"

/** What a machine gives to a run: actions at a time, threads, MiB, GPUs. */
export interface Machine extends Pick<Resources, "cpu" | "memory" | "gpu"> {
  readonly jobs: number
}

/** An action that is to be executed. */
export interface Task {
  readonly name: string
  readonly milliseconds: number
  /** Tasks that end before it starts. */
  readonly after: ReadonlyArray<string>
  readonly resources: Pick<Resources, "cpu" | "memory" | "gpu">
}

/** What a node wants of a machine: of a GPU that it shares, its part. */
export const demandOf = ({ resources: { cpu, memory, gpu, share = 1 } }: Node): Task["resources"] => ({
  cpu,
  memory,
  gpu: gpu / share,
})

/** Tasks that want the same of a machine, and those of them that are ready, the first of the order at the top. */
interface Demand extends Pick<Resources, "cpu" | "memory" | "gpu"> {
  readonly ready: Heap<number>
}

/**
 * How long tasks take on a machine, in milliseconds, where each time the first of them starts that is ready and that
 * there is room for, as a run does it.
 *
 * Time and memory grow with the number of tasks and of different demands.
 */
export const wallTimeOf = (tasks: ReadonlyArray<Task>, machine: Machine): number => {
  const places = new Map(tasks.map(({ name }, place) => [name, place]))
  const waitsOn: Array<number> = []
  const dependents = tasks.map((): Array<number> => [])
  const demands = new Map<string, Demand>()
  const demandOf = tasks.map(({ resources }) => demandIn(demands, resources, machine))
  const ends = new Heap<number>()
  const free = { jobs: machine.jobs, cpu: machine.cpu, memory: machine.memory, gpu: machine.gpu }
  let now = 0

  const give = (demand: Demand | undefined, sign: 1 | -1) => {
    free.jobs += sign
    free.cpu += sign * (demand?.cpu ?? 0)
    free.memory += sign * (demand?.memory ?? 0)
    free.gpu += sign * (demand?.gpu ?? 0)
  }
  const isRoomFor = ({ cpu, memory, gpu }: Demand): boolean =>
    cpu <= free.cpu + 1e-9 && memory <= free.memory + 1e-9 && gpu <= free.gpu + 1e-9
  const makeReady = (place: number) => {
    demandOf[place]?.ready.push(place, place)
  }
  const start = () => {
    while (free.jobs > 0) {
      let first: Demand | undefined
      for (const demand of demands.values()) {
        const { least } = demand.ready
        if (least !== undefined && least < (first?.ready.least ?? Infinity) && isRoomFor(demand)) first = demand
      }
      const place = first?.ready.pop()
      if (place === undefined) return
      give(first, -1)
      ends.push(now + (tasks[place]?.milliseconds ?? 0), place)
    }
  }

  for (const [place, { after }] of tasks.entries()) {
    const sources = after.flatMap((name) => places.get(name) ?? [])
    waitsOn.push(sources.length)
    for (const source of sources) dependents[source]?.push(place)
    if (sources.length === 0) makeReady(place)
  }
  start()
  for (let at = ends.least; at !== undefined; at = ends.least) {
    now = at
    // All that ends now leaves its room before anything starts in it.
    while (ends.least === at) {
      const place = ends.pop()
      if (place === undefined) break
      give(demandOf[place], 1)
      for (const each of dependents[place] ?? []) {
        const left = (waitsOn[each] ?? 0) - 1
        waitsOn[each] = left
        if (left === 0) makeReady(each)
      }
    }
    start()
  }
  return now
}

/** The demand of a task: what wants more than there is gets all there is. */
const demandIn = (
  demands: Map<string, Demand>,
  { cpu, memory, gpu }: Task["resources"],
  machine: Machine,
): Demand => {
  const wanted = {
    cpu: Math.min(cpu, machine.cpu),
    memory: Math.min(memory, machine.memory),
    gpu: Math.min(gpu, machine.gpu),
  }
  const id = `${wanted.cpu} ${wanted.memory} ${wanted.gpu}`
  const known = demands.get(id)
  if (known !== undefined) return known
  const demand = { ...wanted, ready: new Heap<number>() }
  demands.set(id, demand)
  return demand
}
