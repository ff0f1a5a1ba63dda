import { assert, describe, it } from "@effect/vitest"
import { rmSync, writeFileSync } from "node:fs"
import { sharedProject } from "../../rig/project.ts"
import { zipOf } from "../../rig/zip.ts"

describe("files in an archive", () => {
  const project = sharedProject()
  const wired = () =>
    project.edit(
      "dag.config.ts",
      `numbers = (dag: Builder, file = "numbers.txt")`,
      `numbers = (dag: Builder, file = "office/numbers.txt")`,
    )
  const pack = (files: Readonly<Record<string, string>>) => writeFileSync(project.path("office.zip"), zipOf(files))

  it("are the same work as the files unpacked", async () => {
    wired()
    pack({ "office/numbers.txt": "1\n2\n3\n", "office/other.txt": "" })
    const packed = await project.dag("run", "read")
    assert.strictEqual(packed.code, 0, packed.stdout)
    assert.deepStrictEqual(project.executions(), ["read"])
    rmSync(project.path("office.zip"))
    project.write("office/numbers.txt", "1\n2\n3\n")
    const unpacked = await project.dag("run", "read")
    assert.strictEqual(unpacked.code, 0, unpacked.stdout)
    assert.deepStrictEqual(project.executions(), [])
    assert.deepStrictEqual(project.files("artifacts/tmp"), [])
  })

  it("are called by their path through the archive where something is wrong with them", async () => {
    wired()
    pack({ "office/numbers.txt": "1\nx\n3\n" })
    const wrong = await project.dag("run", "read")
    assert.strictEqual(wrong.code, 1)
    assert.match(wrong.stdout, /office\.zip\/office\/numbers\.txt/u)
    pack({ "office/other.txt": "" })
    const missing = await project.dag("run", "read")
    assert.strictEqual(missing.code, 6)
    assert.match(missing.stdout, /missing {2}office\/numbers\.txt/u)
    writeFileSync(project.path("office.zip"), "no archive")
    const damaged = await project.dag("run", "read")
    assert.strictEqual(damaged.code, 6)
    assert.match(
      damaged.stdout,
      /missing {2}office\/numbers\.txt\s+but\s+\S+office\.zip cannot be read as a zip archive/u,
    )
    const plan = await project.dag("plan")
    assert.strictEqual(plan.code, 0, plan.stdout)
  })
})
