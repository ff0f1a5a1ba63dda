import { assert, describe, it } from "@effect/vitest"
import { sharedProject } from "../../rig/project.ts"

describe("the filters that an experiment declares", () => {
  const project = sharedProject()

  /** The steps of the profile "main" may be filtered, by their names and by what they add. */
  const withFilter = () => {
    project.edit(
      "dag.config.ts",
      "const clipped = steps.map((params, index) => {",
      [
        "const kept = dag.kept(\"steps\", steps.map((params, index) => ({ params, index })), ({ params, index }) =>",
        "    [`Step${index}`, String(params.by)])",
        "  const clipped = kept.map(({ params, index }) => {",
      ].join("\n"),
    )
    project.edit(
      "dag.config.ts",
      "defaultProfile: \"main\",",
      "defaultProfile: \"main\", filters: { steps: \"Only these steps\" },",
    )
  }
  const names = async (...words: ReadonlyArray<string>) => {
    const { code, stdout, stderr } = await project.dag("ls", "add", "--json", ...words)
    assert.strictEqual(code, 0, stderr)
    return (JSON.parse(stdout) as ReadonlyArray<{ readonly node: string }>).map(({ node }) => node)
  }

  it("are flags, whose patterns keep entries by any of their names, whatever the case", async () => {
    withFilter()
    assert.deepStrictEqual(await names(), ["add/step0", "add/step1", "add/step2"])
    assert.deepStrictEqual(await names("--steps", "STEP2, step0"), ["add/step0", "add/step2"])
    assert.deepStrictEqual(await names("--steps", "10*"), ["add/step1", "add/step2"])
    assert.deepStrictEqual(await names("--steps", "10"), ["add/step1"])
    const help = await project.dag("run", "--help")
    assert.match(help.stdout, /--steps TEXT\s+Only these steps/u)
  })

  it("are said before the run, which executes what they keep and leaves the rest as it was", async () => {
    withFilter()
    const some = await project.dag("run", "--steps", "step1")
    assert.strictEqual(some.code, 0, some.stderr)
    assert.match(some.stdout, /^Profile main with --steps step1, 4 nodes: /mu)
    assert.include(some.stdout, "\"tables\":1")
    assert.deepStrictEqual(project.executions(), ["add 10", "clip 50", "read", "total"])
    assert.strictEqual((await project.dag("run")).code, 0)
    assert.deepStrictEqual(project.executions(), ["add 1", "add 100", "clip 50", "clip 50", "total"])
    const again = await project.dag("run", "--steps", "step1")
    assert.match(again.stdout, /^0 nodes executed, 4 up to date/mu)
    // What they leave out is not compared either.
    const differences = await project.dag("diff", "last", "--steps", "step1", "--json")
    assert.strictEqual(differences.code, 0, differences.stderr)
    assert.notMatch(differences.stdout, /step[02]/u)
    assert.match(
      (await project.dag("diff", "last", "--steps", "step1")).stdout,
      /profile main with --steps step1 as it/u,
    )
    assert.match((await project.dag("results", "--steps", "step1")).stdout, /"tables":1/u)
    assert.match((await project.dag("results")).stdout, /"tables":3/u)
    // A signature of a part is none of the whole.
    await project.dag("key", "new", "--to", "key.pem")
    await project.dag("results", "--sign", "key.pem", "--steps", "step1")
    const whole = await project.dag("verify", "--key", "key.pem.pub")
    assert.strictEqual(whole.code, 3)
    assert.match(whole.stdout, /holds: 4 nodes of --profile main --steps step1, signed by key/u)
    assert.strictEqual((await project.dag("verify", "--key", "key.pem.pub", "--steps", "step1")).code, 0)
    assert.deepStrictEqual(project.executions(), [])
  })

  it("stand in the commands that an error tells to give", async () => {
    withFilter()
    const refused = await project.dag("results", "--steps", "step1,*2")
    assert.strictEqual(refused.code, 1)
    assert.include(refused.stderr, "help: compute them: dag run total/all --profile main --steps 'step1,*2'\n")
  })

  it("refuse a pattern that keeps nothing, and a profile that has nothing to choose from", async () => {
    withFilter()
    for (
      const [words, told] of [
        [
          ["plan", "--steps", "step1,step7"],
          /^error: --steps: "step7" matches none of the steps\n {2}help: they are: Step0, Step1, Step2;/u,
        ],
        [["plan", "--steps", " , "], /^error: --steps: is empty\n {2}help: name some of: Step0, Step1, Step2;/u],
        [["plan", "--steps", ""], /^error: --steps: is empty\n {2}help: name some of: Step0, Step1, Step2;/u],
        [
          ["plan", "--profile", "heavy", "--steps", "a"],
          /^error: --steps: profile "heavy" has no steps to choose from\n/u,
        ],
      ] as const
    ) {
      const refused = await project.dag(...words)
      assert.strictEqual(refused.code, 2)
      assert.match(refused.stderr, told)
    }
  })
})
