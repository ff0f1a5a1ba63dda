import { assert, describe, it } from "@effect/vitest"
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { eventually, sharedProject } from "../../rig/project.ts"

interface Json {
  readonly totals: ReadonlyArray<{ readonly total: number; readonly tables: number }>
  readonly absent?: ReadonlyArray<{ readonly node: string; readonly params: object; readonly reason: object }>
}

/** A stage that takes all of several tables. */
const joining = `import { Effect, Schema } from "effect"
import { many, stage } from "redag"
import { Numbers } from "../../schemas/numbers.ts"

export const join = stage({
  name: "join",
  params: Schema.Struct({}),
  inputs: { numbers: many(Numbers) },
  outputs: { numbers: Numbers },
  run: Effect.fnUntraced(function*({ inputs }) {
    return { numbers: (yield* Effect.forEach(inputs.numbers, ({ rows }) => rows)).flat() }
  }),
})
`

describe("results of what there is", () => {
  const project = sharedProject()

  /** The profile "heavy", whose total is that of whatever there is: of b, and of c, which takes what a makes. */
  const gathering = () => {
    project.edit("stages/total/stage.ts", "import { many, stage }", "import { available, stage }")
    project.edit("stages/total/stage.ts", "many(Numbers)", "available(Numbers)")
  }
  const withoutFile = () =>
    project.edit("dag.config.ts", "run(\"b\", from)", "run(\"b\", numbers(dag, \"absent.txt\"))")
  const run = ["run", "--profile", "heavy", "--jobs", "2"]
  const results = async () => {
    const { code, stdout, stderr } = await project.dag("results", "--profile", "heavy", "--json")
    assert.strictEqual(code, 0, stderr)
    return { ...JSON.parse(stdout) as Json, stderr }
  }

  it("come also after a failure, and the run ends with 1", async () => {
    gathering()
    const failed = await project.behaving({ a: "stage", b: "wait" }, [...run, "--keep-going"], {
      RIG_GATE: project.path("numbers.txt"),
    })
    assert.strictEqual(failed.code, 1)
    assert.match(failed.stdout, /3 nodes executed, 0 up to date, 1 failed, 1 blocked/u)
    assert.include(failed.stdout, "Totals: [{\"total\":9,\"tables\":1}]")
    assert.deepStrictEqual(project.executions(), ["heavy a", "heavy b", "read", "total"])
    const { totals, absent } = await results()
    assert.deepStrictEqual(totals, [{ total: 9, tables: 1 }])
    const message = "the loss is NaN"
    assert.deepStrictEqual(absent, [
      { node: "heavy/c", params: { label: "c" }, reason: { _tag: "Failed", node: "heavy/a", message } },
    ])
    assert.deepStrictEqual(project.executions(), [])
    const page = await project.dag("results", "--profile", "heavy", "--html", "page.html")
    assert.strictEqual(page.code, 0, page.stderr)
    assert.match(project.read("page.html"), /<h1>9<\/h1><p>heavy, up to date, \d nodes: total\/all heavy\/b read\//u)
    assert.strictEqual((await project.dag(...run)).code, 0)
    assert.deepStrictEqual(project.executions(), ["heavy a", "heavy c", "total"])
    assert.deepStrictEqual((await results()).totals, [{ total: 21, tables: 2 }])
  })

  it("come after a failure that keeps other nodes from their start", async () => {
    gathering()
    project.edit("dag.config.ts", "[run(\"c\", a), b]", "[run(\"c\", a), b, run(\"d\", from)]")
    await project.dag("run", "heavy/b", "--profile", "heavy")
    project.executions()
    const failed = await project.behaving({ a: "stage" }, ["run", "--profile", "heavy", "--jobs", "1"])
    assert.strictEqual(failed.code, 1)
    assert.match(failed.stdout, /1 node executed, 2 up to date, 1 failed, 1 blocked, 1 not started after the failure/u)
    assert.include(failed.stdout, "Totals: [{\"total\":9,\"tables\":1}]")
    assert.deepStrictEqual(project.executions(), ["heavy a", "total"])
  })

  it("do without files that only some of them need, unless what needs them is named", async () => {
    gathering()
    withoutFile()
    const first = await project.dag(...run)
    assert.strictEqual(first.code, 0, first.stderr)
    assert.match(first.stdout, /Missing \(1\):\n {2}the numbers\n[^]*absent\.txt\n.*goes on without these files/u)
    assert.match(first.stdout, /4 nodes executed, 0 up to date, 2 without files, in /u)
    assert.notMatch(first.stdout, /^blocked|^missing/mu)
    assert.include(first.stdout, "Totals: [{\"total\":12,\"tables\":1}]")
    const { absent } = await results()
    assert.deepStrictEqual(absent?.map(({ node }) => node), ["heavy/b"])
    assert.containSubset(absent?.[0]?.reason, {
      _tag: "MissingFiles",
      sets: [{ node: "read/absent", names: ["absent.txt"] }],
    })
    project.executions()
    const again = await project.dag(...run)
    assert.strictEqual(again.code, 0)
    assert.match(again.stdout, /0 nodes executed, 4 up to date, 2 without files/u)
    assert.match((await project.dag("why", "total/all", "--profile", "heavy")).stdout, /^up to date total\/all/u)
    for (const named of [["heavy/b"], ["heavy"]]) {
      const refused = await project.dag("run", ...named, "--profile", "heavy")
      assert.strictEqual(refused.code, 6)
      assert.match(refused.stderr, /1 file set of this profile is missing/u)
    }
    assert.deepStrictEqual(project.executions(), [])
    project.write("absent.txt", "4\n")
    assert.strictEqual((await project.dag(...run)).code, 0)
    assert.deepStrictEqual(project.executions(), ["heavy b", "read", "total"])
    assert.deepStrictEqual((await results()).totals, [{ total: 17, tables: 2 }])
  })

  it("are not worked for where nothing can come of it", async () => {
    gathering()
    // What c is made of lacks files too: nothing takes what a makes.
    project.edit(
      "dag.config.ts",
      "run(\"c\", a), b]",
      "dag.add(join, { name: \"c\", params: {}, inputs: { numbers: [a, numbers(dag, \"absent.txt\")] } }).numbers, b]",
    )
    project.edit(
      "dag.config.ts",
      "import { light }",
      "import { join } from \"./stages/join/stage.ts\"\nimport { light }",
    )
    project.write("stages/join/stage.ts", joining)
    const run = await project.dag("run", "--profile", "heavy")
    assert.strictEqual(run.code, 0, run.stderr)
    assert.match(
      run.stdout,
      /^Profile heavy, 6 nodes: 3 will run, 0 up to date, 1 with missing files, 1 blocked, 1 not needed$/mu,
    )
    assert.match(run.stdout, /3 nodes executed, 0 up to date, 2 without files, 1 not needed, in /u)
    assert.deepStrictEqual(project.executions(), ["heavy b", "read", "total"])
    const says = async (...words: ReadonlyArray<string>) => (await project.dag(...words, "--profile", "heavy")).stdout
    assert.match(await says("plan"), /0 will run, 3 up to date, 1 with missing files, 1 blocked, 1 not needed/u)
    assert.match(await says("why", "heavy/a"), /^unneeded heavy\/a {2}all that takes input from it lacks files/u)
    assert.match(await says("ls", "heavy/a"), /heavy\/a +not needed/u)
    assert.match(await says("status"), /1 blocked, 1 not needed$/mu)
    assert.include(await says("status", "--json"), "\"state\": \"unneeded\"")
    // By name it is made all the same.
    assert.strictEqual((await project.dag("run", "heavy/a", "--profile", "heavy")).code, 0)
    assert.deepStrictEqual(project.executions(), ["heavy a"])
  })

  it("refuse to begin where all files are missing", async () => {
    gathering()
    withoutFile()
    rmSync(project.path("numbers.txt"))
    const refused = await project.dag(...run)
    assert.strictEqual(refused.code, 6)
    assert.match(refused.stderr, /2 file sets of this profile are missing/u)
    const { totals, absent } = await results()
    assert.deepStrictEqual(totals, [])
    assert.deepStrictEqual(absent?.map(({ node }) => node), ["heavy/b", "heavy/c"])
    for (const { reason } of absent ?? []) assert.deepInclude(reason, { _tag: "MissingFiles" })
  })

  it("are empty before anything ran, on a page too, and nothing is computed for that", async () => {
    gathering()
    const { totals, absent } = await results()
    assert.deepStrictEqual(totals, [])
    assert.deepStrictEqual(absent?.map(({ reason }) => reason), [{ _tag: "NotRun" }, { _tag: "NotRun" }])
    const text = await project.dag("results", "--profile", "heavy")
    assert.strictEqual(text.code, 0, text.stderr)
    assert.strictEqual(text.stdout, "Totals: []\n")
    const page = await project.dag("results", "--profile", "heavy", "--html", "page.html")
    assert.strictEqual(page.code, 0, page.stderr)
    assert.include(project.read("page.html"), "<h1>0</h1>")
    const failed = await project.behaving({ a: "stage", b: "stage" }, [...run, "--keep-going"])
    assert.strictEqual(failed.code, 1)
    assert.include(failed.stdout, "Totals: []")
    assert.deepStrictEqual((await results()).absent?.map(({ reason }) => Object.values(reason).slice(0, 2)), [
      ["Failed", "heavy/b"],
      ["Failed", "heavy/a"],
    ])
    assert.deepStrictEqual(project.executions().filter((name) => name === "total"), [])
  })

  it("are computed of what ran so far, once, and say when that is older than what it depends on", async () => {
    gathering()
    await project.dag("run", "heavy/b", "--profile", "heavy")
    project.executions()
    const { totals, absent } = await results()
    assert.deepStrictEqual(totals, [{ total: 9, tables: 1 }])
    assert.deepStrictEqual(absent, [{ node: "heavy/c", params: { label: "c" }, reason: { _tag: "NotRun" } }])
    assert.deepStrictEqual(project.executions(), ["total"])
    await results()
    assert.deepStrictEqual(project.executions(), [])
    project.write("numbers.txt", "7\n")
    const older = await results()
    assert.deepStrictEqual(older.totals, totals)
    assert.match(older.stderr, /These results are older than what they depend on/u)
    assert.deepStrictEqual(project.executions(), [])
    // What computes them may change as well: where something is up to date, they are computed again.
    project.edit("stages/total/stage.ts", "let sum = 0", "let sum = 100")
    assert.deepStrictEqual((await results()).totals, totals)
    project.write("numbers.txt", "1\n2\n3\n")
    assert.deepStrictEqual((await results()).totals, [{ total: 109, tables: 1 }])
    assert.deepStrictEqual(project.executions(), ["total"])
  })

  it("are of what is up to date alone, and say that the rest is older, or failed since", async () => {
    gathering()
    await project.dag(...run)
    project.edit("dag.config.ts", "params: { label }", "params: { label: `${label}!!` }")
    await project.dag("run", "heavy/b", "--profile", "heavy")
    project.executions()
    const older = { node: "heavy/c", params: { label: "c!!" }, reason: { _tag: "Older" } }
    const { totals, absent } = await results()
    assert.deepStrictEqual(totals, [{ total: 15, tables: 1 }])
    assert.deepStrictEqual(absent, [older])
    // Nothing is up to date: the last table is shown, and what is not in it is said of that.
    project.write("numbers.txt", "7\n")
    const later = await results()
    assert.deepStrictEqual(later.totals, totals)
    assert.deepStrictEqual(later.absent, [older])
    assert.match(later.stderr, /These results are older than what they depend on/u)
    assert.deepStrictEqual(project.executions(), ["total"])
    project.write("numbers.txt", "1\n2\n3\n")
    assert.strictEqual((await project.behaving({ "c!!": "stage" }, [...run, "--keep-going"])).code, 1)
    const failed = await results()
    assert.deepStrictEqual(failed.totals, totals)
    assert.deepStrictEqual(failed.absent?.map(({ reason }) => reason), [
      { _tag: "Failed", node: "heavy/c", message: "the loss is NaN" },
    ])
  })

  it(
    "leave out what is damaged in the store, and are computed again where they are damaged themselves",
    async () => {
      gathering()
      await project.dag("run", "heavy/b", "heavy/c", "--profile", "heavy")
      project.executions()
      const flip = async (node: string, output: string) => {
        const { stdout } = await project.dag("why", node, "--profile", "heavy", "--json")
        const { record } = JSON.parse(stdout) as {
          readonly record: { readonly outputs: Record<string, { digest: string }> }
        }
        const { digest = "" } = record.outputs[output] ?? {}
        const path = project.path("artifacts/objects", digest.slice(0, 2), digest.slice(2))
        const bytes = readFileSync(path)
        bytes.writeUInt8((bytes[9] ?? 0) ^ 1, 9)
        chmodSync(path, 0o644)
        writeFileSync(path, bytes)
      }
      await flip("heavy/c", "numbers")
      const expected = { totals: [{ total: 9, tables: 1 }], absent: [{ _tag: "Damaged", node: "heavy/c" }] }
      const shown = async () => {
        const { totals, absent } = await results()
        return { totals, absent: absent?.map(({ reason }) => reason) }
      }
      assert.deepStrictEqual<object>(await shown(), expected)
      project.executions()
      assert.deepStrictEqual<object>(await shown(), expected)
      assert.deepStrictEqual(project.executions(), [])
      await project.dag(...run)
      assert.deepStrictEqual(await shown(), { totals: [{ total: 21, tables: 2 }], absent: undefined })
      project.executions()
      await flip("total/all", "totals")
      assert.deepStrictEqual(await shown(), { totals: [{ total: 21, tables: 2 }], absent: undefined })
      assert.deepStrictEqual(project.executions(), ["total"])
    },
  )

  it("do not give a failure as the reason that was of other inputs", async () => {
    gathering()
    await project.behaving({ a: "stage" }, [...run, "--keep-going"])
    const reasons = async () => (await results()).absent?.map(({ reason }) => reason)
    const failed = { _tag: "Failed", node: "heavy/a", message: "the loss is NaN" }
    assert.deepStrictEqual(await reasons(), [failed])
    project.write("numbers.txt", "7\n")
    assert.deepStrictEqual(await reasons(), [{ _tag: "NotRun" }])
    await project.dag("run", "read/numbers", "--profile", "heavy")
    assert.deepStrictEqual(await reasons(), [{ _tag: "NotRun" }])
    project.write("numbers.txt", "1\n2\n3\n")
    assert.deepStrictEqual(await reasons(), [failed])
  })

  it("say what runs at the moment", async () => {
    gathering()
    await project.dag("run", "heavy/b", "--profile", "heavy")
    const running = project.start(run, { RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }) })
    await project.process("heavy", "a")
    const { totals, absent } = await results()
    assert.deepStrictEqual(totals, [{ total: 9, tables: 1 }])
    assert.deepInclude(absent?.[0]?.reason, { _tag: "Running", node: "heavy/a" })
    project.open()
    assert.strictEqual((await running.ended).code, 0)
    assert.deepStrictEqual((await results()).totals, [{ total: 21, tables: 2 }])
  })

  it("say how far what was stopped came", async () => {
    gathering()
    const many = "{ label: \"many\", steps: 120, kilobytes: 1 }"
    project.edit(
      "dag.config.ts",
      "[run(\"c\", a), b]",
      `[dag.add(steps, { name: "many", params: ${many}, inputs: { numbers: from } }).numbers, b]`,
    )
    await project.dag("run", "heavy/b", "--profile", "heavy")
    const running = project.start(run, { RIG_BEHAVIOUR: JSON.stringify({ many: "wait" }) })
    await eventually(
      "its log",
      () =>
        project.files("artifacts/runs").some((file) => readFileSync(file, "utf8").includes("\"done\":3,")) || undefined,
    )
    assert.deepStrictEqual((await results()).absent?.map(({ reason }) => reason), [
      { _tag: "Running", node: "steps/many", at: { done: 3, total: 120, unit: "steps" } },
    ])
    running.process.kill("SIGINT")
    assert.strictEqual((await running.ended).code, 130)
    assert.deepStrictEqual((await results()).absent?.map(({ reason }) => reason), [
      { _tag: "Stopped", node: "steps/many", at: { done: 3, total: 120, unit: "steps" } },
    ])
  })

  it("are as they were last computed in a store that cannot be written", async () => {
    gathering()
    await project.dag("run", "heavy/b", "--profile", "heavy")
    const before = (await results()).totals
    await project.dag("run", "heavy/c", "--profile", "heavy")
    rmSync(project.path("artifacts/processes"), { recursive: true, force: true })
    project.write("artifacts/processes", "no folder")
    const last = await results()
    assert.deepStrictEqual(last.totals, before)
    assert.match(last.stderr, /as they were last computed, for they cannot be computed now: .*processes/u)
  })
})
