import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Project, repository, type Running, type Variables } from "./project.ts"

/** Namespaces of its own, as a container has: processes, mounts, and a host name that others have too. */
const unshare = ["-m", "-u", "-p", "-f", "--mount-proc", "--kill-child"]

/** Why no containers can be made here; undefined where they can. */
export const noMachines: string | undefined = (() => {
  const { error, status, stderr } = spawnSync("unshare", [...unshare, "true"], { encoding: "utf8" })
  return status === 0 ? undefined : (error?.message ?? stderr.trim()) || `unshare ended with ${status}`
})()

/** A `dag` command as on a machine of its own, and what can happen to all of the machine at once. */
export interface Machine extends Running {
  /** Stops all that runs there, as a machine that sleeps. */
  readonly sleep: () => void
  readonly wake: () => void
  /** Ends all that runs there at once. */
  readonly crash: () => void
}

/** Starts `dag` with these words in a container on the project's folder. */
export const startElsewhere = (project: Project, words: ReadonlyArray<string>, variables: Variables): Machine => {
  const dag = [join(repository, "node_modules/.bin/node"), join(repository, "dist/dag.js"), ...words]
  const script = "hostname container && exec \"$@\""
  const running = project.startProgram("unshare", [...unshare, "sh", "-c", script, "sh", ...dag], variables)
  const signal = (name: NodeJS.Signals) => {
    for (const pid of below(running.process.pid ?? 0)) {
      try {
        process.kill(pid, name)
      } catch (cause) {
        if (!isGone(cause)) throw cause
      }
    }
  }
  return {
    ...running,
    sleep: () => signal("SIGSTOP"),
    wake: () => signal("SIGCONT"),
    // The first process of a namespace takes all others with it.
    crash: () => signal("SIGKILL"),
  }
}

/** All processes below one, parents before their children. */
const below = (pid: number): ReadonlyArray<number> => {
  const children = childrenOf(pid).split(" ").filter((each) => each !== "")
  return children.flatMap((child) => [Number(child), ...below(Number(child))])
}

/** The ids of a process's children; none of one that has ended. */
const childrenOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
  } catch (cause) {
    if (isGone(cause)) return ""
    throw cause
  }
}

/** Whether the system said that a process has ended, which it may between two looks. */
const isGone = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && (cause.code === "ESRCH" || cause.code === "ENOENT")
