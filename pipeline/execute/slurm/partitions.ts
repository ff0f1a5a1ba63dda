import type { JobOptions } from "./job-options.ts"
import { clock, secondsIn } from "./quantities.ts"

/** A compute node as a partition has it. */
export interface ComputeNode {
  readonly name: string
  readonly cpus: number
  /** In MiB. */
  readonly memory: number
  /** Generic resources, such as "gpu:a100:4(S:0-1)". */
  readonly gres: string
  /** Such as "idle", or "down*" where it does not answer. */
  readonly state: string
}

/** A partition of a cluster. */
export interface Partition {
  readonly name: string
  readonly isDefault: boolean
  /** The longest that a job may take, in seconds; no limit where it is left out. */
  readonly limit?: number
  readonly nodes: ReadonlyArray<ComputeNode>
}

/** The words of sinfo whose answer {@link partitionsIn} reads. */
export const partitionWords = ["--noheader", "--Node", "--format=%P|%l|%N|%c|%m|%G|%T"] as const

/** What `sinfo` lists, a node of a partition a line. */
export const partitionsIn = (text: string): ReadonlyArray<Partition> => {
  const found = new Map<string, Partition & { readonly nodes: Array<ComputeNode> }>()
  for (const line of text.split("\n")) {
    const [partition = "", limit = "", name = "", cpus, memory, gres = "", state] = line.trim().split("|")
    if (state === undefined) continue
    const seconds = secondsIn(limit)
    const known = found.get(partition) ?? {
      name: partition.replace(/\*$/u, ""),
      isDefault: partition.endsWith("*"),
      ...(seconds === undefined ? {} : { limit: seconds }),
      nodes: [],
    }
    known.nodes.push({
      name,
      cpus: Number.parseInt(cpus ?? "", 10),
      memory: Number.parseInt(memory ?? "", 10),
      gres,
      state,
    })
    found.set(partition, known)
  }
  return [...found.values()]
}

/** Whether a node can be given jobs, now or once its others have ended. */
export const isUsable = ({ state }: ComputeNode): boolean =>
  /^(?:idle|mixed|allocated|completing|planned)\b/u.test(state)

/** What no node of a partition has of what is asked for, and by which field of slurm.yaml that is. */
export interface Lacking {
  readonly field: "partition" | "time" | "memory" | "cpus" | "gres"
  readonly problem: string
}

/** What of that which is asked for no node of the partition has: jobs of it would wait for ever, or be refused. */
export const lackingIn = (options: JobOptions, partitions: ReadonlyArray<Partition>): ReadonlyArray<Lacking> => {
  const { partition: asked, time, memory, cpus, gres, share = 1 } = options
  const chosen = asked === undefined
    ? partitions.filter(({ isDefault }) => isDefault)
    : partitions.filter(({ name }) => asked.split(",").includes(name))
  if (chosen.length === 0) {
    return [{
      field: "partition",
      problem: asked === undefined
        ? "names no partition, and the cluster has no default"
        : `there is no partition "${asked}"; there are ${partitions.map(({ name }) => name).join(", ")}`,
    }]
  }
  const nodes = chosen.flatMap((each) => each.nodes)
  const where = `partition ${chosen.map(({ name }) => name).join(", ")}`
  const limit = Math.max(...chosen.map((each) => each.limit ?? Infinity))
  const [most, widest] = [Math.max(...nodes.map((node) => node.memory)), Math.max(...nodes.map((node) => node.cpus))]
  const kind = gres?.replace(/:\d+$/u, "")
  const found: Array<Lacking> = []
  if (time !== undefined && time > limit) {
    found.push({ field: "time", problem: `time ${clock(time)}: ${where} allows ${clock(limit)}` })
  }
  if (memory !== undefined && memory * share > most) {
    found.push({
      field: "memory",
      problem: `memory ${memory * share} MiB: no node of ${where} has more than ${most}`,
    })
  }
  if (cpus !== undefined && cpus * share > widest) {
    found.push({ field: "cpus", problem: `${cpus * share} CPUs: no node of ${where} has more than ${widest}` })
  }
  if (kind !== undefined && !nodes.some((node) => `,${node.gres}`.includes(`,${kind}`))) {
    found.push({ field: "gres", problem: `gres ${gres ?? ""}: no node of ${where} has any` })
  }
  return found
}
