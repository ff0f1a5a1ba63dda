import { counted, some } from "../base/text.ts"
import type { OnCluster } from "../execute/slurm/on-cluster.ts"
import { pack, type Waiting } from "../execute/slurm/packing.ts"
import type { ResourceClass } from "../execute/slurm/resource-class.ts"
import { scriptOf } from "../execute/slurm/script.ts"
import type { Node } from "../graph/node.ts"
import type { Forecast } from "../status/forecast.ts"
import { type Snapshot, withStatus } from "../status/snapshot.ts"
import { jobNameOf, outputOf } from "../store/batch.ts"
import { layoutOf } from "../store/layout.ts"

/** What stands for the name of a batch, which has none before it is submitted. */
const BATCH = "BATCH"

/** As many tasks as an array may have by Slurm's own default; the cluster is not asked. */
const ARRAY = 1000

/** The scripts that a run would submit, one for each class of jobs, as if all nodes of a class were ready at once. */
export const scriptsText = (
  planned: Snapshot,
  { classOf }: Pick<OnCluster, "classOf">,
  { durations }: Pick<Forecast, "durations">,
  start: { readonly root: string; readonly store: string; readonly command: ReadonlyArray<string> },
): string => {
  const classes = new Map<string, ResourceClass>()
  const waiting = withStatus(planned, "WillRun", "MayRun").map(({ node }): Waiting<Node> => {
    const { cpu, memory, gpu, timeout } = node.resources
    const asked = classOf({ node: node.name, resources: { cpu, memory, gpu } }, timeout)
    classes.set(asked.id, asked)
    return {
      item: node,
      class: asked.id,
      together: asked.together,
      limit: asked.time === undefined ? undefined : asked.time * 1000,
      expected: durations.get(node.name)?.milliseconds,
    }
  })
  const packed = pack(waiting, { arraySize: ARRAY })
  return [...classes].map(([id, asked]) => {
    const tasks = packed.filter((each) => each.class === id).flatMap((each) => each.tasks)
    const names = tasks.flat().map(({ name }) => name)
    const script = scriptOf(
      { id: BATCH, jobName: jobNameOf(BATCH), class: asked, tasks: Math.min(tasks.length, ARRAY) },
      {
        root: start.root,
        command: start.command,
        output: outputOf(layoutOf(start.store).logs.folder, BATCH, "{task}"),
      },
    )
    return `# ${counted(names.length, "node")} in at most ${
      counted(tasks.length, "task")
    } at once, submitted as they become ready: ${some(names)}\n${script}`
  }).join("\n")
}
