import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { sharedProject } from "../../rig/project.ts"

describe("a file that the user names and that cannot be read", () => {
  const project = sharedProject()
  const commands = [["plan"], ["run"], ["why", "total"]]

  /** The one error of every command that needs to know what the files hold. */
  const told = async (variables: Readonly<Record<string, string>> = {}): Promise<string> => {
    const printed: Array<string> = []
    for (const words of commands) {
      const { code, stdout, stderr } = await project.start(words, variables).ended
      assert.strictEqual(code, 1, words.join(" "))
      assert.strictEqual(stdout, "", words.join(" "))
      assert.match(stderr, /^error: [^\n]+\n {2}help: [^\n]+\n$/u, words.join(" "))
      printed.push(stderr)
    }
    assert.deepStrictEqual(new Set(printed).size, 1)
    assert.deepStrictEqual(project.executions(), [])
    return printed.join("")
  }

  it("below a link that leads back to itself, is a mistake that names the path", async () => {
    const loop = project.beside("loop")
    symlinkSync("loop", loop)
    assert.include(
      await told({ RIG_NUMBERS: loop }),
      `${join(loop, "numbers.txt")}: cannot be read: it is a symbolic link, or a link leads back to itself`,
    )
  })

  it("below a folder of 300 letters, is a mistake that names the path", async () => {
    const folder = project.beside("x".repeat(300))
    assert.include(
      await told({ RIG_NUMBERS: folder }),
      `${join(folder, "numbers.txt")}: cannot be read: a name in the path is too long`,
    )
  })

  it("because it is a folder, is a mistake that names the path", async () => {
    const folder = project.beside("folders")
    mkdirSync(join(folder, "numbers.txt"), { recursive: true })
    assert.include(
      await told({ RIG_NUMBERS: folder }),
      `${join(folder, "numbers.txt")}: cannot be read: it is a folder`,
    )
  })

  it("because it is a FIFO, is a mistake that names the path, also of gc; a link to a regular file is read", async () => {
    const folder = project.beside("fifos")
    mkdirSync(folder, { recursive: true })
    execFileSync("mkfifo", [join(folder, "numbers.txt")])
    const refused = `${join(folder, "numbers.txt")}: cannot be read: it is a FIFO`
    assert.include(await told({ RIG_NUMBERS: folder }), refused)
    const collected = await project.start(["gc", "--dry-run"], { RIG_NUMBERS: folder }).ended
    assert.include(collected.stderr, refused)
    rmSync(join(folder, "numbers.txt"))
    symlinkSync(project.path("numbers.txt"), join(folder, "numbers.txt"))
    assert.strictEqual((await project.start(["run", "read"], { RIG_NUMBERS: folder }).ended).code, 0)
  })

  it("because it is a device, is a mistake that names the path", async () => {
    const folder = project.beside("devices")
    mkdirSync(folder, { recursive: true })
    symlinkSync("/dev/zero", join(folder, "numbers.txt"))
    assert.include(
      await told({ RIG_NUMBERS: folder }),
      `${join(folder, "numbers.txt")}: cannot be read: it is a device`,
    )
  })

  it("because a part of its path is a file, is missing", async () => {
    const file = project.beside("file")
    writeFileSync(file, "")
    const { code, stdout, stderr } = await project.start(["run"], { RIG_NUMBERS: file }).ended
    assert.strictEqual(code, 6)
    assert.notInclude(stdout + stderr, "defect")
  })

  it("because its aliases grow past any memory, is a mistake that names the line", async () => {
    const lists = "abcdefghi".split("").map((name, index) =>
      index === 0
        ? "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]"
        : `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefghi"[index - 1]}`).join(", ")}]`
    )
    project.write("params.yaml", `${project.read("params.yaml").trimEnd()}\n${lists.join("\n")}\n`)
    const line = project.read("params.yaml").trimEnd().split("\n").length
    assert.include(await told(), `params.yaml:${line}: is not YAML: Excessive alias count`)
  })
})

const project = sharedProject()

it("tells what a stage's uses gets wrong as a mistake in the stage", async () => {
  project.write(
    "stages/add/kinds.ts",
    `import { choice } from "redag"\n`
      + `export const kinds = choice("kind", { plus: () => import("./plus.ts") })\n`,
  )
  project.edit("stages/add/stage.ts", `import { plus } from "./plus.ts"`, `import { kinds } from "./kinds.ts"`)
  project.edit("stages/add/stage.ts", "const rows", `const { plus } = yield* kinds.load("plus")\n    const rows`)
  project.edit("stages/add/stage.ts", "  run:", `  uses: () => ({ kind: ["minus"] }),\n  run:`)
  const { stderr } = await project.dag("plan")
  assert.strictEqual(
    stderr,
    `error: stages/add/stage.ts: uses: names "minus", which is no kind in stages/add/kinds.ts\n`
      + `  help: name one of "plus"\n`,
  )
})
