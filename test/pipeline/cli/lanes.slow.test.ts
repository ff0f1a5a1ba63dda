import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { eventually, sharedProject } from "../../rig/project.ts"

const count = 300
const labels = Array.from({ length: count }, (_, index) => `n${index}`)
const run = ["run", "--profile", "light", "--jobs", "2", "--keep-going"]
/** One in the middle, when it is known that they are short. */
const odd = "n150"

describe("short actions that share a thread, one after the other", () => {
  const project = sharedProject()

  const begin = (behaviour: string) => {
    project.edit(
      "dag.config.ts",
      "for (const label of [\"a\", \"b\"]) dag.add(light",
      `for (const label of Array.from({ length: ${count} }, (_, index) => \`n\${index}\`)) dag.add(light`,
    )
    return project.start(run, { RIG_BEHAVIOUR: JSON.stringify({ [odd]: behaviour }) })
  }

  /** The labels of the nodes that have a record. */
  const recorded = (): ReadonlyArray<string> =>
    project.files("artifacts/actions").flatMap((path) => {
      const { content: { node } } = JSON.parse(readFileSync(path, "utf8")) as {
        readonly content: { readonly node: string }
      }
      return node.startsWith("light/") ? [node.slice("light/".length)] : []
    })

  /** The labels of what was executed since this was last asked. */
  const executed = (): ReadonlyArray<string> =>
    project.executions().flatMap((line) => (line.startsWith("light ") ? [line.slice("light ".length)] : []))

  it("go on elsewhere while a slow one runs amid them; each is executed once", async () => {
    const started = begin("wait")
    await eventually("all others", () => (recorded().length === count - 1 ? true : undefined))
    assert.notInclude(recorded(), odd)
    project.open()
    const { code, stdout, stderr } = await started.ended
    assert.strictEqual(code, 0, stdout + stderr)
    assert.match(stdout, /301 nodes executed, 0 up to date/u)
    assert.sameMembers([...executed()], labels)
  })

  it("do not fail with one amid them that fails; that one alone is executed again", async () => {
    for (const [behaviour, words] of [["stage", /the loss is NaN/u], ["exit", /its thread ended itself/u]] as const) {
      project.reset()
      const { code, stdout, stderr } = await begin(behaviour).ended
      assert.strictEqual(code, 1, stdout + stderr)
      assert.match(stdout, words)
      assert.match(stdout, /300 nodes executed, 0 up to date, 1 failed/u)
      // A thread that ends itself takes with it what was still on its way to the disk: that is executed twice.
      const ran = executed()
      assert.sameMembers(behaviour === "exit" ? [...new Set(ran)] : [...ran], labels, behaviour)
      const again = await project.dag(...run)
      assert.strictEqual(again.code, 0, again.stdout + again.stderr)
      assert.deepStrictEqual(executed(), [odd], behaviour)
    }
  })

  it("are executed again after a kill only where they had not been recorded", async () => {
    // One of them waits, so that the run cannot end before it is killed.
    const started = begin("wait")
    await eventually("some to be recorded", () => (recorded().length >= 60 ? true : undefined))
    started.process.kill("SIGKILL")
    assert.strictEqual((await started.ended).signal, "SIGKILL")
    const before = recorded()
    assert.isAbove(executed().length, 0)
    const again = await project.dag(...run)
    assert.strictEqual(again.code, 0, again.stdout + again.stderr)
    assert.sameMembers([...executed()], labels.filter((label) => !before.includes(label)))
    assert.sameMembers([...recorded()], labels)
    const verified = await project.dag("verify")
    assert.strictEqual(verified.code, 0, verified.stdout + verified.stderr)
    assert.match(verified.stdout, /^Sound: /mu)
  })
})
