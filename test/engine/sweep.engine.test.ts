import { Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { calls } from "../../pipeline/store/calls.ts"
import { Disk, diskOver } from "../../pipeline/store/disk.ts"
import * as Store from "../../pipeline/store/store.ts"
import { verdictOf } from "../../pipeline/store/verify/finding.ts"
import { verifyStore } from "../../pipeline/store/verify/verify.ts"
import { type Call, type Fault, faultsOf, faulty } from "./faults.ts"
import { type Ran, runOn } from "./sweep/engine.ts"
import type { Task } from "./sweep/process.ts"
import { show } from "./table.ts"

/** As long as that new faults are begun, in seconds, once one of every kind was met. */
const BUDGET = 240

/** Stores that one pair of processes works on. */
const BATCH = 64

/** Actions of the graph that differ in their keys. */
const KEYS = 9

interface Trial {
  readonly at: number
  readonly fault: Fault
  /** Whether the undisturbed process starts at the same moment, or once the other one is dead. */
  readonly atOnce: boolean
}

const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "redag-sweep-"))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

let stores = 0

/** The path of a new store, beside the file that the graph reads. */
const newStore = (): string => {
  const place = join(folder, String(stores++))
  mkdirSync(place)
  writeFileSync(join(place, "numbers.txt"), "1 2 3 50")
  return join(place, "store")
}

const start = async (
  role: Task["role"],
  trials: ReadonlyArray<Trial & { readonly store: string }>,
): Promise<ReadonlyArray<Ran>> => {
  const task: Task = { role, result: join(folder, `result-${stores++}`), stores: trials }
  const file = `${task.result}.task`
  writeFileSync(file, JSON.stringify(task))
  const child = spawn(process.execPath, [join(import.meta.dirname, "sweep/process.ts"), file], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  // It warns of logs that cannot be written.
  let printed = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text))
  const [code, signal] = await once(child, "close")
  if (!existsSync(task.result)) throw new Error(`a process ended with ${String(code)} ${String(signal)}: ${printed}`)
  return JSON.parse(readFileSync(task.result, "utf8")) as ReadonlyArray<Ran>
}

const recordsIn = (store: string): number =>
  existsSync(join(store, "actions")) ? readdirSync(join(store, "actions")).length : 0

/** What stands in the folders of a store in which nothing stays that is not finished. */
const leftIn = (store: string): ReadonlyArray<string> =>
  ["tmp", "pending", "leases", "processes", "unfinished"].flatMap((name) =>
    existsSync(join(store, name)) ? readdirSync(join(store, name)).map((each) => `${name}/${each}`) : []
  )

const verify = (store: string) =>
  Effect.runPromise(
    verifyStore().pipe(Effect.provide(Store.layer(store)), Effect.provideService(Disk, diskOver(calls))),
  )

/** The parts of a path that say what kind of file it is of. */
const kindOf = ({ name, path }: Call): string =>
  `${name} ${/\/store\/?([a-z]*)/u.exec(path)?.[1] ?? ""} ${path.split("/").length}`

describe("crash sweep", () => {
  it("loses nothing, and does nothing twice, whatever happens at any call of the file system", async () => {
    const all: Array<Call> = []
    const first = newStore()
    const undisturbed = await runOn(
      first,
      join(first, ".."),
      faulty(calls, Infinity, "kill", (call) => all.push(call)).calls,
      "first",
    )
    assert.deepInclude(undisturbed, { isDone: true, bugs: [], failures: [], cached: [] })
    assert.lengthOf(undisturbed.executed, KEYS)

    const points = all.flatMap((call) => faultsOf(call).map((fault) => ({ call, fault })))
    // Each kind of call with each fault, then all others, in an order that is the same each time.
    const seen = new Map<string, number>()
    const ordered = points.map(({ call, fault }) => {
      const kind = `${kindOf(call)} ${fault}`
      const turn = seen.get(kind) ?? 0
      seen.set(kind, turn + 1)
      return { at: call.number, fault, turn, atOnce: (call.number + turn) % 2 === 0 }
    }).toSorted((one, other) => one.turn - other.turn || one.at - other.at)

    const started = Date.now()
    const counted = { run: 0, killed: 0, failed: 0, survived: 0 }
    const isEnough = () => counted.run >= seen.size && Date.now() - started > BUDGET * 1000
    while (counted.run < ordered.length && !isEnough()) {
      const trials = ordered.slice(counted.run, counted.run + BATCH).map((trial) => ({ ...trial, store: newStore() }))
      const together = trials.filter(({ atOnce }) => atOnce)
      const later = trials.filter(({ atOnce }) => !atOnce)
      const [faults, atOnce] = await Promise.all([start("faulty", trials), start("undisturbed", together)])
      const before = new Map(later.map(({ store }) => [store, recordsIn(store)]))
      const after = await start("undisturbed", later)
      for (const [index, trial] of trials.entries()) {
        const what = `${trial.fault} at call ${trial.at}: ${JSON.stringify(all[trial.at - 1])}`
        const [one, other] = [
          faults[index],
          trial.atOnce ? atOnce[together.indexOf(trial)] : after[later.indexOf(trial)],
        ]
        if (one === undefined || other === undefined) throw new Error("a process told of fewer stores than it had")
        if (trial.fault === "kill" || trial.fault === "torn") counted.killed++
        else {
          assert.deepStrictEqual(one.bugs, [], what)
          if (one.isDone) counted.survived++
          else {
            assert.isNotEmpty(one.failures, what)
            counted.failed++
          }
        }
        assert.deepStrictEqual([other.bugs, other.failures], [[], []], what)
        assert.deepStrictEqual(other.digests, undisturbed.digests, what)
        // What is recorded is not executed again.
        if (!trial.atOnce) assert.lengthOf(other.executed, KEYS - (before.get(trial.store) ?? 0), what)
        const report = await verify(trial.store)
        assert.strictEqual(verdictOf(report), "sound", `${what}: ${JSON.stringify(report.findings)}`)
        if (!trial.atOnce) assert.deepStrictEqual(leftIn(trial.store), [], what)
        rmSync(join(trial.store, ".."), { recursive: true })
      }
      counted.run += trials.length
    }
    show(
      "sweep",
      `${all.length} calls of ${new Set(all.map(kindOf)).size} kinds, ${points.length} faults of ${seen.size} kinds`,
      `${counted.run} met: ${counted.killed} kills, ${counted.failed} runs failed, ${counted.survived} went on`,
      "0 losses",
    )
  })
})
