import { assert, describe, it } from "@effect/vitest"
import { existsSync, rmSync } from "node:fs"
import { sharedProject } from "../../rig/project.ts"

describe("an action that made other bytes when it was executed another time", () => {
  const project = sharedProject()
  const dag = (...words: ReadonlyArray<string>) => project.dag(...words, "--profile", "clocked")
  const shown = async (): Promise<string> => (await dag("show", "clock", "--json")).stdout

  it("is a recorded conflict: both are there, the first counts, and status, verify and audit tell", async () => {
    await dag("run")
    const first = await shown()
    project.executions()

    assert.strictEqual((await dag("run", "clock", "--force")).code, 3)
    assert.deepStrictEqual(project.executions(), ["clock"])
    assert.strictEqual(await shown(), first)
    assert.match((await dag("run")).stdout, /0 nodes executed, 5 up to date/u)

    const { stdout } = await dag("status")
    assert.match(stdout, /^conflict clock\/now {2}executed another time it made other bytes of numbers /mu)
    const { conflicts } = JSON.parse((await dag("status", "--json")).stdout) as {
      readonly conflicts: ReadonlyArray<{
        readonly node: string
        readonly outputs: ReadonlyArray<{ readonly name: string; readonly counts: string; readonly other: string }>
      }>
    }
    assert.deepStrictEqual(conflicts.map(({ node }) => node), ["clock/now"])
    const [output] = conflicts[0]?.outputs ?? []
    for (const digest of [output?.counts ?? "", output?.other ?? ""]) {
      assert.isTrue(existsSync(project.path("artifacts/objects", digest.slice(0, 2), digest.slice(2))), digest)
    }

    const verified = await project.dag("verify")
    assert.strictEqual(verified.code, 0)
    assert.match(verified.stdout, /says that clock\/now made other bytes another time/u)
    const audited = await dag("audit", "clock")
    assert.strictEqual(audited.code, 3)
    assert.match(audited.stdout, /^ {2}it is not reproducible, no known cause: it takes something/mu)
    assert.match(audited.stdout, /^ {2}the store has a conflict: two records of this action with different outputs$/mu)
    assert.notInclude(audited.stdout, "may be explained")
  })

  it("is recorded too where the first bytes are gone and the run that makes them again makes others", async () => {
    await dag("run")
    const [path = ""] = /^\/.*\/objects\/.*$/mu.exec((await dag("show", "clock")).stdout) ?? []
    rmSync(path)
    project.executions()
    assert.strictEqual((await dag("run")).code, 0)
    assert.deepStrictEqual(project.executions(), ["clip 50", "clock"])
    assert.match((await dag("status")).stdout, /^conflict clock\/now {2}/mu)
    assert.lengthOf(project.files("artifacts/conflicts"), 1)
    // What is gone cannot be made again: the store is as sound as it can be.
    const verified = await project.dag("verify")
    assert.strictEqual(verified.code, 0)
    assert.match(verified.stdout, /^note +conflicts\/.* names object [0-9a-f]{64}, which is not there$/mu)
  })

  it("is none where it makes the same again, or only what is declared to vary differs", async () => {
    await dag("run")
    assert.strictEqual((await dag("run", "add", "--force")).code, 0)
    assert.notInclude((await dag("status")).stdout, "conflict")
    assert.deepStrictEqual(project.files("artifacts/conflicts"), [])
  })
})
