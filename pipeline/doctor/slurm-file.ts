import { counted, some } from "../base/text.ts"
import { lackingIn, type Partition } from "../execute/slurm/partitions.ts"
import { classOf, resourcesOn } from "../execute/slurm/resource-class.ts"
import { type Graphs, jobOptionsIn, readSlurmFile, slurmFile } from "../execute/slurm/slurm-file.ts"
import type { Finding } from "./check.ts"

/**
 * What of that which slurm.yaml asks for no compute node has, for the nodes of these graphs: those of all profiles that can
 * be declared. Throws an InputError where `dag run` would.
 */
export const checkFile = (
  root: string,
  declared: ReadonlyArray<string>,
  graphs: Graphs,
  partitions: ReadonlyArray<Partition>,
): Finding => {
  const file = readSlurmFile(root, declared)
  const lacking = new Map<string, Set<string>>()
  for (const graph of graphs) {
    const { of, saidAt } = jobOptionsIn(file, graph, () => graphs)
    const known = new Map<string, ReadonlyArray<string>>()
    for (const node of graph.nodes.values()) {
      const options = of(node)
      const needed = resourcesOn(node.resources, options)
      const { cpu, memory, timeout } = needed
      const { gres } = classOf(needed, options)
      const asked = {
        ...options,
        cpus: Math.max(1, Math.ceil(cpu)),
        memory,
        ...(timeout === undefined ? {} : { time: timeout }),
        ...(gres === undefined ? {} : { gres }),
      }
      const places = fields.map((field) => saidAt(node, causes[field]))
      // Few kinds of jobs serve thousands of nodes.
      const id = JSON.stringify([asked, places])
      const problems = known.get(id) ?? lackingIn(asked, partitions).flatMap(({ field, problem }) => {
        const at = saidAt(node, causes[field])
        // What the file says nothing of is no matter of the file.
        return at === undefined ? [] : [`${slurmFile}:${file.lines.get(at) ?? 1} ${at}: ${problem}`]
      })
      known.set(id, problems)
      for (const problem of problems) lacking.set(problem, (lacking.get(problem) ?? new Set()).add(node.name))
    }
  }
  if (lacking.size > 0) {
    return {
      status: "broken",
      detail: [...lacking].map(([problem, nodes]) => `${problem} (for ${some([...nodes], 2)})`).join("; "),
      help: "ask for what the cluster has: such jobs would never start",
    }
  }
  const { profiles, rules, lines } = file
  if (lines.size === 0 && profiles.length === 0) {
    return { status: "usable", detail: "there is none: jobs ask for what nodes say that they need" }
  }
  const by = profiles.length === 0 ? "no profile runs on Slurm by itself" : `${profiles.join(", ")} run on Slurm`
  return { status: "usable", detail: `${counted(rules.length, "rule")}; ${by}` }
}

/** What a partition may lack. */
const fields = ["partition", "time", "memory", "cpus", "gres"] as const

/** By what fields of slurm.yaml a node may ask for what its partition lacks. */
const causes = {
  partition: ["partition"],
  time: ["time", "partition"],
  memory: ["memory", "share", "partition"],
  cpus: ["cpus", "share", "partition"],
  gres: ["gres", "partition"],
} as const
