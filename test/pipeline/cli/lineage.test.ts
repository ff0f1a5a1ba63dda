import { assert, describe, it } from "@effect/vitest"
import type { Ancestor } from "../../../pipeline/status/lineage.ts"
import { slowly } from "../../rig/often.ts"
import { sharedProject } from "../../rig/project.ts"

/** What `dag lineage --json` prints, of which these tests look at this. */
interface Traced {
  readonly upToDate: boolean
  readonly reasons?: ReadonlyArray<{ readonly _tag: string }>
  readonly lineage: ReadonlyArray<Ancestor>
}

const whole = [
  "total/all",
  "clip/step0",
  "clip/step1",
  "clip/step2",
  "add/step0",
  "add/step1",
  "add/step2",
  "read/numbers",
]

describe("dag lineage", () => {
  const project = sharedProject()

  const trace = async (...words: ReadonlyArray<string>): Promise<Traced> => {
    const { stdout, stderr, code } = await project.dag("lineage", ...words, "--json")
    assert.strictEqual(code, 0, stderr)
    return JSON.parse(stdout) as Traced
  }
  const ids = ({ lineage }: Traced) => lineage.map(({ id }) => id)
  const actionOf = ({ lineage }: Traced, id: string): Ancestor =>
    lineage.find((each) => each.id === id) ?? assert.fail(`no ${id}`)

  it("row 10, lineage-rename: follows the wires where nodes made equal bytes", async () => {
    await project.dag("run")
    const traced = await trace("total/all")
    // The first two numbers are not cut: clip/step0 made the bytes of add/step0 again.
    const [clip, add] = [actionOf(traced, "clip/step0"), actionOf(traced, "add/step0")]
    assert.strictEqual(clip.record.outputs["numbers"]?.digest, add.record.outputs["numbers"]?.digest)
    assert.deepStrictEqual(ids(traced), whole)
    assert.isTrue(traced.upToDate)
    const { stdout } = await project.dag("lineage", "total/all")
    assert.match(stdout, /^ {2}from {5}numbers: clip\/step0, sha256 [0-9a-f]{10}$/mu)
    // By a digest that two nodes made, one is traced, and the other named.
    const digest = add.record.outputs["numbers"]?.digest.slice(0, 12) ?? ""
    const byDigest = await project.dag("lineage", digest)
    assert.match(byDigest.stdout, /^add\/step0 {2}key /u)
    assert.match(byDigest.stderr, /^note: .* add\/step0:numbers, and also of clip\/step0:numbers$/mu)
  })

  it("row 10, lineage-rename: names nodes as the graph does now, and says what they ran as", async () => {
    await project.dag("run")
    project.executions()
    project.edit("dag.config.ts", "dag.add(add, { name: `step${index}`", "dag.add(add, { name: `plus${params.by}`")
    assert.include((await project.dag("plan")).stdout, "0 will run, 8 up to date")
    const traced = await trace("total/all")
    assert.deepStrictEqual(
      ids(traced),
      whole.map((id) =>
        id.replace("add/step0", "add/plus1").replace("add/step1", "add/plus10").replace("add/step2", "add/plus100")
      ),
    )
    assert.deepStrictEqual(actionOf(traced, "add/plus10").ranAs, { node: "add/step1", profile: "main" })
    assert.deepStrictEqual(actionOf(traced, "add/plus10").record.preImage.params, { by: 10 })
    const { stdout } = await project.dag("lineage", "total/all")
    assert.include(stdout, "from     numbers: add/plus10, ")
    assert.match(stdout, /^add\/plus10 {2}key [0-9a-f]{10}\n {2}ran as {3}add\/step1 of profile main$/mu)
    assert.notInclude(stdout.replaceAll(/^ {2}ran as.*$/gmu, ""), "add/step")
    assert.deepStrictEqual(project.executions(), [])
  })

  it("row 10: has each of two nodes of one key", async () => {
    await project.dag("run", "--profile", "twins")
    const traced = await trace("total/all", "--profile", "twins")
    assert.deepStrictEqual(ids(traced), ["total/all", "heavy/one", "heavy/other", "read/numbers"])
    const [one, other] = [actionOf(traced, "heavy/one"), actionOf(traced, "heavy/other")]
    assert.strictEqual(one.record.key, other.record.key)
    const names = [one, other].map(({ ranAs }) => ranAs?.node)
    // Whichever of the two was executed, the other one says so.
    assert.oneOf(JSON.stringify(names), [`[null,"heavy/one"]`, `["heavy/other",null]`])
    assert.deepStrictEqual(actionOf(traced, "total/all").sources.map(({ wired }) => wired), [
      "heavy/one",
      "heavy/other",
    ])
  })

  slowly("row 10: keeps two profiles of one store apart that made equal bytes of different params", async () => {
    project.edit(
      "dag.config.ts",
      "    main,\n",
      "    main,\n    more: (dag) => {\n      const added = dag.add(add, { name: \"step2\", params: { by: 200 }, inputs: { numbers: numbers(dag) } }).numbers\n      const clipped = dag.add(clip, { name: \"step2\", params: { to: 50 }, inputs: { numbers: added } }).numbers\n      dag.add(heavy, { name: \"end\", params: { label: \"end\" }, inputs: { numbers: clipped } })\n    },\n    less: (dag) => {\n      const added = dag.add(add, { name: \"few\", params: { by: 100 }, inputs: { numbers: numbers(dag) } }).numbers\n      const clipped = dag.add(clip, { name: \"few\", params: { to: 50 }, inputs: { numbers: added } }).numbers\n      dag.add(heavy, { name: \"last\", params: { label: \"end\" }, inputs: { numbers: clipped } })\n    },\n",
    )
    await project.dag("run", "--profile", "less")
    await project.dag("run", "--profile", "more")
    // Of equal bytes it was made once, in the profile that ran first.
    assert.lengthOf(project.executions().filter((each) => each.startsWith("heavy")), 1)
    const more = await trace("heavy/end", "--profile", "more")
    assert.deepStrictEqual(ids(more), ["heavy/end", "clip/step2", "add/step2", "read/numbers"])
    assert.deepStrictEqual(actionOf(more, "heavy/end").ranAs, { node: "heavy/last", profile: "less" })
    assert.deepStrictEqual(actionOf(more, "add/step2").record.preImage.params, { by: 200 })
    // The bytes that it was made of were those of the other profile.
    const less = await trace("heavy/last", "--profile", "less")
    assert.deepStrictEqual(ids(less), ["heavy/last", "clip/few", "add/few", "read/numbers"])
    assert.deepStrictEqual(actionOf(less, "add/few").record.preImage.params, { by: 100 })
    const [source] = actionOf(more, "heavy/end").sources
    assert.deepStrictEqual(source?.first, { node: "clip/few", key: actionOf(less, "clip/few").record.key })
    assert.strictEqual(source?.maker?.key, actionOf(more, "clip/step2").record.key)
    assert.isUndefined(actionOf(less, "heavy/last").sources[0]?.first)
  })

  slowly("row 10: says that a source ran again and made the same bytes", async () => {
    await project.dag("run")
    const before = actionOf(await trace("total/all"), "clip/step2").record.key
    project.edit("params.yaml", "by: 100", "by: 200")
    await project.dag("run")
    project.executions()
    const traced = await trace("total/all")
    assert.deepStrictEqual(ids(traced), whole)
    assert.deepStrictEqual(actionOf(traced, "add/step2").record.preImage.params, { by: 200 })
    assert.notStrictEqual(actionOf(traced, "clip/step2").record.key, before)
    const { stdout } = await project.dag("lineage", "total/all")
    assert.include(
      stdout,
      `from     numbers: clip/step2 (bytes first made by action ${before.slice(0, 10)} of clip/step2), sha256 `,
    )
    assert.match((await project.dag("results", "--html", "page.html")).stderr, /^$/u)
    assert.include(project.read("page.html"), whole.join(" "))
  })

  it("row 10: of what is stale says so, and goes back to the bytes that it was made of", async () => {
    await project.dag("run")
    const before = await trace("clip/step1")
    assert.isTrue(before.upToDate)
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    await project.dag("run", "add/step1")
    const traced = await trace("clip/step1")
    assert.isFalse(traced.upToDate)
    assert.strictEqual(traced.reasons?.[0]?._tag, "InputChanged")
    const former = actionOf(before, "add/step1").record
    assert.deepStrictEqual(ids(traced), ["clip/step1", former.key, "read/numbers"])
    assert.deepStrictEqual(actionOf(traced, former.key).record, former)
    const { stdout, stderr } = await project.dag("lineage", "clip/step1")
    const key = former.key.slice(0, 10)
    assert.include(stdout, `from     numbers: other bytes than add/step1 has now, made by action ${key} of add/step1, `)
    assert.include(stdout, `add/step1  key ${key}, which no node of this profile has now\n`)
    assert.include(stdout, "param    by = 10\n")
    assert.match(
      stderr,
      /^note: clip\/step1 is not up to date: input numbers has other content: add\/step1; this is of \S+ \S+ UTC\n$/u,
    )
  })
})

describe("what is read of a stale node", () => {
  const project = sharedProject()

  it("row 11: says why it is stale on one line of standard error, and in a run's wake that it failed", async () => {
    await project.dag("run")
    const clean = await project.dag("show", "read")
    assert.deepStrictEqual([clean.code, clean.stderr], [0, ""])
    project.write("numbers.txt", "1\n2\nthree\n")
    const note = /^note: read\/numbers is not up to date: file numbers\.txt changed: sha256 .*; this is of .* UTC\n$/u
    for (
      const words of [["show", "read"], ["show", "read", "--json"], ["lineage", "read"], [
        "export",
        "read",
        "--to",
        "out",
      ]]
    ) {
      const ended = await project.dag(...words)
      assert.strictEqual(ended.code, 0, words.join(" "))
      assert.match(ended.stderr, note, words.join(" "))
      assert.notInclude(ended.stdout, "note:")
    }
    // Scripts read rows as they are.
    assert.deepStrictEqual(JSON.parse((await project.dag("show", "read", "--json", "--rows", "1")).stdout), [{
      value: 1,
    }])
    assert.match(
      (await project.dag("show", "total")).stderr,
      /^note: total\/all may not be up to date: it depends on .*\n$/u,
    )
    assert.strictEqual((await project.dag("run")).code, 1)
    assert.match(
      (await project.dag("show", "read")).stderr,
      /; its execution failed in run \d{8}-\d{6}-\w+; this is of/u,
    )
    // Fixed, run again: as if nothing had been.
    project.write("numbers.txt", "1\n2\n4\n")
    assert.strictEqual((await project.dag("run")).code, 0)
    assert.strictEqual((await project.dag("show", "read")).stderr, "")
  })
})
