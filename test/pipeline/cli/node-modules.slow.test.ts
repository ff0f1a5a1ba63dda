import { assert, describe, it } from "@effect/vitest"
import { afterAll, beforeAll } from "vitest"
import { Project } from "../../rig/project.ts"

describe("a project below a folder that is called node_modules", () => {
  const project = new Project()
  beforeAll(() => {
    project.root = project.beside("node_modules/@scope/project")
    project.reset()
  })
  afterAll(() => project.remove())

  it("runs, knows its sources, and says what an edit changes", async () => {
    const first = await project.dag("run", "--yes")
    assert.strictEqual(first.code, 0, first.stdout + first.stderr)
    assert.lengthOf(project.executions(), 8)

    const again = await project.dag("run", "--yes")
    assert.strictEqual(again.code, 0, again.stderr)
    assert.deepStrictEqual(project.executions(), [])

    project.edit("stages/add/plus.ts", "one + other", "one + other + 1")
    const { stdout } = await project.dag("why", "add/step0")
    assert.include(stdout, "stages/add/plus.ts: plus")
    const edited = await project.dag("run", "--yes")
    assert.strictEqual(edited.code, 0, edited.stderr)
    const stages = new Set(project.executions().map((line) => line.replace(/ .*$/u, "")))
    assert.deepStrictEqual(stages, new Set(["add", "clip", "total"]))
  })
})

it("a project below a folder whose name has a question mark is refused at once", async () => {
  const project = new Project()
  try {
    project.root = project.beside("what?/project")
    project.reset()
    const { code, stderr } = await project.dag("plan")
    assert.strictEqual(code, 1)
    assert.strictEqual(
      stderr,
      `error: the path ${project.root} has a question mark\n  help: rename that folder\n`,
    )
  } finally {
    project.remove()
  }
})
