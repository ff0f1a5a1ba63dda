/**
 * What a node costs: real runs of a project of 1,400 trivial nodes, by this build and by that of another commit.
 *
 * Run as `node bench/engine-nodes.ts`; `--against COMMIT` names the other commit, `--rounds N` how often each side runs
 * (5). Prints medians of both sides, which take turns: a run that executes every node, the same run once more, which
 * executes none, and `dag plan`; wall time and the processor time of all processes and threads. `--split` runs this
 * build alone and prints where the time goes: system calls (where strace is installed), and a profile of the engine's
 * own thread. Ends with 1 where this build takes longer for a node than the other one.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { parseArgs } from "node:util"
import { topOf } from "./engine/profile.ts"
import { nodes, writeProject } from "./engine/project.ts"
import { median, table } from "./report.ts"

const { values: { against, rounds, split } } = parseArgs({
  options: {
    against: { type: "string", default: "1a59db5" },
    rounds: { type: "string", default: "5" },
    split: { type: "boolean", default: false },
  },
})

const repository = dirname(import.meta.dirname)
const folder = mkdtempSync(join(tmpdir(), "redag-nodes-"))
const node = process.execPath

/** Seconds that a command took on the clock, and that all processors took for it. */
interface Taken {
  readonly wall: number
  readonly cpu: number
}

/** A build, and the project that it runs. */
class Side {
  readonly name: string
  readonly #tool: string
  readonly #root: string

  constructor(name: string, repository: string) {
    this.name = name
    this.#tool = join(repository, "dist/dag.js")
    this.#root = join(folder, name, "project")
    writeProject(this.#root)
    execFileSync(node, [join(repository, "pipeline/build/prepare.ts")], { cwd: repository })
    // The project's own build is no part of what is measured.
    this.dag("plan")
  }

  dag(...words: ReadonlyArray<string>): Taken {
    return this.start(node, [this.#tool, ...words])
  }

  /** Runs any program in the project, such as one that watches what dag does. */
  start(program: string, words: ReadonlyArray<string>): Taken {
    const { NODE_OPTIONS: _, ...env } = process.env
    const [started, cpuBefore] = [performance.now(), childrenCpu()]
    const { status, stderr } = spawnSync(program, words, {
      cwd: this.#root,
      env,
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
    })
    if (status !== 0) throw new Error(`${program} ${words.join(" ")}: status ${status}\n${stderr}`)
    return { wall: (performance.now() - started) / 1000, cpu: childrenCpu() - cpuBefore }
  }

  emptyStore(): void {
    rmSync(join(this.#root, "artifacts"), { recursive: true, force: true })
  }

  get records(): number {
    return readdirSync(join(this.#root, "artifacts/actions")).length
  }

  get tool(): string {
    return this.#tool
  }
}

/** Seconds of processor time of all processes that this one has waited for; Linux counts in hundredths. */
const childrenCpu = (): number => {
  const fields = readFileSync("/proc/self/stat", "utf8").replace(/^.*\) /su, "").split(" ")
  return (Number(fields[13]) + Number(fields[14])) / 100
}

/** The repository as it was at a commit, with the packages of this one. */
const checkOut = (commit: string): string => {
  const path = join(folder, "other")
  mkdirSync(path)
  const archive = execFileSync("git", ["archive", commit], { cwd: repository, maxBuffer: 2 ** 31 })
  execFileSync("tar", ["-x"], { cwd: path, input: archive })
  execFileSync("cp", ["-al", join(repository, "node_modules"), join(path, "node_modules")])
  return path
}

const measures = ["executes all", "executes none", "plan"] as const

/** One round of a side: every measure, on a store that is empty at first. */
const roundOf = (side: Side): Readonly<Record<typeof measures[number], Taken>> => {
  side.emptyStore()
  const taken = { "executes all": side.dag("run"), "executes none": side.dag("run"), plan: side.dag("plan") }
  if (side.records !== nodes) throw new Error(`${side.name}: ${side.records} records, not ${nodes}`)
  return taken
}

const compare = (): void => {
  const sides = [new Side("this", repository), new Side(against, checkOut(against))]
  const taken = sides.map((): Array<ReturnType<typeof roundOf>> => [])
  for (let round = 0; round < Number(rounds); round++) {
    const turns = sides.map((side, index) => () => taken[index]?.push(roundOf(side)))
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) turn()
  }
  const medianOf = (side: number, measure: typeof measures[number], of: keyof Taken): number =>
    median((taken[side] ?? []).map((each) => each[measure][of]))
  const rows = measures.flatMap((measure) =>
    (["wall", "cpu"] as const).map((of) => {
      const [ours, theirs] = [medianOf(0, measure, of), medianOf(1, measure, of)]
      return [`${measure}, ${of}`, ours.toFixed(2), theirs.toFixed(2), (ours / theirs).toFixed(2)]
    })
  )
  // The same run, less what it takes where nothing is executed.
  const [ours = 0, theirs = 0] = sides.map((_, side) =>
    (medianOf(side, "executes all", "wall") - medianOf(side, "executes none", "wall")) / nodes * 1000
  )
  process.stdout.write(table([["seconds", "this", against, "ratio"], ...rows]))
  process.stdout.write(
    `a node: ${ours.toFixed(2)} ms, ${theirs.toFixed(2)} ms with ${against}; ratio ${(ours / theirs).toFixed(2)}\n`,
  )
  if (ours > theirs) process.exitCode = 1
}

const splitUp = (): void => {
  const side = new Side("this", repository)
  const profiles = join(folder, "profiles")
  side.start(node, ["--cpu-prof", `--cpu-prof-dir=${profiles}`, side.tool, "run"])
  process.stdout.write(`own time of functions, ms, without waiting\n${table(topOf(profiles, 40))}`)
  side.emptyStore()
  const log = join(folder, "strace")
  if (spawnSync("strace", ["-V"]).status !== 0) return
  side.start("strace", ["-f", "-c", "-o", log, node, side.tool, "run"])
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
