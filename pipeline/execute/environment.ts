import { Effect } from "effect"
import { execFile, execFileSync } from "node:child_process"
import { getCompileCacheDir } from "node:module"
import { availableParallelism, cpus, hostname, totalmem } from "node:os"
import { dirname } from "node:path"
import { promisify } from "node:util"
import type { Environment } from "../store/record.ts"

/** The machine and the runtime that this process runs on. */
export const environment: Omit<Environment, "commit" | "dirty"> = {
  host: hostname(),
  platform: `${process.platform}-${process.arch}`,
  processor: cpus()[0]?.model ?? "unknown",
  threads: availableParallelism(),
  versions: { node: process.versions.node, v8: process.versions.v8 },
}

/** The memory that processes may use here in MiB: the machine's, or the container's where that has less. */
export const machineMemory = (): number => {
  const limit = process.constrainedMemory()
  return (limit > 0 ? Math.min(limit, totalmem()) : totalmem()) / 2 ** 20
}

/**
 * The environment variables of a worker process: this one's, where Node finds what it has compiled, and the GPUs that it
 * was granted; those of this process where the run has none to grant.
 */
export const workerVariables = (gpus?: ReadonlyArray<string>): NodeJS.ProcessEnv => {
  const cache = getCompileCacheDir()
  return {
    ...process.env,
    // What this process compiled need not be compiled again: a worker starts in three quarters of the time. Node adds a
    // folder of its own version to the one that is named.
    ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }),
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
export const commitOf = (root: string): Pick<Environment, "commit" | "dirty"> => {
  const git = (...words: ReadonlyArray<string>) =>
    execFileSync("git", words, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
  try {
    return { commit: git("rev-parse", "HEAD"), dirty: git("status", "--porcelain", "--untracked-files=no") !== "" }
  } catch {
    return { commit: null, dirty: false }
  }
}

/** The same, while something else is done. */
export const commitOfSoon = (root: string): Effect.Effect<Pick<Environment, "commit" | "dirty">> => {
  const git = (...words: ReadonlyArray<string>) => promisify(execFile)("git", words, { cwd: root, encoding: "utf8" })
  return Effect.promise(async () => {
    try {
      const [head, changes] = await Promise.all([
        git("rev-parse", "HEAD"),
        git("status", "--porcelain", "--untracked-files=no"),
      ])
      return { commit: head.stdout.trim(), dirty: changes.stdout.trim() !== "" }
    } catch {
      return { commit: null, dirty: false }
    }
  })
}
