import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { SourceProblem } from "../../../pipeline/build/problem.ts"
import { projectCode } from "../../../pipeline/build/project-code.ts"
import { repository } from "../../rig/project.ts"

let root = ""
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "redag-refused-"))
  cpSync(join(repository, "test/rig/fixture"), root, { recursive: true })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

it.each([
  ["import.meta.dirname", "asks for its own place"],
  ["import.meta.resolve(\"yaml\")", "asks for its own place"],
  ["new URL(\"words.txt\", import.meta.url)", "names a file by its own place, but by no literal path"],
  ["new URL(`./${String(one)}.txt`, import.meta.url)", "names a file by its own place, but by no literal path"],
  ["new URL(\"./words.txt\", import.meta.url)", "names ./words.txt beside it, which is not a file"],
  [
    "import(\"./words.json\", { with: { type: \"json\" } })",
    "imports ./words.json late and with attributes",
  ],
])("no program is made of %s", async (expression, message) => {
  const file = join(root, "stages/add/plus.ts")
  const text = readFileSync(file, "utf8")
  writeFileSync(file, text.replace("one + other", `(void ${expression}, one + other)`))
  writeFileSync(join(root, "stages/add/words.json"), "[]")
  const problem: unknown = await projectCode(root, repository).then(() => undefined, (cause: unknown) => cause)
  writeFileSync(file, text)
  expect(problem).toBeInstanceOf(SourceProblem)
  expect(problem).toMatchObject({ file: "stages/add/plus.ts", message })
})
