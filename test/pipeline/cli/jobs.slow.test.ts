import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { afterAll, beforeAll } from "vitest"
import { copyOfExperiment } from "../../rig/experiment.ts"
import type { Project } from "../../rig/project.ts"

/** Two models on the same sixteen examples. */
const trainings = ["finetune/t5-mini/dce/16/seed0", "finetune/bart-mini/dce/16/seed0"]

interface Told {
  readonly _tag: string
  readonly node?: string
  readonly resources?: { readonly cpu: number }
}

describe("several trainings", () => {
  let project: Project
  beforeAll(() => {
    project = copyOfExperiment()
  })
  afterAll(() => project.remove())

  /** What happened to the trainings, in order, when run on a store of its own. */
  const run = async (jobs: number): Promise<ReadonlyArray<Told>> => {
    const words = ["run", "--profile", "demo", "--json", "--jobs", String(jobs)]
    const variables = { DAG_STORE: `store${jobs}` }
    // What they are made of is made before, so that both can begin at once.
    const before = trainings.map((node) => `+${node}`)
    const prepared = await project.start([...words, ...before, "--exclude", trainings.join(" ")], variables).ended
    assert.strictEqual(prepared.code, 0, prepared.stdout + prepared.stderr)
    const { code, stdout, stderr } = await project.start([...words, ...trainings], variables).ended
    assert.strictEqual(code, 0, stdout + stderr)
    return stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as Told).filter(({ _tag, node }) =>
      trainings.includes(node ?? "") && (_tag === "NodeStarted" || _tag === "NodeSucceeded")
    )
  }

  /** The digests of what the trainings made, but for `speeds`: that holds wall times. */
  const made = (jobs: number): ReadonlyArray<string> =>
    project.files(`store${jobs}/actions`).flatMap((path) => {
      const { content: { node, outputs } } = JSON.parse(readFileSync(path, "utf8")) as {
        readonly content: {
          readonly node: string
          readonly outputs: Readonly<Record<string, { readonly digest: string }>>
        }
      }
      return trainings.includes(node)
        ? Object.entries(outputs).filter(([name]) => name !== "speeds").map(([name, { digest }]) =>
          `${node} ${name} ${digest}`
        )
        : []
    }).toSorted()

  it("overlap with --jobs 2, each on its thread, take turns with --jobs 1, and make the same either way", async () => {
    const [one, two] = [await run(1), await run(2)]
    const order = (events: ReadonlyArray<Told>) => events.map(({ _tag }) => _tag)
    assert.deepStrictEqual(order(one), ["NodeStarted", "NodeSucceeded", "NodeStarted", "NodeSucceeded"])
    assert.deepStrictEqual(order(two), ["NodeStarted", "NodeStarted", "NodeSucceeded", "NodeSucceeded"])
    for (const { resources } of [...one, ...two]) if (resources !== undefined) assert.strictEqual(resources.cpu, 1)
    assert.isAtLeast(made(1).length, 4)
    assert.deepStrictEqual(made(2), made(1))
  })
})
