import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { eventually, isAlive, sharedProject } from "../../rig/project.ts"

describe("an audit", () => {
  const project = sharedProject()
  interface Action {
    readonly node: string
    readonly verdict: string
    readonly downstream?: ReadonlyArray<string>
    readonly causes?: ReadonlyArray<object>
    readonly madeBy?: ReadonlyArray<string>
    readonly outputs?: Readonly<Record<string, { readonly columns?: ReadonlyArray<object> }>>
  }
  const audited = async (...words: ReadonlyArray<string>) => {
    const { code, stdout, stderr } = await project.dag("audit", "--profile", "clocked", "--json", ...words)
    assert.strictEqual(stderr, "")
    const { actions, ...rest } = JSON.parse(stdout) as {
      readonly actions: ReadonlyArray<Action>
      readonly seed: number
      readonly leftOut: number
    }
    return { code, actions, ...rest, verdicts: Object.fromEntries(actions.map(({ node, verdict }) => [node, verdict])) }
  }
  const storeFiles = () => project.files("artifacts").filter((file) => !file.includes("/processes/"))

  it("executes finished nodes again, writes nothing to the store, and finds them the same", async () => {
    await project.dag("run")
    project.executions()
    const before = storeFiles()
    const temporary = project.beside("temporary")
    mkdirSync(temporary)
    const { code, stdout } = await project.start(["audit", "--sample", "100%"], { TMPDIR: temporary }).ended
    assert.strictEqual(code, 0)
    assert.match(stdout, /^Profile main: 8 of 8 finished actions, about /u)
    assert.match(stdout, /^same +add\/step0 /mu)
    assert.match(stdout, /^8 the same$/mu)
    assert.deepStrictEqual(project.executions(), [
      "add 1",
      "add 10",
      "add 100",
      "clip 50",
      "clip 50",
      "clip 50",
      "read",
      "total",
    ])
    assert.deepStrictEqual(storeFiles(), before)
    assert.deepStrictEqual(readdirSync(temporary), [])
  })

  it("of a stage that takes the time names column and row, and what was made from it", async () => {
    await project.dag("run", "--profile", "clocked")
    const { code, stdout } = await project.dag("audit", "--profile", "clocked", "--sample", "100%")
    assert.strictEqual(code, 3)
    assert.match(stdout, /^differs +clock\/now /mu)
    assert.match(
      stdout,
      /^ {2}clock\/now:numbers column value differs in 1 of 4 rows, first in row 3: \d+ was recorded, \d+ now$/mu,
    )
    assert.match(stdout, /^ {2}no known cause: /mu)
    assert.match(stdout, /^ {2}made from it: 2 nodes, clip\/later, total\/all$/mu)
    assert.match(stdout, /^4 the same, 1 different$/mu)

    const found = await audited("clock")
    assert.deepStrictEqual(found.verdicts, { "clock/now": "differs" })
    const [action] = found.actions
    assert.deepStrictEqual(action?.downstream, ["clip/later", "total/all"])
    assert.deepStrictEqual(action?.causes, [])
    assert.include(action?.outputs?.["numbers"]?.columns?.[0], { column: "value", rows: 1, madeBy: false })
  })

  it("tells a damaged input as damage, not as a difference", async () => {
    await project.dag("run", "--profile", "clocked")
    const shown = await project.dag("show", "read", "--profile", "clocked")
    const [path = ""] = /^\/.*\/objects\/.*$/mu.exec(shown.stdout) ?? []
    const bytes = readFileSync(path)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const found = await audited("add")
    assert.deepStrictEqual([found.code, found.verdicts], [1, { "add/sound": "damaged" }])
    assert.deepStrictEqual(found.actions[0]?.madeBy, ["read/numbers"])
    assert.deepStrictEqual(readFileSync(path), bytes)
  })

  it("reads the outputs that it compares: a flipped one is damaged, and then left out with a note", async () => {
    await project.dag("run", "--profile", "clocked")
    const shown = await project.dag("show", "add", "--profile", "clocked")
    const [path = ""] = /^\/.*\/objects\/.*$/mu.exec(shown.stdout) ?? []
    const bytes = readFileSync(path)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(path, bytes)
    project.executions()
    const found = await project.dag("audit", "add", "--profile", "clocked")
    assert.strictEqual(found.code, 1)
    assert.match(
      found.stdout,
      /^damaged +add\/sound [^\n]*\n {2}it made object [0-9a-f]{64}, which the store does not have/mu,
    )
    assert.match(found.stdout, /^0 the same, 1 not compared$/mu)
    assert.deepStrictEqual(project.executions(), [])

    // From now on every command knows of the damage.
    const noted = await project.dag("audit", "read", "add", "total", "--profile", "clocked")
    assert.strictEqual(noted.code, 1)
    assert.match(
      noted.stderr,
      /^note: 1 node is left out: its record or an object of it is damaged or gone: dag repair, then dag run \(add\/sound\)\nnote: 1 node is left out: not up to date \(total\/all\)\n$/u,
    )
    assert.match(noted.stdout, /^1 the same$/mu)
    const plain = await project.dag("audit", "read", "add", "total", "--profile", "clocked", "--json")
    const { damaged, notUpToDate } = JSON.parse(plain.stdout) as {
      readonly damaged: ReadonlyArray<string>
      readonly notUpToDate: ReadonlyArray<string>
    }
    assert.deepStrictEqual([plain.code, damaged, notUpToDate], [1, ["add/sound"], ["total/all"]])

    const none = await project.dag("audit", "add", "--profile", "clocked")
    assert.strictEqual(none.code, 1)
    assert.match(
      none.stderr,
      /nothing is left to compare: 1 node is damaged \(add\/sound\)\n {2}help: .*dag repair, then dag run add --profile clocked\n$/u,
    )
  })

  it("draws a sample that its seed names, and leaves out what would take too long", async () => {
    await project.dag("run", "--profile", "clocked")
    project.executions()
    const first = await audited("--sample", "2", "--seed", "7")
    assert.lengthOf(first.actions, 2)
    assert.deepStrictEqual(
      Object.keys((await audited("--sample", "40%", "--seed", "7")).verdicts),
      Object.keys(first.verdicts),
    )
    const larger = Object.keys((await audited("--sample", "4", "--seed", "7")).verdicts)
    assert.includeMembers(larger, Object.keys(first.verdicts))
    project.executions()
    // What took less than a millisecond is said to have taken none, and does not take too long.
    const timeless =
      project.files("artifacts/actions").filter((file) => /"milliseconds": 0\b/u.test(readFileSync(file, "utf8")))
        .length
    const none = await audited("--sample", "100%", "--max-minutes", "0.000000001")
    assert.deepStrictEqual([none.actions.length, none.leftOut], [timeless, 5 - timeless])
    assert.lengthOf(project.executions(), timeless)
    if (timeless === 0) assert.strictEqual(none.code, 0)
  })

  it("executes what runs in a process of its own in one, from its beginning", async () => {
    await project.dag("run", "--profile", "steps")
    project.executions()
    const { code, stdout } = await project.dag("audit", "steps/large", "--profile", "steps")
    assert.deepStrictEqual([code, stdout.includes("1 the same")], [0, true])
    assert.deepStrictEqual(project.executions(), [
      "step large 1",
      "step large 2",
      "step large 3",
      "step large 4",
      "step large 5",
      "step large 6",
      "steps large",
    ])
  })

  it("that is interrupted ends what it executes, and leaves nothing", async () => {
    await project.dag("run", "--profile", "heavy")
    project.executions()
    const before = storeFiles()
    const temporary = project.beside("interrupted")
    mkdirSync(temporary)
    const running = project.start(["audit", "heavy/a", "--profile", "heavy"], {
      TMPDIR: temporary,
      RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }),
    })
    const worker = await project.process("heavy", "a")
    running.process.kill("SIGINT")
    assert.strictEqual((await running.ended).code, 130)
    await eventually("the worker is gone", () => (isAlive(worker) ? undefined : true))
    assert.deepStrictEqual([readdirSync(temporary), storeFiles()], [[], before])
  })

  it("of an action that fails now says why", async () => {
    await project.dag("run", "--profile", "heavy")
    const { code, stdout } = await project.behaving({ a: "stage" }, ["audit", "heavy/a", "--profile", "heavy"])
    assert.strictEqual(code, 1)
    assert.match(stdout, /^failed +heavy\/a [^\n]*\n {2}the loss is NaN\n {2}help: lower the learning rate$/mu)
    assert.match(stdout, /^0 the same, 1 not compared$/mu)
  })

  it("refuses what is no sample, and where nothing is finished", async () => {
    for (const sample of ["0", "0%", "101%", "half", "1.5", "-3"]) {
      const { code, stderr } = await project.dag("audit", `--sample=${sample}`)
      assert.strictEqual(code, 2)
      assert.match(stderr, /--sample: is "[^"]+"\n {2}help: give a part such as 5%, or a number/u)
    }
    const { code, stderr } = await project.dag("audit", "add")
    assert.strictEqual(code, 1)
    assert.match(stderr, /none of the 3 nodes is up to date\n {2}help: run them first: dag run add --profile main/u)
  })
})
