import { type ChildProcess, spawn } from "node:child_process"
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { dirname, join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeEach, TestRunner } from "vitest"
import { compareSources, type SourceStates } from "../../pipeline/base/sources.ts"
import type { BuildRecord } from "../../pipeline/build/build.ts"
import { empty, emptyFolder, givePlace, takePlace } from "./places.ts"

/** The repository: the rig runs its `dist/dag.js` with the Node that it pins. */
export const repository = resolve(import.meta.dirname, "../..")

const node = join(repository, "node_modules/.bin/node")
const fixture = join(import.meta.dirname, "fixture")

/** Environment variables on top of the test's own. */
export type Variables = Readonly<Record<string, string>>

/** How a `dag` command ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A `dag` command in progress. */
export interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
}

/** A build of a project, and the files of the project that it is of. */
interface Build {
  /** What `dist/build.json` says where it is current. */
  readonly text: string
  /** When that was written. */
  readonly changed: bigint
  readonly id: string
  readonly root: string
  readonly sources: SourceStates
}

/** The files of a project itself: those of redag are the same for as long as the tests run. */
const sourcesBelow = (root: string, { noted, files }: SourceStates): SourceStates => ({
  noted,
  files: Object.fromEntries(
    Object.entries(files).filter(([path]) => path.startsWith(`${root}/`) && !path.startsWith(`${root}/dist/`)),
  ),
})

const isOfSources = (build: Build, root: string): boolean =>
  build.root === root && compareSources(build.sources) !== "changed"

/** A project folder of its own in which the real command line runs as a real process. */
export class Project {
  root: string
  readonly #outside: string
  readonly #running = new Map<ChildProcess, Promise<unknown>>()
  readonly #copyTo: (root: string) => void
  /** The builds that commands of this project made, by their ids. */
  readonly #builds = new Map<string, Build>()

  /** `copyTo` fills the folder with a project of a kind; the fixture's small project is the default. */
  constructor(kind = "fixture", copyTo = (root: string): void => cpSync(fixture, root, { recursive: true })) {
    this.#copyTo = copyTo
    this.#outside = takePlace(kind)
    this.root = join(this.#outside, "project")
    this.#note(this.#first)
    this.reset()
  }

  /** Sets every file of the project as it was at first, with the build that is of those, and empties the store. */
  reset(): void {
    this.#kill()
    mkdirSync(this.root, { recursive: true })
    emptyFolder(this.root)
    this.#copyTo(this.root)
    const first = this.#currentBuild()
    if (first !== undefined) writeFileSync(this.#first, first.text)
    rmSync(this.#counts, { force: true })
    rmSync(this.#gate, { force: true })
  }

  /** Where the record of the build stands that is of the sources as they are at first. */
  get #first(): string {
    return this.beside("first-build.json")
  }

  /**
   * Has the build of the sources as they are now be the current one, where an earlier command made it: tests of one file
   * change a project in the same way, and a build takes three times as long as a command.
   */
  #currentBuild(): Build | undefined {
    const current = this.path("dist/build.json")
    const build = this.#note(current)
    if (build === undefined || isOfSources(build, this.root)) return build
    const found = [...this.#builds.values()].find((each) => isOfSources(each, this.root))
    if (found !== undefined) {
      const temporary = this.beside("build.json")
      writeFileSync(temporary, found.text)
      renameSync(temporary, current)
    }
    return found
  }

  /** Notes the build that a record is of; undefined where there is no record. */
  #note(file: string): Build | undefined {
    const changed = statSync(file, { bigint: true, throwIfNoEntry: false })?.ctimeNs
    const known = [...this.#builds.values()].find((each) => each.changed === changed)
    if (changed === undefined || known !== undefined) return known
    try {
      const text = readFileSync(file, "utf8")
      const { id, root, sources } = JSON.parse(text) as BuildRecord
      const build = { text, changed, id, root, sources: sourcesBelow(root, sources) }
      this.#builds.set(id, build)
      return build
    } catch {
      // It is gone meanwhile, or a test damaged it.
      return undefined
    }
  }

  /** Gives the place of the project back, with the build of its sources as they were at first; no command outlives it. */
  remove(): void {
    this.#kill()
    const [id, dist] = [this.#note(this.#first)?.id, join(this.#outside, "project/dist")]
    for (const name of existsSync(dist) ? readdirSync(dist) : []) {
      if (/^[0-9a-f]{16}$/u.test(name) && name !== id) empty(join(dist, name))
    }
    givePlace(this.#outside, "project")
  }

  /** Ends every command that is still running, as one is that a test gave up, and waits for that. */
  async end(): Promise<void> {
    this.#kill()
    await Promise.allSettled(this.#running.values())
  }

  #kill(): void {
    for (const process of this.#running.keys()) process.kill("SIGKILL")
  }

  get #counts(): string {
    return join(this.#outside, "counts")
  }

  get #gate(): string {
    return join(this.#outside, "gate")
  }

  /** Lets the stages go on that wait. */
  open(): void {
    writeFileSync(this.#gate, "")
  }

  /** A path beside the project. */
  beside(name: string): string {
    return join(this.#outside, name)
  }

  path(...names: ReadonlyArray<string>): string {
    return join(this.root, ...names)
  }

  read(file: string): string {
    return readFileSync(this.path(file), "utf8")
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(this.path(file)), { recursive: true })
    writeFileSync(this.path(file), text)
  }

  /** Replaces text that must be there. */
  edit(file: string, from: string, to: string): void {
    const text = this.read(file)
    if (!text.includes(from)) throw new Error(`${file} does not hold ${JSON.stringify(from)}`)
    this.write(file, text.replace(from, to))
  }

  /**
   * The names of the files below a folder of the project, however deep; none where there is no such folder. The engine
   * may remove a folder while it is looked into.
   */
  files(folder: string): ReadonlyArray<string> {
    const below = (path: string): ReadonlyArray<string> => {
      try {
        return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
          const file = join(path, entry.name)
          return entry.isDirectory() ? below(file) : entry.isFile() ? [file] : []
        })
      } catch (cause) {
        if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return []
        throw cause
      }
    }
    // A network's file system may remember that a folder was not there, until the one above it is listed.
    const above = this.path(dirname(folder))
    if (existsSync(above)) readdirSync(above)
    return below(this.path(folder)).toSorted()
  }

  /** What stages ran since this was last asked, in order of their names; the process of an isolated one is left out. */
  executions(): ReadonlyArray<string> {
    // Taken away before it is read, so that no line is lost that a stage adds meanwhile.
    const taken = this.beside("counts-taken")
    rmSync(taken, { force: true })
    if (existsSync(this.#counts)) renameSync(this.#counts, taken)
    return linesOf(taken).map((line) => line.replace(/^((?:heavy|slow|steps) \w+) \d+$/u, "$1")).toSorted()
  }

  /** The process that a stage runs in that is isolated, once it runs. */
  process(stage: string, label: string): Promise<number> {
    return eventually(`${stage} ${label} runs`, () => this.counted(`${stage} ${label}`))
  }

  /** The number that a stage last counted behind these words, if it did since executions were last asked for. */
  counted(words: string): number | undefined {
    const line = linesOf(this.#counts).findLast((each) => each.startsWith(`${words} `))
    return line === undefined ? undefined : Number(line.slice(words.length + 1))
  }

  /** What stages counted since executions were last asked for, in the order in which they did, word by word. */
  words(): ReadonlyArray<ReadonlyArray<string>> {
    return linesOf(this.#counts).map((line) => line.split(" "))
  }

  /** Starts `dag` with these words and does not wait for it. */
  start(words: ReadonlyArray<string>, variables: Variables = {}): Running {
    this.#currentBuild()
    return this.startProgram(node, [join(repository, "dist/dag.js"), ...words], variables)
  }

  /** Starts any program in the project, which reads what the test writes to it where `typing`. */
  startProgram(program: string, words: ReadonlyArray<string>, variables: Variables, typing = false): Running {
    const { DAG_STORE: _, DAG_PROFILE: ____, NODE_OPTIONS: __, NO_COLOR: ___, ...inherited } = process.env
    // What the whole suite is to run with, such as another file system.
    const options = inherited["RIG_NODE_OPTIONS"] ?? ""
    const child = spawn(program, words, {
      cwd: this.root,
      env: {
        ...inherited,
        ...(options === "" ? {} : { NODE_OPTIONS: options }),
        RIG_COUNT: this.#counts,
        RIG_GATE: this.#gate,
        // GPUs of a test's own are nobody else's on this machine.
        ...(variables["DAG_GPUS"] === undefined ? {} : { DAG_GPU_LEASES: this.beside("gpus") }),
        ...variables,
      },
      stdio: [typing ? "pipe" : "ignore", "pipe", "pipe"],
    })
    const output = { stdout: "", stderr: "" }
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (output.stdout += text))
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text))
    const ended = new Promise<Ended>((done, fail) => {
      child.once("error", fail)
      child.once("close", (code, signal) => {
        this.#running.delete(child)
        done({ code, signal, ...output })
      })
    })
    this.#running.set(child, ended)
    return { process: child, ended }
  }

  /** Runs `dag` with these words to its end. */
  dag(...words: ReadonlyArray<string>): Promise<Ended> {
    return this.start(words).ended
  }

  /** Runs `dag` with these words while heavy stages behave as named by their labels. */
  behaving(behaviour: Variables, words: ReadonlyArray<string>, variables: Variables = {}): Promise<Ended> {
    return this.start(words, { RIG_BEHAVIOUR: JSON.stringify(behaviour), ...variables }).ended
  }
}

/** The lines of a file; none where there is no such file. */
const linesOf = (path: string): ReadonlyArray<string> =>
  existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : []

/** A project for the tests of one `describe`: as new before each of them, so that they share its build alone. */
export const sharedProject = (): Project => {
  const project = new Project()
  beforeEach(async () => {
    await project.end()
    project.reset()
  })
  afterAll(async () => {
    await project.end()
    project.remove()
  })
  return project
}

/** Waits for a value to be there, for as long as the test may take: a machine may be busy with anything. */
export const eventually = async <A>(what: string, look: () => A | undefined): Promise<A> => {
  const signal = TestRunner.getCurrentTest()?.context.signal
  for (;;) {
    const value = look()
    if (value !== undefined) return value
    if (signal?.aborted === true) {
      // The test has failed for its time by now, which does not say what it waited for.
      process.stderr.write(`waited in vain: ${what}\n`)
      throw new Error(`waited in vain: ${what}`)
    }
    await sleep(20)
  }
}

/** Whether a process of this machine runs. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
