import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { type BenchPython, benchPython } from "./pytorch/install.ts"

/** What a process that was measured tells. */
export interface Measured {
  /** Seconds of each timed round. */
  readonly seconds: readonly number[]
  /** Seconds of the round before them. */
  readonly warmUp: number
  /** The most resident memory of the process, in bytes. */
  readonly peak: number
}

/** Environment variables that say how many threads libraries use. */
export type Environment = Readonly<Record<string, string>>

/** How the peer computes, passed on to its Python program as it is. */
export type Setting = Readonly<Record<string, string | number | boolean | null>>

/** One of the settings that were tried. */
export interface Tried {
  readonly environment: Environment
  readonly setting: Setting
  readonly seconds: number
}

/** The fastest of the peer's settings. */
export interface Tuned extends Tried {
  readonly tried: readonly Tried[]
}

/** Runs one of the programs of bench/redag in a fresh process and gives what it told. */
export const runRedag = (program: string, job: unknown): Measured =>
  lastLine(process.execPath, [join(import.meta.dirname, "redag", program), JSON.stringify(job)], {}) as Measured

/** PyTorch's side of a bench. */
export class Peer {
  readonly python: BenchPython
  readonly #program: string

  /** `program` is one of those of bench/pytorch. */
  constructor(program: string) {
    this.python = benchPython()
    this.#program = join(import.meta.dirname, "pytorch", program)
  }

  run(job: object, { environment, setting }: Omit<Tried, "seconds">): Measured {
    return this.#ask({ ...job, setting }, environment) as Measured
  }

  /**
   * The fastest setting for a job, of the `candidates` and two ways to set threads: PyTorch's own, and OpenMP's at one
   * with those of the library of matrix products at `cores`.
   */
  tune(job: object, candidates: Readonly<Record<string, readonly unknown[]>>, cores: number): Tuned {
    const all = String(cores)
    const ways: readonly (readonly [Environment, readonly (number | null)[]])[] = [
      [{}, threadCounts(cores)],
      [{ OMP_NUM_THREADS: "1", MKL_NUM_THREADS: all, OPENBLAS_NUM_THREADS: all }, [null]],
    ]
    const found = ways.map(([environment, threads]): Tuned => {
      const answer = this.#ask({ ...job, candidates: { ...candidates, threads } }, environment) as Tuned
      return { ...answer, environment, tried: answer.tried.map((each) => ({ ...each, environment })) }
    })
    const [best] = found.toSorted((a, b) => a.seconds - b.seconds)
    if (best === undefined) throw new Error("no way to run the peer")
    return { ...best, tried: found.flatMap(({ tried }) => tried) }
  }

  #ask(job: unknown, environment: Environment): unknown {
    // A torch that knows CUDA must compute on the CPU too.
    const fixed = { CUDA_VISIBLE_DEVICES: "", HF_HUB_OFFLINE: "1", PYTHONDONTWRITEBYTECODE: "1" }
    return lastLine(this.python.path, [this.#program, JSON.stringify(job)], { ...fixed, ...environment })
  }
}

/** Powers of two below `cores`, and `cores`. */
const threadCounts = (cores: number): readonly number[] => {
  const counts: number[] = []
  for (let count = 1; count < cores; count *= 2) counts.push(count)
  return [...counts, cores]
}

const THREADS: ReadonlySet<string> = new Set(["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"])

const lastLine = (command: string, args: readonly string[], environment: Environment): unknown => {
  // What the shell says of threads is not part of the measurement.
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !THREADS.has(name)))
  const { status, signal, stdout } = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...inherited, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  })
  if (status === 0) return JSON.parse(stdout.trim().split("\n").at(-1) ?? "")
  process.stderr.write(`${command} ${args.join(" ")}: ${signal === null ? `status ${status}` : `ended by ${signal}`}\n`)
  process.exit(1)
}

/** One line on a peer's setting. */
export const toldSetting = ({ environment, setting }: Omit<Tried, "seconds">): string =>
  [...Object.entries(environment), ...Object.entries(setting)].filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${value}`).join(" ")
