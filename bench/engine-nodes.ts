/**
 * What a node costs: real runs of a project of 1,400 trivial nodes, by this build and by that of another commit.
 *
 * Run as `node bench/engine-nodes.ts`; `--against COMMIT` names the other commit, `--rounds N` how often each side runs
 * (5). Prints medians of both sides, which take turns: a run that executes every node, the same run once more, which
 * executes none, and `dag plan`; wall time and the processor time of all processes and threads. `--split` runs this
 * build alone and prints where the time goes: system calls (where strace is installed), and a profile of the engine's
 * own thread. Ends with 1 where this build takes longer for a node than the other one.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { topOf } from "./engine/profile.ts"
import { nodes } from "./engine/project.ts"
import { compareBuilds, measures, medianOf, nodeOf, repository, Side } from "./engine/sides.ts"
import { table } from "./report.ts"

const { values: { against, rounds, split } } = parseArgs({
  options: {
    against: { type: "string", default: "1a59db5" },
    rounds: { type: "string", default: "5" },
    split: { type: "boolean", default: false },
  },
})

const folder = mkdtempSync(join(tmpdir(), "redag-nodes-"))

const compare = (): void => {
  const [ours, theirs] = compareBuilds(against, Number(rounds), folder)
  const rows = measures.flatMap((measure) =>
    (["wall", "cpu"] as const).map((of) => {
      const [one, other] = [medianOf(ours, measure, of), medianOf(theirs, measure, of)]
      return [`${measure}, ${of}`, one.toFixed(2), other.toFixed(2), (one / other).toFixed(2)]
    })
  )
  const [one, other] = [nodeOf(ours), nodeOf(theirs)]
  process.stdout.write(table([["seconds", "this", against, "ratio"], ...rows]))
  process.stdout.write(
    `a node: ${one.toFixed(2)} ms, ${other.toFixed(2)} ms with ${against}; ratio ${(one / other).toFixed(2)}\n`,
  )
  if (one > other) process.exitCode = 1
}

const splitUp = (): void => {
  const side = new Side("this", repository, folder)
  const profiles = join(folder, "profiles")
  side.start(process.execPath, ["--cpu-prof", `--cpu-prof-dir=${profiles}`, side.tool, "run"])
  process.stdout.write(`own time of functions, ms, without waiting\n${table(topOf(profiles, 40))}`)
  side.emptyStore()
  const log = join(folder, "strace")
  if (spawnSync("strace", ["-V"]).status !== 0) return
  side.start("strace", ["-f", "-c", "-o", log, process.execPath, side.tool, "run"])
  process.stdout.write(
    `\nsystem calls, all threads\n${readFileSync(log, "utf8").split("\n").slice(0, 25).join("\n")}\n`,
  )
}

try {
  const load = loadavg()[0] ?? 0
  if (split) splitUp()
  else compare()
  process.stdout.write(
    `${nodes} nodes, ${rounds} rounds, medians; node ${process.versions.node}, ${cpus()[0]?.model.trim()}, `
      + `${cpus().length} cores; load before ${load.toFixed(1)}\n`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
