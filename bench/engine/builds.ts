import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { table } from "../report.ts"
import { repository } from "./install.ts"
import { topOf } from "./profile.ts"
import { compareBuilds, measures, medianOf, nodeOf, Side } from "./sides.ts"

/** Prints what this build and that of another commit take for a graph; sets the exit code where this one is slower. */
export const compareWith = (against: string, nodes: number, rounds: number, folder: string): void => {
  const own = join(folder, String(nodes))
  mkdirSync(own)
  const [ours, theirs] = compareBuilds(against, nodes, rounds, own)
  const rows = measures.flatMap((measure) =>
    (["wall", "cpu"] as const).map((of) => {
      const [one, other] = [medianOf(ours, measure, of), medianOf(theirs, measure, of)]
      return [`${measure}, ${of}`, one.toFixed(2), other.toFixed(2), (one / other).toFixed(2)]
    })
  )
  process.stdout.write(`\n${nodes.toLocaleString("en")} nodes, ${rounds} rounds, medians\n`)
  process.stdout.write(table([["seconds", "this", against, "ratio"], ...rows]))
  for (const clock of ["wall", "cpu"] as const) {
    const [one, other] = [nodeOf(ours, nodes, clock), nodeOf(theirs, nodes, clock)]
    process.stdout.write(
      `a node, ${clock}: ${one.toFixed(2)} ms, ${other.toFixed(2)} ms with ${against}; ratio ${
        (one / other).toFixed(2)
      }\n`,
    )
    if (clock === "cpu" && one > other) process.exitCode = 1
  }
}

/** Prints where the time of this build goes: functions of the engine's thread, and system calls where strace is there. */
export const splitUp = (nodes: number, folder: string): void => {
  const side = new Side("this", repository, folder, nodes)
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
