import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { repository } from "../../rig/project.ts"

describe("the help of an experiment that declares filters", () => {
  it("is printed for all commands at once, and for one that has the filters alone", () => {
    for (const words of [["--help"], ["help", "verify"]]) {
      const { status, stdout, stderr } = spawnSync(
        join(repository, "node_modules/.bin/node"),
        [join(repository, "dist/dag.js"), ...words],
        { cwd: repository, encoding: "utf8" },
      )
      assert.deepStrictEqual([status, stderr], [0, ""])
      assert.include(stdout, "verify")
    }
  })
})
