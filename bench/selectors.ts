/**
 * What a command takes to find the nodes of a selector, the first time that its process asks.
 *
 * Run as `node bench/selectors.ts [NODES] [ROUNDS]` (100000 and 7): each selector in a process of its own, in turns. Prints
 * medians of processor time, in ms.
 */
import { Effect, Schema } from "effect"
import { execFileSync } from "node:child_process"
import { cpus, loadavg } from "node:os"
import { expand } from "../pipeline/graph/expand.ts"
import type { Ref } from "../pipeline/graph/node.ts"
import { selectNodes } from "../pipeline/graph/select.ts"
import { many, stage } from "../pipeline/graph/stage.ts"
import { shapeOf } from "./engine/shape.ts"
import { median, table } from "./report.ts"

const selectors = [
  "step/fan7",
  "step/chain*",
  "+step/sum3",
  "+step/chain5-40",
  "2+step/chain5-40",
  "+step/*",
  "step/fan7+",
  "step/first+",
  "step/first+2",
  "@step/sum3",
  "@step/first",
  "stage=step,+step/sum*",
  "+step/sum3 +step/sum4",
]

const Values = Schema.Struct({ value: Schema.Int }).annotate({ identifier: "values" })
const step = stage({
  name: "step",
  params: Schema.Struct({ by: Schema.Int }),
  inputs: { from: many(Values) },
  outputs: { values: Values },
  run: () => Effect.die("selecting executes nothing"),
})

/** What one selector takes in this process, in ms of the processor, and how many nodes it selects. */
const once = (selector: string, count: number): readonly [number, number] => {
  const graph = expand(
    {
      defaultProfile: "main",
      profiles: {
        main: (dag) => {
          const made: Array<Ref<{ readonly value: number }>> = []
          for (const { name, from } of shapeOf(count)) {
            const inputs = { from: from.flatMap((at) => made[at] ?? []) }
            made.push(dag.add(step, { name, params: { by: made.length }, inputs }).values)
          }
        },
      },
    },
    "main",
    ".",
  )
  const before = process.cpuUsage()
  const { size } = selectNodes(graph, { include: [selector], exclude: [] })
  const { user, system } = process.cpuUsage(before)
  return [(user + system) / 1000, size]
}

const [nodes = "100000", rounds = "7", selector] = process.argv.slice(2)
if (selector === undefined) {
  const taken = new Map<string, Array<readonly [number, number]>>(selectors.map((each) => [each, []]))
  for (let round = 0; round < Number(rounds); round++) {
    for (const [each, all] of taken) {
      const words = [import.meta.filename, nodes, rounds, each]
      all.push(JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" })) as readonly [number, number])
    }
  }
  const rows = [...taken].map(([each, all]) => [
    each,
    String(all[0]?.[1]),
    median(all.map(([milliseconds]) => milliseconds)).toFixed(1),
  ])
  process.stdout.write(table([["selector", "selects", "ms of the processor"], ...rows]))
  process.stdout.write(`${nodes} nodes; node ${process.versions.node}, ${cpus()[0]?.model}; load ${loadavg()[0]}\n`)
} else process.stdout.write(JSON.stringify(once(selector, Number(nodes))))
