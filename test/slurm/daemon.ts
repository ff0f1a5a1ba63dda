import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, openSync, readdirSync, readFileSync } from "node:fs"
import { delimiter, join } from "node:path"

/** Where the programs of a cluster may stand: daemons are not on every user's path. */
const places = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/local/sbin"]

/** The path of a program; undefined where it is not installed. */
export const programOf = (name: string): string | undefined =>
  places.map((place) => join(place, name)).find((path) => existsSync(path))

/** A daemon that a test may end in any way and start again. */
export interface Daemon {
  readonly pid: () => number | undefined
  /** Starts it where it does not run. */
  readonly start: () => void
  /** Sends it a signal, SIGKILL unless said, and waits until it has ended. */
  readonly end: (signal?: NodeJS.Signals) => Promise<void>
}

/** Makes a daemon of a program that stays in the foreground; what it prints goes to a file. */
export const makeDaemon = (words: ReadonlyArray<string>, log: string, env: NodeJS.ProcessEnv): Daemon => {
  let child: ChildProcess | undefined
  let ended = Promise.resolve()
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null
  // The cluster of a test that was killed ends with it.
  const setpriv = programOf("setpriv")
  const [program = "", ...rest] = setpriv === undefined ? words : [setpriv, "--pdeathsig", "KILL", "--", ...words]
  return {
    pid: () => (isRunning() ? child?.pid : undefined),
    start: () => {
      if (isRunning()) return
      const output = openSync(log, "a")
      const started = spawn(program, rest, { env, stdio: ["ignore", output, output] })
      ended = new Promise((done) => started.once("close", () => done()).once("error", () => done()))
      child = started
    },
    end: async (signal = "SIGKILL") => {
      if (isRunning()) child?.kill(signal)
      await ended
    },
  }
}

/** The processes of this machine that were started with a variable of this value, without this one. */
export const startedWith = (name: string, value: string): ReadonlyArray<number> =>
  readdirSync("/proc").filter((each) => /^\d+$/u.test(each)).map(Number).filter((pid) =>
    pid !== process.pid && environmentOf(pid).split("\0").includes(`${name}=${value}`)
  )

/** The variables of a process, which may end between two looks. */
const environmentOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1")
  } catch {
    return ""
  }
}
