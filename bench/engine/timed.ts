import { spawnSync } from "node:child_process"
import { availableParallelism } from "node:os"

/** What a command took: seconds on the clock, seconds of processors, and the peak of its largest process in bytes. */
export interface Timed {
  readonly wall: number
  readonly cpu: number
  readonly peak: number
}

/** Starts a command and says what the system counted of it; Node alone cannot ask for the peak of a child. */
const watcher = `
import json, resource, subprocess, sys, time
# Where python3 is a script that starts it, that had children too.
earlier = resource.getrusage(resource.RUSAGE_CHILDREN)
begun = time.perf_counter()
ended = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
wall = time.perf_counter() - begun
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps(dict(status=ended.returncode, stderr=ended.stderr.decode(errors="replace")[-2000:],
    wall=wall, cpu=used.ru_utime + used.ru_stime - earlier.ru_utime - earlier.ru_stime, peak=used.ru_maxrss * 1024)))
`

/** Runs a command in a folder to its end, and measures it. Throws where it fails. */
export const timed = (folder: string, program: string, words: ReadonlyArray<string>): Timed => {
  const { NODE_OPTIONS: _, ...env } = process.env
  const { stdout, stderr } = spawnSync("python3", ["-c", watcher, program, ...words], {
    cwd: folder,
    env: { ...env, DVC_NO_ANALYTICS: "1" },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  })
  const measured = stdout === "" ? { status: 1, stderr } : JSON.parse(stdout) as Timed & Ended
  if (!("wall" in measured) || measured.status !== 0) {
    throw new Error(`${program} ${words.join(" ")}: ${measured.stderr}`)
  }
  const { wall, cpu, peak } = measured
  return { wall, cpu, peak }
}

interface Ended {
  readonly status: number
  readonly stderr: string
}

/** How many jobs every side may run at a time. */
export const jobs = String(availableParallelism())
