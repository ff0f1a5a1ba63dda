import { readdirSync, readFileSync } from "node:fs"

/**
 * The variable that names its job in the environment of a worker. What a worker starts inherits it, also what left its
 * process group, as `setsid` does.
 */
export const jobVariable = "REDAG_JOB"

/**
 * The processes that workers of jobs are, or started: those of this user. Only Linux shows the environments of processes:
 * elsewhere none is found. One that was started with an emptied environment is not found either.
 */
export const startedFor = (isMeant: (job: string) => boolean): ReadonlyArray<number> =>
  processIds().filter((pid) => {
    const job = jobIn(environmentOf(pid))
    return job !== undefined && isMeant(job)
  })

/** What was started since a look began is found by the next; that many looks find no end only of what starts without end. */
const MOST_LOOKS = 20

/** Ends at once what the worker of a job is and what it started. */
export const endStarted = (job: string): void => {
  const ended = new Set<number>()
  for (let look = 0; look < MOST_LOOKS; look++) {
    const found = startedFor((each) => each === job).filter((pid) => !ended.has(pid))
    if (found.length === 0) return
    for (const pid of found) {
      ended.add(pid)
      try {
        process.kill(pid, "SIGKILL")
      } catch {
        // It has ended by itself.
      }
    }
  }
}

const processIds = (): ReadonlyArray<number> => {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/u.test(name) ? [Number(name)] : []))
  } catch {
    return []
  }
}

/** The environment that a process was started with; empty where it has ended, or is another user's. */
const environmentOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1")
  } catch {
    return ""
  }
}

/** Variables stand one after another, with a zero behind each. */
const jobIn = (environment: string): string | undefined => {
  const name = `\0${jobVariable}=`
  const at = `\0${environment}`.indexOf(name)
  return at < 0 ? undefined : environment.slice(at + name.length - 1).split("\0", 1)[0]
}
