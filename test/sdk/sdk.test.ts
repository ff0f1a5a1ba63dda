import { afterAll, assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { repository } from "../rig/project.ts"

interface Said {
  readonly planned: ReadonlyArray<string>
  readonly executed: ReadonlyArray<string>
  readonly summary: { readonly executed: number; readonly cached: number; readonly failed: number }
  readonly failures: ReadonlyArray<{ readonly node: string; readonly message: string; readonly help?: string }>
  readonly rows: ReadonlyArray<object>
}

describe("the engine as a library: the words of a few texts", () => {
  const folder = mkdtempSync(join(tmpdir(), "redag-sdk-"))
  const project = join(folder, "words")
  cpSync(join(import.meta.dirname, "words"), project, { recursive: true })
  mkdirSync(join(project, "node_modules"))
  for (const [name, target] of [["redag", repository], ["effect", join(repository, "node_modules/effect")]] as const) {
    symlinkSync(target, join(project, "node_modules", name))
  }
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs the program elsewhere, as one that has nothing to do with the project's folder. */
  const say = (): Said => {
    const { stdout, stderr, status } = spawnSync(
      join(repository, "node_modules/.bin/node"),
      [join(project, "program.ts"), project],
      { cwd: folder, encoding: "utf8" },
    )
    assert.strictEqual(status, 0, stderr)
    return JSON.parse(stdout) as Said
  }

  it("is what the page about it shows, to the letter", () => {
    const page = readFileSync(join(repository, "docs/engine.md"), "utf8")
    for (const file of ["dag.config.ts", "stages/count/stage.ts", "schemas/counts.ts"]) {
      assert.include(page, `\`\`\`ts\n${readFileSync(join(project, file), "utf8")}\`\`\`\n`, file)
    }
  })

  it("plans, runs and reads rows, and executes only what an edit reaches", () => {
    const first = say()
    assert.deepStrictEqual(first.planned, [
      "count/sea will-run",
      "count/river will-run",
      "count/lake will-run",
      "most/all will-run",
    ])
    assert.deepStrictEqual(first.executed, ["count/lake", "count/river", "count/sea", "most/all"])
    assert.deepStrictEqual(first.rows, [
      { word: "water", count: 4 },
      { word: "runs", count: 2 },
      { word: "still", count: 2 },
    ])

    const again = say()
    assert.deepStrictEqual(again.executed, [])
    assert.strictEqual(again.summary.cached, 4)
    assert.deepStrictEqual(again.rows, first.rows)

    writeFileSync(join(project, "texts/sea.txt"), "Salt, salt, salt.\n")
    const edited = say()
    assert.deepStrictEqual(edited.executed, ["count/sea", "most/all"])
    assert.deepStrictEqual(edited.rows[0], { word: "salt", count: 3 })
  })

  it("tells of a node that failed, and sees what the command line has run since", () => {
    writeFileSync(join(project, "texts/lake.txt"), "...\n")
    const { failures, summary } = say()
    assert.strictEqual(summary.failed, 1)
    assert.deepStrictEqual(failures.map(({ node, message, help }) => [node, message, help]), [
      ["count/lake", "has no word", "write some"],
    ])
    writeFileSync(join(project, "texts/lake.txt"), "Deep water.\n")
    const run = spawnSync(
      join(repository, "node_modules/.bin/node"),
      [join(repository, "dist/dag.js"), "run", "--yes"],
      { cwd: project, encoding: "utf8" },
    )
    assert.strictEqual(run.status, 0, run.stderr)
    assert.deepStrictEqual(say().executed, [])
  })
})
