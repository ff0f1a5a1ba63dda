import { assert } from "@effect/vitest"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { basename } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { pidOf } from "../../pipeline/store/owner.ts"
import type { Project, Running } from "./project.ts"

const adds = 37
const heavies = ["a", "b", "c", "d"]

/** How many keys the crowd's profile has. */
export const crowdKeys = 1 + adds + heavies.length + 1

/** A profile of many small nodes, and a few in processes of their own, each with a line of its own where it is counted. */
const config = `
import { type Builder, experiment } from "redag"
import { results } from "./results.ts"
import { add } from "./stages/add/stage.ts"
import { heavy } from "./stages/heavy/stage.ts"
import { read } from "./stages/read/stage.ts"
import { total } from "./stages/total/stage.ts"

const crowd = (dag: Builder) => {
  const text = { title: "the numbers", base: dag.root, names: ["numbers.txt"] }
  const { numbers } = dag.add(read, { name: "numbers", params: {}, inputs: { text } })
  const heavies = ${JSON.stringify(heavies)}.map((label) =>
    dag.add(heavy, { name: label, params: { label }, inputs: { numbers } }).numbers
  )
  const adds = Array.from({ length: ${adds} }, (_, by) =>
    dag.add(add, { name: String(by), params: { by }, inputs: { numbers: heavies[by % 8] ?? numbers } }).numbers
  )
  dag.add(total, { name: "all", params: {}, inputs: { numbers: [...heavies, ...adds] } })
}
export default experiment({ defaultProfile: "crowd", profiles: { crowd }, results })
`

/** The node that a counted line is of. */
const nodeOf = (line: string): string => {
  const [stage, name] = line.split(" ")
  return stage === "read" ? "read/numbers" : stage === "total" ? "total/all" : `${stage}/${name}`
}

interface Event {
  readonly _tag: string
  readonly node?: string
  readonly shared?: boolean
}

/** What a round of a crowd came to. */
export interface Round {
  /** Executions that ended with a record. */
  readonly finished: number
  /** Executions of runs that were killed in the middle of them. */
  readonly brokenOff: number
}

/**
 * Starts runs at once on the project's store, which is empty, and kills some of them while they execute.
 *
 * Fails unless each key was executed to its end once, and all that lived give the same results.
 */
export const crowdRound = async (project: Project, runs: number, kills: number): Promise<Round> => {
  project.write("dag.config.ts", config)
  const counts = (index: number) => project.beside(`counts-${index}`)
  for (let index = 0; index < runs; index++) rmSync(counts(index), { force: true })
  const lines = (index: number): ReadonlyArray<string> => {
    const file = counts(index)
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : []
  }
  const started = Array.from(
    { length: runs },
    (_, index): Running => project.start(["run", "--jobs", "2"], { RIG_COUNT: counts(index) }),
  )
  const killed = new Set<Running>()

  const living = () => started.filter((run) => !killed.has(run) && run.process.exitCode === null)
  const kill = (run: Running | undefined) => {
    if (run === undefined) return
    run.process.kill("SIGKILL")
    killed.add(run)
  }
  /** A run that is executing something at this moment. */
  const holder = (): Running | undefined => {
    const pids = new Set(project.files("artifacts/leases").map((path) => pidOf(basename(path).slice(65))))
    return living().find(({ process }) => pids.has(process.pid ?? 0))
  }
  const thresholds = Array.from({ length: kills }, () => Math.floor(Math.random() * (crowdKeys - 5)))
    .toSorted((one, other) => one - other)
  for (const threshold of thresholds) {
    for (;;) {
      // Asked first: a run may record the last of them and end between two looks.
      const wasLiving = living().length
      if (project.files("artifacts/actions").length >= threshold) break
      if (wasLiving === 0) {
        const said = await Promise.all(started.map(async (run) => {
          const { code, stdout, stderr } = await run.ended
          return killed.has(run) ? "killed" : `${code}: ${stdout}${stderr}`
        }))
        assert.fail(`no run is left to get there:\n${said.join("\n")}`)
      }
      await sleep(10)
    }
    for (let looks = 0; looks < 100 && living().length > 1; looks++) {
      const run = holder()
      if (run !== undefined) {
        kill(run)
        break
      }
      await sleep(2)
    }
  }

  const totals = new Set<string>()
  const outputs: Array<string> = []
  for (const run of started) {
    const { code, stdout, stderr } = await run.ended
    outputs.push(stdout)
    if (killed.has(run)) continue
    assert.strictEqual(code, 0, stdout + stderr)
    totals.add(/^Totals: .*$/mu.exec(stdout)?.[0] ?? "none")
  }
  assert.lengthOf([...totals], 1, [...totals].join(" "))

  const succeeded = new Map<string, number>()
  for (const path of project.files("artifacts/runs")) {
    for (const line of readFileSync(path, "utf8").trimEnd().split("\n")) {
      const event = eventOf(line)
      if (event?._tag !== "NodeSucceeded" || event.shared === true || event.node === undefined) continue
      succeeded.set(event.node, (succeeded.get(event.node) ?? 0) + 1)
    }
  }
  for (const [node, times] of succeeded) assert.strictEqual(times, 1, `${node} was executed to its end ${times} times`)
  const byLiving = new Map<string, number>()
  let executions = 0
  for (const [index, run] of started.entries()) {
    for (const node of lines(index).map(nodeOf)) {
      executions++
      if (!killed.has(run)) byLiving.set(node, (byLiving.get(node) ?? 0) + 1)
    }
  }
  for (const [node, times] of byLiving) assert.strictEqual(times, 1, `${node} was executed ${times} times by who lived`)
  assert.lengthOf(project.files("artifacts/actions"), crowdKeys)

  const again = await project.dag("run")
  assert.include(again.stdout, `0 nodes executed, ${crowdKeys} up to date`, again.stdout + again.stderr)
  for (const total of totals) assert.include(again.stdout, total)
  for (const folder of ["tmp", "pending", "leases", "processes", "unfinished", "conflicts"]) {
    assert.deepStrictEqual(project.files(`artifacts/${folder}`), [], folder)
  }
  return { finished: crowdKeys, brokenOff: executions - crowdKeys }
}

/** An event of a log; undefined for a line that a kill cut short. */
const eventOf = (line: string): Event | undefined => {
  try {
    return JSON.parse(line) as Event
  } catch {
    return undefined
  }
}
