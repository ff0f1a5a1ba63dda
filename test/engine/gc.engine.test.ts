import { assert, describe, it } from "vitest"
import { treeOf } from "../rig/flips.ts"
import { sharedProject } from "../rig/project.ts"
import { show } from "./table.ts"

interface Collected {
  readonly removed: ReadonlyArray<{ readonly path: string; readonly bytes: number }>
}

describe("a collection", () => {
  const project = sharedProject()
  const done = async (...words: ReadonlyArray<string>): Promise<string> => {
    const { code, stdout, stderr } = await project.dag(...words)
    assert.strictEqual(code, 0, `${words.join(" ")}\n${stdout}${stderr}`)
    return stdout
  }

  it("removes exactly what its dry run names, through twelve edits, and leaves every table fresh and verifiable", async () => {
    let [named, removed] = [0, 0]
    const profiles = ["main", "heavy", "trained", "twins"]
    for (let edit = 0; edit < 12; edit++) {
      project.write(
        "params.yaml",
        `text:\n  greeting: hello ${edit % 3}\nsteps:\n  - by: ${edit}\n  - by: ${edit % 4}\n`,
      )
      for (const profile of profiles) await done("run", "--yes", "--profile", profile)
      const words = ["gc", "--older-than", "0s", "--checkpoints", edit % 2 === 0 ? "none" : "all", "--json"]
      const before = treeOf(project.path("artifacts"))
      const dry = (JSON.parse(await done(...words, "--dry-run")) as Collected).removed.map(({ path }) => path)
      const wet = (JSON.parse(await done(...words)) as Collected).removed.map(({ path }) => path)
      const after = treeOf(project.path("artifacts"))
      const gone = [...before.keys()].filter((path) => !after.has(path))
      assert.deepStrictEqual(wet, dry)
      assert.sameMembers(wet, gone)
      named += dry.length
      removed += gone.length
      for (const profile of profiles) {
        assert.match(await done("plan", "--profile", profile), /: 0 will run, \d+ up to date/u)
      }
      assert.match(await done("verify"), /^Sound: /mu)
    }
    show(
      "gc",
      "12 edits of four profiles, a collection after each",
      `${named} files named, ${removed} removed`,
      "the same files; all tables fresh, the store sound",
    )
  })
})
