import { readdirSync, rmSync } from "node:fs"
import { expect, it } from "vitest"
import { sharedProject } from "../../rig/project.ts"

const project = sharedProject()

/** The folder of the one build, below the project. */
const build = (): string => `dist/${readdirSync(project.path("dist")).find((name) => /^[0-9a-f]{16}$/u.test(name))}`

it("builds again where a file of the build is gone or damaged, in the place where it was", async () => {
  expect(await project.dag("run")).toMatchObject({ code: 0 })
  const folder = build()
  rmSync(project.path(folder, "main.mjs"))
  expect(await project.dag("run")).toMatchObject({ code: 0, stderr: "" })
  project.write(`${folder}/code.json`, project.read(`${folder}/code.json`).slice(1))
  expect(await project.dag("run")).toMatchObject({ code: 0, stderr: "" })
  expect(build()).toBe(folder)
})

it("takes no key from digests that are damaged", async () => {
  await project.dag("run")
  project.executions()
  const file = `${build()}/programs/digests.json`
  const text = project.read(file)
  const digit = text.at(-5) ?? ""
  for (const damaged of [`${text.slice(0, -5)}${digit === "0" ? "1" : "0"}${text.slice(-4)}`, text.slice(0, 100), ""]) {
    project.write(file, damaged)
    expect(await project.dag("run")).toMatchObject({ code: 0, stderr: "" })
    expect(project.executions()).toEqual([])
  }
})
