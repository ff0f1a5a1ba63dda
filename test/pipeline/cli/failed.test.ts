import { assert, describe, it } from "@effect/vitest"
import { sharedProject } from "../../rig/project.ts"

describe("a node whose execution failed", () => {
  const project = sharedProject()
  const run = ["run", "--profile", "heavy", "--keep-going"]
  const why = async () => (await project.dag("why", "heavy/a", "--profile", "heavy")).stdout
  const listed = async () => (await project.dag("ls", "heavy/a", "--profile", "heavy")).stdout

  it("is listed and explained as failed, until it changes or is executed again", async () => {
    await project.behaving({ a: "stage" }, run)
    assert.match(await why(), /has not run\n +failed as it is now, in run \S+: the loss is NaN\n/u)
    assert.match(await listed(), /^heavy\/a +failed/mu)
    project.write("numbers.txt", "7\n")
    assert.notInclude(await why(), "failed")
    assert.notInclude(await listed(), "failed")
    await project.behaving({ a: "stage" }, run)
    assert.match(await listed(), /^heavy\/a +failed/mu)
    project.executions()
    const running = project.start(run, { RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }) })
    await project.process("heavy", "a")
    assert.match(await listed(), /^heavy\/a +running/mu)
    project.open()
    assert.strictEqual((await running.ended).code, 0)
    assert.match(await listed(), /^heavy\/a +up to date/mu)
  })
})
