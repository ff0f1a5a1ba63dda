import { readFileSync, writeFileSync } from "node:fs"
import { beforeEach, describe, expect, it } from "vitest"
import { eventually, sharedProject } from "../../rig/project.ts"

describe("an object that is found damaged by a run after an edit, which has not looked at what made it", () => {
  const project = sharedProject()
  const words = ["run", "--profile", "beside"]

  /** Two of nine nodes are edited: one that may take long, and one that reads what is damaged. */
  beforeEach(async () => {
    project.edit(
      "dag.config.ts",
      "profiles: {",
      `profiles: {
    beside: (dag) => {
      const { steps } = dag.yaml("params.yaml", Params)
      const by = steps[1]?.by ?? 0
      const from = numbers(dag)
      const add1 = dag.add(add, { name: "sound", params: { by: 1 }, inputs: { numbers: from } }).numbers
      const add2 = dag.add(add, { name: "damaged", params: { by: 2 }, inputs: { numbers: from } }).numbers
      for (const to of [1, 2, 3, 4]) {
        dag.add(clip, { name: "other" + to, params: { to }, inputs: { numbers: from } })
      }
      dag.add(heavy, { name: "long", params: { label: "by" + by }, inputs: { numbers: add1 } })
      dag.add(clip, { name: "short", params: { to: by }, inputs: { numbers: add2 } })
    },`,
    )
    project.edit(
      "dag.config.ts",
      "  results,",
      `  notices: [{
    concerns: (params) => "by" in params && params.by === 2,
    checks: [],
    of: () => Effect.succeed({ lines: ["adding costs"], facts: {}, asks: {
      question: "Pay?", message: "nobody agreed to pay", help: "use --yes"
    } }),
  }],`,
    )
    project.edit("dag.config.ts", "import { Schema }", "import { Effect, Schema }")
    expect(await project.dag(...words, "--yes")).toMatchObject({ code: 0 })
    expect((await project.dag(...words, "--yes")).stdout).toMatch(/^0 nodes executed, 9 up to date/u)
    const { stdout } = await project.dag("why", "add/damaged", "--profile", "beside", "--json")
    const { record: { outputs: { numbers: { digest } } } } = JSON.parse(stdout) as {
      record: { outputs: { numbers: { digest: string } } }
    }
    const path = project.path("artifacts/objects", digest.slice(0, 2), digest.slice(2))
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(path, bytes)
    project.edit("params.yaml", "by: 10\n", "by: 12\n")
    project.executions()
  })

  const logs = () => project.files("artifacts/runs").map((path) => readFileSync(path, "utf8"))

  it("does not end what runs beside: that is executed once, and the logs say how each run ended", async () => {
    const before = logs().length
    const running = project.start([...words, "--yes"], { RIG_BEHAVIOUR: JSON.stringify({ by12: "wait" }) })
    let shown = ""
    running.process.stdout?.on("data", (text: string) => (shown += text))
    await eventually("the damage is found", () => shown.includes("is damaged or gone") ? true : undefined)
    await project.process("heavy", "by12")
    project.open()
    const { code, stdout } = await running.ended
    expect(code).toBe(0)
    expect(project.executions()).toEqual(["add 2", "clip 12", "clip 12", "heavy by12"])
    expect(stdout).toMatch(/1 node executed, 7 up to date, 1 left for the next plan/u)
    expect(stdout).toMatch(/2 nodes executed, 7 up to date/u)
    const [part = "", whole = ""] = logs().slice(before)
    expect(part).toMatch(/"_tag":"NodeSucceeded","node":"heavy\/long"/u)
    expect(part).toMatch(/"_tag":"RunFinished".*"outcome":"damaged","executed":1,/u)
    expect(whole).toMatch(/"_tag":"RunFinished".*"outcome":"succeeded","executed":2,/u)
    expect((await project.dag("diff")).stdout).toMatch(/ beside +damaged +1 +7$/mu)
  })

  it("is not made again where that asks what was not asked before, and nobody can answer", async () => {
    const { code, stdout, stderr } = await project.dag(...words)
    expect(code).toBe(1)
    expect(stdout).toContain("adding costs")
    expect(stderr).toContain("nobody agreed to pay")
    expect(project.executions()).toEqual(["clip 12", "heavy by12"])
    expect(await project.dag(...words, "--yes")).toMatchObject({ code: 0 })
    expect(project.executions()).toEqual(["add 2", "clip 12"])
  })
})
