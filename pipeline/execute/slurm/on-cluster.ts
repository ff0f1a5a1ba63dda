import type { Graph } from "../../graph/node.ts"
import type { Job } from "../../store/record.ts"
import { classOf, type ResourceClass, resourcesOn } from "./resource-class.ts"
import { type AllGraphs, jobOptionsIn, type SlurmFile } from "./slurm-file.ts"

/** A graph whose nodes need what slurm.yaml says that they need on a cluster. */
export interface OnCluster {
  readonly graph: Graph
  /** What the job of an action asks for, by what it is granted and its time limit in seconds. */
  readonly classOf: (job: Pick<Job, "node" | "resources">, timeout: number | undefined) => ResourceClass
}

/** Gives the nodes of a part of a graph what slurm.yaml says of them. No key depends on it. Throws an InputError. */
export const onCluster = (file: SlurmFile, part: Graph, whole = part, all?: AllGraphs): OnCluster => {
  // What a selector selects by what depends on what lies in the whole of it.
  const { of } = jobOptionsIn(file, whole, all)
  const nodes = [...part.nodes].map(([name, node]) =>
    [name, { ...node, resources: resourcesOn(node.resources, of(node)) }] as const
  )
  return {
    graph: { ...part, nodes: new Map(nodes) },
    classOf: ({ node, resources: { cpu, memory, gpu } }, timeout) =>
      classOf({ cpu, memory, gpu, ...(timeout === undefined ? {} : { timeout }) }, of({ name: node })),
  }
}
