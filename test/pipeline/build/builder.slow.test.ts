import { assert, beforeAll, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll } from "vitest"
import type { BuildRecord } from "../../../pipeline/build/build.ts"
import { bundleTool } from "../../../pipeline/build/tool.ts"
import { repository } from "../../rig/project.ts"

const folder = mkdtempSync(join(tmpdir(), "redag-builder-"))
const [redag, root] = [join(folder, "redag"), join(folder, "project")]

const run = async (file: string, ...words: ReadonlyArray<string>): Promise<string> =>
  (await promisify(execFile)(join(repository, "node_modules/.bin/node"), [file, ...words], { cwd: root })).stdout

const dag = (name = "dag.js") => run(join(redag, "dist", name), "ls")

const edit = (path: string, from: string, to: string): void => {
  const text = readFileSync(path, "utf8")
  assert.include(text, from)
  writeFileSync(path, text.replace(from, () => to))
}

/** Has each build say by which builder it was made, when it starts. */
const say = (words: string): void => {
  edit(join(redag, "pipeline/build/build.ts"), "const main = [", `const main = [\n    'console.log("${words}")',`)
}

const buildId = (): string => (JSON.parse(readFileSync(join(root, "dist/build.json"), "utf8")) as BuildRecord).id

describe("the builder", () => {
  beforeAll(async () => {
    cpSync(join(repository, "test/rig/fixture"), root, { recursive: true })
    mkdirSync(redag)
    cpSync(join(repository, "pipeline"), join(redag, "pipeline"), { recursive: true })
    cpSync(join(repository, "page"), join(redag, "page"), { recursive: true })
    cpSync(join(repository, "package.json"), join(redag, "package.json"))
    symlinkSync(join(repository, "node_modules"), join(redag, "node_modules"))
    await bundleTool(redag)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("makes each project again when it was edited, and then no more", async () => {
    const before = await dag()
    const id = buildId()
    cpSync(join(redag, "dist/dag.js"), join(redag, "dist/old.js"))
    say("made by the second")
    assert.strictEqual(await dag(), `made by the second\n${before}`)
    assert.notStrictEqual(buildId(), id)
    const second = readFileSync(join(root, "dist/build.json"), "utf8")
    assert.strictEqual(await dag(), `made by the second\n${before}`)
    assert.strictEqual((JSON.parse(second) as BuildRecord).id, buildId())
  })

  it("has every node executed again once keys are of another format, also where all was up to date", async () => {
    const dagRun = () => run(join(redag, "dist/dag.js"), "run", "--yes")
    for (const first of [/^8 nodes executed/mu, /^0 nodes executed, 8 up to date/mu]) {
      assert.match(await dagRun(), first)
    }
    const [fingerprint, format] = [join(redag, "pipeline/identity/fingerprint.ts"), "export const format = \"redag/2"]
    edit(fingerprint, format, `${format}-raised`)
    for (const then of [/^8 nodes executed/mu, /^0 nodes executed, 8 up to date/mu]) assert.match(await dagRun(), then)
  })

  it("makes nothing in a command that was started before it was edited, which gives way to the new one", async () => {
    writeFileSync(join(root, "dag.config.ts"), `${readFileSync(join(root, "dag.config.ts"), "utf8")}\nexport {}\n`)
    assert.match(await dag("old.js"), /^made by the second\n/u)
    assert.match(await dag(), /^made by the second\n/u)
  })

  it("makes nothing in a program that loaded it before it was edited, and says so", async () => {
    const before = readFileSync(join(root, "dist/build.json"), "utf8")
    const program = join(folder, "program.ts")
    writeFileSync(
      program,
      [
        "import { readFileSync, writeFileSync } from \"node:fs\"",
        `import { build } from ${JSON.stringify(join(redag, "pipeline/build/build.ts"))}`,
        `const [root, redag, file] = ${JSON.stringify([root, redag, join(redag, "pipeline/build/link.ts")])}`,
        "writeFileSync(file, `${readFileSync(file, \"utf8\")}\\n// edited\\n`)",
        "await build(root, redag).then(() => console.log(\"built\"), ({ message }) => console.log(message))",
      ].join("\n"),
    )
    assert.strictEqual(await run(program), "redag changed while it was running; start this again\n")
    assert.strictEqual(readFileSync(join(root, "dist/build.json"), "utf8"), before)
    assert.match(await dag(), /^made by the second\n/u)
  })
})
