import { assert, describe, it } from "@effect/vitest"
import { readFileSync, rmSync } from "node:fs"
import { sharedProject } from "../../rig/project.ts"

describe("a node that is executed again since what it made is gone", () => {
  const project = sharedProject()
  const object = async (node: string): Promise<string> =>
    /^\/.*\/objects\/.*$/mu.exec((await project.dag("show", node, "--profile", "heavy")).stdout)?.[0] ?? ""
  /** The last run's line about a node, and what its log says of it. */
  const ran = async (node: string) => {
    const { code, stdout, stderr } = await project.dag("run", "--verbose", "--profile", "heavy")
    assert.strictEqual(code, 0, stderr)
    const log = readFileSync(project.files("artifacts/runs").at(-1) ?? "", "utf8").split("\n")
    const logged = log.find((line) => line.includes("\"NodeSucceeded\"") && line.includes(`"node":"${node}"`)) ?? ""
    return {
      line: stdout.split("\n").find((each) => each.startsWith("done") && each.includes(` ${node} `)) ?? "",
      moment: /"moment":(\d+)/u.exec(logged)?.[1] ?? "",
      logged,
    }
  }

  for (const [node, stage] of [["heavy/a", "heavy"], ["read/numbers", "read"]] as const) {
    it(`is told with the facts of this execution, and as made the same again: ${node}`, async () => {
      const file = `stages/${stage}/stage.ts`
      if (!project.read(file).includes("Progress")) project.edit(file, ", stage }", ", Progress, stage }")
      project.edit(file, "    count(", "    yield* (yield* Progress).count(\"moment\", Date.now())\n    count(")
      const first = await ran(node)
      assert.notInclude(first.line, "again")
      rmSync(await object(node))
      const second = await ran(node)
      assert.match(second.line, / moment, made the same again$/u)
      assert.notStrictEqual(second.moment, "")
      assert.isAbove(Number(second.moment), Number(first.moment))
      assert.include(second.logged, "\"again\":\"same\"")
      // What the store says of the action stays.
      assert.lengthOf(project.files("artifacts/conflicts"), 0)
    })
  }
})
