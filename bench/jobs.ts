/**
 * What running two trainings at a time gives over one at a time, on the few-shot grid of the demo profile: both models
 * with few-shot settings, two corpora, 16 and 64 shots, two seeds; each training is granted one thread.
 *
 * Run as `node bench/jobs.ts [ROUNDS]`. Each run starts from a store that has only what the trainings stand on; runs with
 * `--jobs 1` and `--jobs 2` alternate. Prints the wall time of each run of the `dag` command, how many trainings it had
 * at a time, and what it spent beside them; then medians and their ratio. Ends with 1 if any two runs made other bytes;
 * the output `speeds`, which holds wall times, is left out of that.
 */
import { execFileSync } from "node:child_process"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { median } from "./report.ts"

const root = dirname(import.meta.dirname)
const rounds = Number(process.argv[2] ?? 3)

const grid = (stage: string): ReadonlyArray<string> =>
  ["cdr", "dce"].flatMap((corpus) => ["16", "64"].map((shots) => `${stage}/${corpus}/${shots}`))
const trainings = grid("finetune/*-mini")
const sources = [...grid("sample"), "pretrained/t5-mini", "pretrained/bart-mini"]

/** What a store knows of a finished training. */
interface Training {
  readonly node: string
  readonly start: number
  readonly end: number
  readonly threads: number
  /** By name. */
  readonly outputs: Readonly<Record<string, string>>
}

interface Measured {
  readonly jobs: number
  readonly seconds: number
  readonly trainings: ReadonlyArray<Training>
}

const dag = (store: string, jobs: number, nodes: ReadonlyArray<string>): void => {
  const words = ["run", "--profile", "demo", "--yes", "--jobs", String(jobs), ...nodes]
  execFileSync(process.execPath, [join(root, "dist/dag.js"), ...words], {
    cwd: root,
    env: { ...process.env, DAG_STORE: store },
    stdio: ["ignore", "ignore", "inherit"],
  })
}

const trainingsOf = (store: string): ReadonlyArray<Training> =>
  readdirSync(join(store, "actions")).flatMap((file) => {
    const record = JSON.parse(readFileSync(join(store, "actions", file), "utf8")) as {
      readonly node: string
      readonly started: string
      readonly milliseconds: number
      readonly resources: { readonly cpu: number }
      readonly outputs: Readonly<Record<string, { readonly digest: string }>>
    }
    const { node, started, milliseconds, resources } = record
    if (!node.startsWith("finetune/")) return []
    const outputs = Object.entries(record.outputs).filter(([name]) => name !== "speeds")
    const start = Date.parse(started)
    return [{
      node,
      start,
      end: start + milliseconds,
      threads: resources.cpu,
      outputs: Object.fromEntries(outputs.map(([name, { digest }]) => [name, digest])),
    }]
  })

/** The most that one moment had at a time of what each training counts for. */
const most = (trainings: ReadonlyArray<Training>, of: (training: Training) => number): number =>
  Math.max(
    ...trainings.map(({ start: moment }) =>
      trainings.filter(({ start, end }) => start <= moment && moment < end)
        .reduce((sum, training) => sum + of(training), 0)
    ),
  )

const measure = (base: string, store: string, jobs: number): Measured => {
  cpSync(base, store, { recursive: true })
  const start = performance.now()
  dag(store, jobs, trainings)
  const seconds = (performance.now() - start) / 1000
  const measured = { jobs, seconds, trainings: trainingsOf(store) }
  rmSync(store, { recursive: true })
  return measured
}

/** Seconds in which no training of the run was at work: the command's and each process's start and end. */
const beside = ({ seconds, trainings, jobs }: Measured): number =>
  seconds - trainings.reduce((sum, { start, end }) => sum + end - start, 0) / 1000 / jobs

const tell = (measured: Measured): string => {
  const { jobs, seconds, trainings } = measured
  return `--jobs ${jobs}  ${seconds.toFixed(1)} s: ${trainings.length} trainings, ${
    most(trainings, () => 1)
  } at a time on ${most(trainings, ({ threads }) => threads)} threads; ${
    (beside(measured) / trainings.length * jobs).toFixed(2)
  } s beside each\n`
}

/** Outputs that two runs made differently, as `node output`. */
const differences = (one: Measured, other: Measured): ReadonlyArray<string> => {
  const byNode = new Map(other.trainings.map(({ node, outputs }) => [node, outputs]))
  return one.trainings.flatMap(({ node, outputs }) =>
    Object.entries(outputs).filter(([name, digest]) => byNode.get(node)?.[name] !== digest)
      .map(([name]) => `${node} ${name}`)
  )
}

const folder = mkdtempSync(join(tmpdir(), "redag-jobs-"))
try {
  const base = join(folder, "base")
  dag(base, 2, sources)
  const runs: Array<Measured> = []
  for (let round = 0; round < rounds; round++) {
    // Whoever is first may find the machine other than the second does.
    for (const jobs of round % 2 === 0 ? [1, 2] : [2, 1]) {
      const measured = measure(base, join(folder, `store-${round}-${jobs}`), jobs)
      runs.push(measured)
      process.stdout.write(tell(measured))
    }
  }
  const [first, ...others] = runs
  if (first === undefined) throw new Error("no round was run")
  const differing = new Set(others.flatMap((other) => [...differences(first, other), ...differences(other, first)]))
  const [alone, together] = [1, 2].map((jobs) =>
    median(runs.filter((run) => run.jobs === jobs).map(({ seconds }) => seconds))
  )
  process.stdout.write([
    `median of ${rounds}: --jobs 1 ${alone?.toFixed(1)} s, --jobs 2 ${together?.toFixed(1)} s; ratio ${
      ((alone ?? 0) / (together ?? 1)).toFixed(2)
    } (the goal is 1.3)`,
    differing.size === 0
      ? `all ${runs.length} runs made the same bytes`
      : `${differing.size} outputs differ: ${[...differing].slice(0, 8).join(", ")}`,
    `node ${process.versions.node}, ${cpus()[0]?.model}, ${cpus().length} cores`,
    "",
  ].join("\n"))
  if (differing.size > 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
