import { Effect } from "effect"
import { execFile, execFileSync } from "node:child_process"
import { getCompileCacheDir } from "node:module"
import { availableParallelism, cpus, hostname, totalmem } from "node:os"
import { dirname } from "node:path"
import { promisify } from "node:util"
import type { Environment } from "../store/record.ts"
import { jobVariable } from "./started.ts"

type Commit = Pick<Environment, "commit" | "dirty">

/** The machine and the runtime that this process runs on. */
const environment: Omit<Environment, "commit" | "dirty"> = {
  host: hostname(),
  platform: `${process.platform}-${process.arch}`,
  processor: cpus()[0]?.model ?? "unknown",
  threads: availableParallelism(),
  versions: { node: process.versions.node, v8: process.versions.v8 },
}

let last: Environment | undefined

/** The environment of what runs here at a commit: the same object for the same commit, as all actions of a run have. */
export const environmentOf = ({ commit, dirty }: Commit): Environment => {
  if (last?.commit !== commit || last.dirty !== dirty) last = { ...environment, commit, dirty }
  return last
}

/** The memory that processes may use here in MiB: the machine's, or the container's where that has less. */
export const machineMemory = (): number => {
  const limit = process.constrainedMemory()
  return (limit > 0 ? Math.min(limit, totalmem()) : totalmem()) / 2 ** 20
}

/**
 * The environment variables of a worker: this process's, where Node finds what it has compiled, the job of a worker that
 * has a process of its own, and the GPUs that it was granted; those of this process where the run has none to grant.
 */
export const workerVariables = (job?: string, gpus?: ReadonlyArray<string>): NodeJS.ProcessEnv => {
  const cache = getCompileCacheDir()
  return {
    ...process.env,
    // What this process compiled need not be compiled again: a worker starts in three quarters of the time. Node adds a
    // folder of its own version to the one that is named.
    ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }),
    ...(job === undefined ? {} : { [jobVariable]: job }),
    ...(gpus === undefined ? {} : gpuVariables(gpus)),
  }
}

/** CUDA numbers devices by their speed where nobody says otherwise, and nvidia-smi by their place. */
const gpuVariables = (gpus: ReadonlyArray<string>): NodeJS.ProcessEnv => ({
  CUDA_VISIBLE_DEVICES: gpus.join(","),
  // What names devices already may go by the other order.
  ...(process.env["CUDA_VISIBLE_DEVICES"] === undefined ? { CUDA_DEVICE_ORDER: "PCI_BUS_ID" } : {}),
})

/** The commit of the project and whether files that git tracks differ from it; null outside git. */
export const commitOf = (root: string): Commit => {
  try {
    return commitIn(
      execFileSync("git", asked, { cwd: root, encoding: "utf8", maxBuffer: MOST, stdio: ["ignore", "pipe", "ignore"] }),
    )
  } catch {
    return { commit: null, dirty: false }
  }
}

/** The same, while something else is done. */
export const commitOfSoon = (root: string): Effect.Effect<Commit> =>
  Effect.promise(async () => {
    try {
      const { stdout } = await promisify(execFile)("git", asked, { cwd: root, encoding: "utf8", maxBuffer: MOST })
      return commitIn(stdout)
    } catch {
      return { commit: null, dirty: false }
    }
  })

/** Starting a process takes longer than what git does in it: one says both. */
const asked = ["status", "--porcelain=v2", "--branch", "--no-ahead-behind", "--untracked-files=no"]

/** The most that git may say of what changed, in bytes. */
const MOST = 1 << 28

/** What git says in its headers and, a line each, of files that changed. */
const commitIn = (status: string): Commit => {
  const commit = /^# branch\.oid ([0-9a-f]+)$/mu.exec(status)?.[1]
  return commit === undefined ? { commit: null, dirty: false } : { commit, dirty: /^[^#]/mu.test(status) }
}
