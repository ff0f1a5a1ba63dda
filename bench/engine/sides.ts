import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { median } from "../report.ts"
import { repository } from "./install.ts"
import { writeProject } from "./project.ts"

const node = process.execPath

/** Seconds that a command took on the clock, and that all processors took for it. */
export interface Taken {
  readonly wall: number
  readonly cpu: number
}

/** A build, and the project that it runs. */
export class Side {
  readonly name: string
  readonly #tool: string
  readonly #root: string
  #stores = 0

  /** The project is written into the folder. */
  constructor(name: string, repository: string, folder: string, nodes: number) {
    this.name = name
    this.#tool = join(repository, "dist/dag.js")
    this.#root = join(folder, name, "project")
    writeProject(this.#root, nodes)
    execFileSync(node, [join(repository, "pipeline/build/prepare.ts")], { cwd: repository })
    // The project's own build is no part of what is measured.
    this.dag("plan")
  }

  dag(...words: ReadonlyArray<string>): Taken {
    return this.start(node, [this.#tool, ...words])
  }

  /** Runs any program in the project, such as one that watches what dag does. */
  start(program: string, words: ReadonlyArray<string>): Taken {
    const { NODE_OPTIONS: _, ...env } = process.env
    const [started, cpuBefore] = [performance.now(), childrenCpu()]
    const { status, stderr } = spawnSync(program, words, {
      cwd: this.#root,
      env,
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
    })
    if (status !== 0) throw new Error(`${program} ${words.join(" ")}: status ${status}\n${stderr}`)
    return { wall: (performance.now() - started) / 1000, cpu: childrenCpu() - cpuBefore }
  }

  /**
   * Moves what the store has away. It is not removed: for minutes after thousands of files were, ext4 takes many times as
   * long to make one.
   */
  emptyStore(): void {
    const store = join(this.#root, "artifacts")
    if (existsSync(store)) renameSync(store, `${this.#root}-store-${this.#stores++}`)
  }

  get records(): number {
    return readdirSync(join(this.#root, "artifacts/actions")).length
  }

  get tool(): string {
    return this.#tool
  }
}

/** Seconds of processor time of all processes that this one has waited for; Linux counts in hundredths. */
const childrenCpu = (): number => {
  const fields = readFileSync("/proc/self/stat", "utf8").replace(/^.*\) /su, "").split(" ")
  return (Number(fields[13]) + Number(fields[14])) / 100
}

/** The repository as it was at a commit, with the packages of this one. */
const checkOut = (commit: string, folder: string): string => {
  const path = join(folder, "other")
  mkdirSync(path)
  const archive = execFileSync("git", ["archive", commit], { cwd: repository, maxBuffer: 2 ** 31 })
  execFileSync("tar", ["-x"], { cwd: path, input: archive })
  execFileSync("cp", ["-al", join(repository, "node_modules"), join(path, "node_modules")])
  return path
}

/** What is measured of a side. */
export const measures = ["executes all", "executes none", "plan"] as const

/** One round of a side: every measure, on a store that is empty at first. */
const roundOf = (side: Side, nodes: number): Readonly<Record<typeof measures[number], Taken>> => {
  side.emptyStore()
  const taken = {
    "executes all": side.dag("run"),
    "executes none": side.dag("run"),
    plan: side.dag("plan"),
  }
  if (side.records !== nodes) throw new Error(`${side.name}: ${side.records} records, not ${nodes}`)
  return taken
}

/** What both sides took, each measure in every round. */
export type Taking = ReadonlyArray<Readonly<Record<typeof measures[number], Taken>>>

/** Whether the repository has a commit: a checkout may be without its history. */
export const hasCommit = (commit: string): boolean =>
  spawnSync("git", ["cat-file", "-e", `${commit}^{commit}`], { cwd: repository }).status === 0

/** Runs this build and that of another commit in turns; which of them is first changes with each round. */
export const compareBuilds = (
  against: string,
  nodes: number,
  rounds: number,
  folder: string,
): readonly [Taking, Taking] => {
  const sides = [
    new Side("this", repository, folder, nodes),
    new Side(against, checkOut(against, folder), folder, nodes),
  ] as const
  const taken: [Array<Taking[number]>, Array<Taking[number]>] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const turns = [() => taken[0].push(roundOf(sides[0], nodes)), () => taken[1].push(roundOf(sides[1], nodes))]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) turn()
  }
  return taken
}

/** The median of a measure, in seconds. */
export const medianOf = (taking: Taking, measure: typeof measures[number], of: keyof Taken): number =>
  median(taking.map((each) => each[measure][of]))

/** What one node takes, in milliseconds: a run less what it takes where nothing is executed. */
export const nodeOf = (taking: Taking, nodes: number, of: keyof Taken): number =>
  (medianOf(taking, "executes all", of) - medianOf(taking, "executes none", of)) / nodes * 1000
