import type { Project } from "../rig/project.ts"

/** How often a training of these projects saves where it is, in steps. */
export const SAVED = 5

/**
 * Waits a little at each step, saves every so many, and counts each with the process that took it. The one that RIG_HELD
 * names does not end before the gate is open.
 */
const stage = `import { Effect, Schema } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { one, Progress, stage, Unfinished } from "redag"
import { Numbers } from "../../schemas/numbers.ts"
import { count } from "../count.ts"

export const train = stage({
  name: "train",
  params: Schema.Struct({ label: Schema.String, steps: Schema.Int }),
  inputs: { numbers: one(Numbers) },
  outputs: { numbers: Numbers },
  isolation: "process",
  run: Effect.fnUntraced(function*({ params: { label, steps }, inputs }) {
    const progress = yield* Progress
    const unfinished = yield* Unfinished
    const saved = (yield* unfinished.restore)?.["state"]
    let state = saved === undefined
      ? { step: 0, value: (yield* inputs.numbers.rows)[0]?.value ?? 0 }
      : JSON.parse(readFileSync(saved.path, "utf8")) as { readonly step: number; readonly value: number }
    while (state.step < steps) {
      state = { step: state.step + 1, value: (state.value * 31 + state.step) % 1_000_003 }
      count(\`train \${label} \${process.pid} \${state.step}\`)
      yield* Effect.sleep(50)
      if (state.step % ${SAVED} === 0) yield* unfinished.save({ state: [Buffer.from(JSON.stringify(state))] })
      yield* progress.advance({ done: state.step, total: steps, unit: "steps" })
    }
    while (label === process.env["RIG_HELD"] && !existsSync(process.env["RIG_GATE"] ?? "")) {
      count(\`held \${label}\`)
      yield* Effect.sleep(100)
    }
    return { numbers: [{ value: state.value }] }
  }),
})
`

/** Chains of trainings; what is between two of them, and beside it, takes no time. */
const config = (chains: number, links: number, steps: number) => `
import { type Builder, experiment } from "redag"
import { results } from "./results.ts"
import { add } from "./stages/add/stage.ts"
import { read } from "./stages/read/stage.ts"
import { total } from "./stages/total/stage.ts"
import { train } from "./stages/train/stage.ts"

const main = (dag: Builder) => {
  const text = { title: "the numbers", base: dag.root, names: ["numbers.txt"] }
  const { numbers } = dag.add(read, { name: "numbers", params: {}, inputs: { text } })
  const made: Array<typeof numbers> = []
  for (let chain = 0; chain < ${chains}; chain++) {
    let last = numbers
    for (let link = 0; link < ${links}; link++) {
      const label = \`\${chain}-\${link}\`
      last = dag.add(train, { name: label, params: { label, steps: ${steps} }, inputs: { numbers: last } }).numbers
      for (let by = 0; by < 8; by++) {
        const added = dag.add(add, { name: \`\${label}-\${by}\`, params: { by }, inputs: { numbers: last } }).numbers
        made.push(added)
        if (by === chain) last = added
      }
    }
  }
  dag.add(total, { name: "all", params: {}, inputs: { numbers: made } })
}
export default experiment({ defaultProfile: "main", profiles: { main }, results })
`

/** Makes a project one of so many chains of trainings, each of so many steps. */
export const writeTrainings = (project: Project, chains: number, links: number, steps: number): void => {
  project.write("stages/train/stage.ts", stage)
  project.write("dag.config.ts", config(chains, links, steps))
}

/** What the processes of a training did, in their order. */
export interface Stretch {
  readonly process: string
  readonly first: number
  readonly last: number
}

/** The stretches of each training by its label: a process may have begun after another was killed, never beside it. */
export const stretchesOf = (
  words: ReadonlyArray<ReadonlyArray<string>>,
): ReadonlyMap<string, ReadonlyArray<Stretch>> => {
  const found = new Map<string, Array<Stretch>>()
  for (const [what, label = "", process = "", text] of words) {
    if (what !== "train") continue
    const step = Number(text)
    const own = found.get(label) ?? []
    found.set(label, own)
    const before = own.at(-1)
    if (before?.process === process) own[own.length - 1] = { ...before, last: step }
    else own.push({ process, first: step, last: step })
  }
  return found
}
