import { cpSync, mkdirSync, symlinkSync } from "node:fs"
import { expect, it } from "vitest"
import { repository, sharedProject } from "../../rig/project.ts"

const project = sharedProject()

it("refuses a project that has a redag of its own, and names both", async () => {
  project.write("package.json", JSON.stringify({ name: "redag" }))
  project.write("pipeline/index.ts", "export {}\n")
  const before = project.files("dist")
  const { code, stderr } = await project.dag("ls")
  expect(code).toBe(1)
  expect(stderr).toBe(
    `error: this is the dag of ${repository}, and ${project.root} is another copy of redag\n`
      + `  help: run npx dag in ${project.root}, or node ${project.path("dist/dag.js")}\n`,
  )
  // A project of a test may have builds from the start.
  expect(project.files("dist")).toEqual(before)
})

it("refuses one that has installed another redag", async () => {
  mkdirSync(project.path("node_modules/redag/pipeline"), { recursive: true })
  cpSync(`${repository}/package.json`, project.path("node_modules/redag/package.json"))
  project.write("node_modules/redag/pipeline/index.ts", "export {}\n")
  const { code, stderr } = await project.dag("ls")
  expect(code).toBe(1)
  expect(stderr).toContain(`${project.root} has its own copy of redag in ${project.path("node_modules/redag")}`)
})

it("runs one that has none, or that is linked to this one", async () => {
  project.write("pipeline/index.ts", "// A folder that is only called so.\n")
  expect(await project.dag("ls")).toMatchObject({ code: 0 })
  mkdirSync(project.path("node_modules"), { recursive: true })
  symlinkSync(repository, project.path("node_modules/redag"))
  expect(await project.dag("ls")).toMatchObject({ code: 0 })
})
