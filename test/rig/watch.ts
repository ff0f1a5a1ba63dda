import type { ChildProcess } from "node:child_process"
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { type Ended, eventually, type Project, type Variables } from "./project.ts"

/** A line of `dag watch --json`. */
export interface Line {
  readonly at: string
  readonly _tag: string
  readonly [fact: string]: unknown
}

/** A `dag watch` in progress, and what it said so far. */
export class Watch {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  readonly lines: Array<Line> = []
  #rest = ""

  constructor(project: Project, words: ReadonlyArray<string>, behaviour: Variables = {}) {
    const { process, ended } = project.start(["watch", "--json", ...words], {
      RIG_BEHAVIOUR: JSON.stringify(behaviour),
    })
    this.process = process
    this.ended = ended
    process.stdout?.on("data", (text: string) => {
      const [...whole] = (this.#rest + text).split("\n")
      this.#rest = whole.pop() ?? ""
      for (const line of whole) this.lines.push(JSON.parse(line) as Line)
    })
  }

  /** Waits for a line behind the first `from` ones; gives how many lines there are with it. */
  async until(what: string, isIt: (line: Line) => boolean, from = 0): Promise<number> {
    return eventually(`${what}; it said ${this.lines.map(({ _tag }) => _tag).join(" ")}`, () => {
      const at = this.lines.findIndex((line, index) => index >= from && isIt(line))
      if (at < 0 && this.process.exitCode !== null) throw new Error(`it ended before ${what}`)
      return at < 0 ? undefined : at + 1
    })
  }

  /** Waits until all that could be done is done. */
  settled(from = 0): Promise<number> {
    return this.until("all is done", ({ _tag }) => _tag === "WatchSettled", from)
  }

  /** Waits until something was executed, and then all is done. */
  async worked(from = 0): Promise<number> {
    return this.settled(await this.until("something is executed", ({ _tag }) => _tag === "NodeSucceeded", from))
  }

  /** The lines of a kind behind the first `from` ones. */
  of(tag: string, from = 0): ReadonlyArray<Line> {
    return this.lines.slice(from).filter(({ _tag }) => _tag === tag)
  }

  /** Ends it as Ctrl-C does. */
  end(): Promise<Ended> {
    this.process.kill("SIGINT")
    return this.ended
  }
}

/** The processes that a process started, directly or not. */
export const descendants = (pid: number): ReadonlyArray<number> => {
  const parents = new Map<number, number>()
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/u.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8")
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]))
    } catch {
      // It has ended.
    }
  }
  const found = new Set([pid])
  for (let size = 0; size < found.size;) {
    size = found.size
    for (const [child, parent] of parents) if (found.has(parent)) found.add(child)
  }
  return [...found].filter((each) => each !== pid)
}

/** How many files a process has open, and how many folders and files it watches. */
export const openBy = (pid: number): { readonly files: number; readonly watches: number } => {
  const folder = `/proc/${pid}/fd`
  const fds = readdirSync(folder)
  let watches = 0
  for (const fd of fds) {
    try {
      if (!readlinkSync(`${folder}/${fd}`).includes("inotify")) continue
      watches += readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8").split("\n").filter((line) =>
        line.startsWith("inotify ")
      ).length
    } catch {
      // It was closed meanwhile.
    }
  }
  return { files: fds.length, watches }
}
