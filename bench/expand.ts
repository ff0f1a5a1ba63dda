/**
 * How long the expansion of the paper's grid takes, the first time and when everything is warm.
 *
 * Run as `node bench/expand.ts`; prints milliseconds, wall time.
 */
import { cpus } from "node:os"
import { dirname } from "node:path"
import config from "../dag.config.ts"
import { expand } from "../pipeline/graph/expand.ts"

const root = dirname(import.meta.dirname)
const times = Array.from({ length: 9 }, () => {
  const start = performance.now()
  const { nodes } = expand(config, "paper", root)
  return { nodes: nodes.size, milliseconds: performance.now() - start }
})
const [first] = times
const sorted = times.slice(1).map(({ milliseconds }) => milliseconds).sort((one, other) => one - other)
process.stdout.write(
  [
    `paper: ${first?.nodes} nodes`,
    `first expansion  ${first?.milliseconds.toFixed(1)} ms`,
    `median of later  ${sorted[Math.floor(sorted.length / 2)]?.toFixed(1)} ms`,
    `node ${process.versions.node}, ${cpus()[0]?.model}, ${cpus().length} cores`,
    "",
  ].join("\n"),
)
