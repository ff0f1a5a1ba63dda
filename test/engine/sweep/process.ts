/**
 * A process that runs the graph on many stores: `node process.ts TASK`, where TASK is a file of JSON.
 *
 * As the process with faults it meets one on each store, one after the other, and at the end kills itself: for every
 * store in which it was killed, it is then dead. As the other process it runs undisturbed on all of them at once.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { calls } from "../../../pipeline/store/calls.ts"
import { type Fault, faulty } from "../faults.ts"
import { inputsOf, type Ran, runOn } from "./engine.ts"

/** What a process is to do. */
export interface Task {
  readonly role: "faulty" | "undisturbed"
  /** Where it writes what came of it. */
  readonly result: string
  readonly stores: ReadonlyArray<{ readonly store: string; readonly at: number; readonly fault: Fault }>
}

const { role, result, stores } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Task
const results: Array<Ran> = []

/** What is known of a run that was killed. */
const dead: Ran = { isDone: false, executed: [], cached: [], digests: {}, failures: [], bugs: [] }

switch (role) {
  case "faulty":
    for (const { store, at, fault } of stores) {
      const { calls: own, killed } = faulty(calls, at, fault)
      results.push(await Promise.race([runOn(store, inputsOf(store), own, "faulty"), killed.then(() => dead)]))
    }
    break
  case "undisturbed":
    results.push(...await Promise.all(stores.map(({ store }) => runOn(store, inputsOf(store), calls, "undisturbed"))))
}
writeFileSync(result, JSON.stringify(results))
if (role === "faulty") process.kill(process.pid, "SIGKILL")
