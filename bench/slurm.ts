/**
 * What Slurm behind the executor costs: short nodes packed into few jobs, against GNU parallel on the same cores.
 *
 * Run as `node bench/slurm.ts`: it starts a cluster of its own (see test/slurm/cluster.ts), three nodes of `--cpus` cores
 * (1), and has `--nodes` nodes (2000) that wait for `--milliseconds` (50) each executed by `dag run --executor slurm`, by
 * `dag run` on this machine, and by `parallel` with a command that sleeps as long, as many at a time. They take turns for
 * `--rounds` (1). Prints seconds on the clock, nodes a second, and how often sbatch and squeue were called; ends with 1
 * where Slurm executes fewer than 20 a second or takes more than 1.3 times as long as GNU parallel.
 *
 * `--demo` runs the demo on Slurm and on this machine with as many cores, once each, and compares the tables of results to
 * the digit; `--models` and `--corpora` narrow it.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { parseArgs } from "node:util"
import { type Cluster, noSlurm, startCluster } from "../test/slurm/cluster.ts"
import { type Counting, countingIn } from "../test/slurm/counting.ts"
import { programOf } from "../test/slurm/daemon.ts"
import { median, table } from "./report.ts"
import { writeWaiting } from "./slurm/project.ts"

const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "2000" },
    milliseconds: { type: "string", default: "50" },
    cpus: { type: "string", default: "1" },
    rounds: { type: "string", default: "1" },
    demo: { type: "boolean", default: false },
    models: { type: "string" },
    corpora: { type: "string" },
  },
})
const [nodes, milliseconds, cores] = [Number(values.nodes), Number(values.milliseconds), 3 * Number(values.cpus)]
const rounds = Number(values.rounds)
const root = dirname(import.meta.dirname)
const goals = { aSecond: 20, ratio: 1.3 }

/** A `dag` command in a project, with a store of its own; what it prints. */
const dag = (project: string, store: string, words: ReadonlyArray<string>, slurm?: [Cluster, Counting]): string =>
  execFileSync(process.execPath, [join(root, "dist/dag.js"), ...words], {
    cwd: project,
    env: { ...process.env, ...slurm?.[0].variables, ...slurm?.[1].variables, DAG_STORE: store },
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 1 << 28,
  })

const seconds = (work: () => unknown): number => {
  const start = performance.now()
  work()
  return (performance.now() - start) / 1000
}

const onSlurm = ["--executor", "slurm", "--yes"]
const here = ["--executor", "local", "--yes", "--jobs", String(cores)]

/** How often a run called what of Slurm. */
const told = (counting: Counting): string =>
  (["sbatch", "squeue", "scontrol", "scancel"] as const).map((name) => `${counting.calls(name).length} ${name}`).join(
    ", ",
  )

const compareShort = (folder: string, slurm: [Cluster, Counting]): boolean => {
  const project = join(folder, "short")
  writeWaiting(project, nodes, milliseconds)
  // Without the build, which every first command makes.
  dag(project, join(folder, "planned"), ["plan"])
  const sides: Readonly<Record<string, (store: string) => void>> = {
    slurm: (store) => {
      slurm[1].forget()
      dag(project, store, ["run", ...onSlurm], slurm)
      process.stdout.write(`  ${told(slurm[1])}\n`)
    },
    "this machine": (store) => {
      dag(project, store, ["run", ...here])
    },
    parallel: () => {
      const numbers = Array.from({ length: nodes }, (_, number) => number).join("\n")
      execFileSync("parallel", ["--will-cite", "-N0", "-j", String(cores), `sleep ${milliseconds / 1000}`], {
        input: numbers,
        stdio: ["pipe", "ignore", "inherit"],
      })
    },
  }
  const taken = Object.entries(sides).map(([name, run]) => ({ name, run, all: [] as Array<number> }))
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, all } of round % 2 === 0 ? taken : taken.toReversed()) {
      all.push(seconds(() => run(join(folder, `store-${round}-${name}`))))
    }
  }
  const [own = Number.NaN, , peer = Number.NaN] = taken.map(({ all }) => median(all))
  process.stdout.write(
    table([
      [`${nodes} nodes of ${milliseconds} ms, ${cores} at a time`, "clock, s", "a second", "to parallel"],
      ...taken.map(({ name, all }) => [
        name,
        median(all).toFixed(1),
        (nodes / median(all)).toFixed(1),
        (median(all) / peer).toFixed(2),
      ]),
    ]),
  )
  return nodes / own >= goals.aSecond && own / peer <= goals.ratio
}

const { models, corpora } = values
const part = [
  "--profile",
  "demo",
  ...(models === undefined ? [] : ["--models", models]),
  ...(corpora === undefined ? [] : ["--corpora", corpora]),
]

const compareDemo = (folder: string, slurm: [Cluster, Counting]): boolean => {
  const [first, second] = [join(folder, "demo-slurm"), join(folder, "demo-here")]
  slurm[1].forget()
  const own = seconds(() => dag(root, first, ["run", ...onSlurm, ...part], slurm))
  process.stdout.write(`  ${told(slurm[1])}\n`)
  const local = seconds(() => dag(root, second, ["run", ...here, ...part]))
  const [one, other] = [first, second].map((store) => dag(root, store, ["results", ...part]))
  process.stdout.write(
    `${part.join(" ")}: on Slurm ${own.toFixed(0)} s, on this machine ${local.toFixed(0)} s, ratio ${
      (own / local).toFixed(2)
    }; the tables are ${one === other ? "the same" : "NOT the same"}\n`,
  )
  return one === other
}

if (noSlurm !== undefined || programOf("parallel") === undefined) {
  process.stderr.write(`${noSlurm ?? "no parallel: apt-get install parallel"}\n`)
  process.exit(2)
}
const folder = mkdtempSync(join(tmpdir(), "redag-slurm-bench-"))
const load = loadavg()[0] ?? 0
const cluster = await startCluster({ nodes: 3, cpus: cores / 3 })
try {
  const slurm: [Cluster, Counting] = [cluster, countingIn(join(folder, "counted"))]
  if (!(values.demo ? compareDemo : compareShort)(folder, slurm)) process.exitCode = 1
  process.stdout.write(
    `node ${process.versions.node}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores; load before ${
      load.toFixed(1)
    }\n`,
  )
} finally {
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
}
