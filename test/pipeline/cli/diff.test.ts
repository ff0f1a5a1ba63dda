import { assert, describe, it } from "@effect/vitest"
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { makeChain } from "../../../pipeline/store/chain.ts"
import { slowly } from "../../rig/often.ts"
import { type Ended, sharedProject } from "../../rig/project.ts"

interface Told {
  readonly before: object
  readonly after: object
  readonly changed: ReadonlyArray<{ readonly change: object; readonly nodes: ReadonlyArray<string> }>
  readonly following: ReadonlyArray<string>
  readonly open: ReadonlyArray<string>
  readonly onlyBefore: ReadonlyArray<string>
  readonly onlyAfter: ReadonlyArray<string>
  readonly same: ReadonlyArray<string>
  readonly results: object
}

describe("dag diff", () => {
  const project = sharedProject()

  /** The names of the runs, in their order. */
  const runs = async (): Promise<ReadonlyArray<string>> =>
    (JSON.parse((await project.dag("diff", "--json")).stdout) as ReadonlyArray<{ readonly run: string }>)
      .map(({ run }) => run)

  const told = async (...sides: ReadonlyArray<string>): Promise<Told> => {
    const ended = await project.dag("diff", ...sides, "--json")
    assert.strictEqual(ended.code, 0, ended.stderr)
    return JSON.parse(ended.stdout) as Told
  }

  const log = (run: string) => project.path("artifacts/runs", `${run}.ndjson`)

  const assertOneError = ({ code, stderr }: Ended, message: RegExp) => {
    assert.strictEqual(code, 1)
    assert.match(stderr, message)
    assert.match(stderr, /^error: .*\n {2}help: .*\n$/u)
  }

  it("lists the runs that left a log, the newest last", async () => {
    assert.include((await project.dag("diff")).stdout, "No run left a log yet.")
    await project.dag("run", "clip/step1")
    await project.dag("run")
    // Nothing to do, and so no log.
    await project.dag("run")
    const { stdout, code } = await project.dag("diff")
    assert.strictEqual(code, 0)
    const lines = stdout.split("\n")
    assert.match(lines[0] ?? "", /^run +started \(UTC\) +profile +outcome +executed +up to date +only$/u)
    assert.match(lines[1] ?? "", /^\d{8}-\d{6}-\w+ +[\d-]+ [\d:]+ +main +succeeded +3 +0 +clip\/step1$/u)
    assert.match(lines[2] ?? "", /^\d{8}-\d{6}-\w+ +[\d-]+ [\d:]+ +main +succeeded +5 +3$/u)
    assert.lengthOf(await runs(), 2)
  })

  it("tells exactly what was edited, where it enters, and what it did to the results", async () => {
    await project.dag("run")
    project.edit("params.yaml", "by: 10\n", "by: 20\n")
    project.edit("stages/add/plus.ts", "one + other", "other + one")
    const declared = await told("last")
    assert.deepStrictEqual(declared.open, ["clip/step0", "clip/step1", "clip/step2", "total/all"])
    assert.deepStrictEqual(declared.results, {
      compared: false,
      why: "after has none as declared yet; compute them: dag run total/all --profile main",
    })
    await project.dag("run")
    const [first = "", second = ""] = await runs()
    const found = await told(first, second)
    const changes = [
      {
        change: { _tag: "PartChanged", part: "stages/add/plus.ts: plus", change: "changed" },
        nodes: ["add/step0", "add/step1", "add/step2"],
      },
      {
        change: { _tag: "ParamChanged", path: "by", before: 10, after: 20, origin: { file: "params.yaml", line: 5 } },
        nodes: ["add/step1"],
      },
    ]
    const sorted = (of: Told) => of.changed.toSorted((one, other) => other.nodes.length - one.nodes.length)
    assert.deepStrictEqual(sorted(found), changes)
    assert.deepStrictEqual(sorted(declared), changes)
    assert.deepStrictEqual(found.following, ["clip/step1", "total/all"])
    assert.deepStrictEqual(found.same.toSorted(), ["clip/step0", "clip/step2", "read/numbers"])
    assert.deepStrictEqual(found.results, { compared: true, text: "total 195 -> 225" })
    assert.deepStrictEqual([found.open, found.onlyBefore, found.onlyAfter], [[], [], []])
    const { stdout } = await project.dag("diff", first, "now")
    assert.match(stdout, /Changed add\/step0, add\/step1, add\/step2\n {2}code stages\/add\/plus\.ts: plus changed\n/u)
    assert.match(stdout, /Changed add\/step1\n {2}param by changed \(params\.yaml:5\): 10 -> 20\n/u)
    assert.match(
      stdout,
      /Only inputs differ at clip\/step1, total\/all\n3 nodes are the same\n\nResults\ntotal 195 -> 225/u,
    )
  })

  slowly("tells of nodes that come, go, take other inputs or another name", async () => {
    await project.dag("run")
    project.edit("params.yaml", "  - by: 10\n", "")
    project.edit(
      "dag.config.ts",
      "name: \"all\", params: {}, inputs: { numbers: clipped }",
      "name: \"sum\", params: {}, inputs: { numbers: clipped }",
    )
    project.edit("dag.config.ts", "dag.add(clip, { name: `step${index}`", "dag.add(clip, { name: `cut${index}`")
    await project.dag("run")
    const [first = ""] = await runs()
    const { stdout } = await project.dag("diff", first, "last")
    // The line in which the step stood is the next step's now.
    assert.include(stdout, "Changed add/step1\n  param by changed (params.yaml:6): 10 -> 100\n")
    assert.include(stdout, "Only before add/step2, clip/step1, total/all\nOnly after total/sum\n")
    assert.include(stdout, "Renamed clip/step0 -> clip/cut0, clip/step2 -> clip/cut1\n")
    assert.include(stdout, "Results are not compared: no profile of these declares total/all")
  })

  slowly("compares with a snapshot of a store, which it leaves as it is", async () => {
    await project.dag("run")
    const snapshot = project.beside("snapshot")
    rmSync(snapshot, { recursive: true, force: true })
    cpSync(project.path("artifacts"), snapshot, { recursive: true })
    project.edit("params.yaml", "by: 10\n", "by: 20\n")
    project.write("numbers.txt", "1\n2\n4\n")
    await project.dag("run")
    const found = await told(snapshot, "last")
    assert.deepStrictEqual(found.before, { folder: snapshot, profile: "main" })
    assert.deepStrictEqual(found.changed.map(({ nodes }) => nodes), [["read/numbers"], ["add/step1"]])
    assert.deepInclude(found.changed[0]?.change, { _tag: "FileChanged", role: "text", name: "numbers.txt" })
    // 2+3+5, 21+22+24, and three times 50.
    assert.deepStrictEqual(found.results, { compared: true, text: "total 195 -> 227" })
    // Back again: the snapshot and what is declared are one, and the new line is no origin of the run's param.
    project.edit("params.yaml", "by: 20\n", "by: 10\n")
    project.write("numbers.txt", "1\n2\n3\n")
    const again = await project.dag("diff", snapshot)
    assert.match(again.stdout, /Nothing differs: 8 nodes are the same\n\nResults are the same/u)
    assert.include((await project.dag("diff", snapshot, "last")).stdout, "param by changed: 10 -> 20")
    // A snapshot that lost an object, or holds another's bytes in its place, still tells all but the results.
    for (const path of filesBelow(snapshot)) if (path.includes("/objects/")) truncateSync(path, 20)
    const damaged = await project.dag("diff", snapshot, "last")
    assert.strictEqual(damaged.code, 0, damaged.stderr)
    assert.match(
      damaged.stdout,
      /Results are not compared: before, where object [0-9a-f]{64} is damaged: its content has/u,
    )
    assert.isTrue(filesBelow(snapshot).some((path) => path.includes("/objects/")))
    assertOneError(
      await project.dag("diff", snapshot, "--profile", "heavy"),
      /has nothing of profile "heavy"\n.*: main/u,
    )
  })

  it("compares profiles as they are declared, before anything ran", async () => {
    const found = await told("main", "heavy")
    assert.deepStrictEqual(found.changed.map(({ change, nodes }) => ({ change, nodes })), [{
      change: {
        _tag: "Rewired",
        role: "numbers",
        before: 3,
        after: 2,
        gone: ["clip/step0", "clip/step1", "clip/step2"],
        come: ["heavy/c", "heavy/b"],
      },
      nodes: ["total/all"],
    }])
    assert.deepStrictEqual(found.same, ["read/numbers"])
    assert.match((await project.dag("diff", "heavy", "heavy")).stdout, /Nothing differs: 5 nodes are the same/u)
  })

  slowly("says what a partial or failed run does not have", async () => {
    await project.dag("run", "clip/step1")
    await project.dag("run")
    const [partial = "", whole = ""] = await runs()
    const { stdout } = await project.dag("diff", partial, whole)
    assert.include(stdout, "it was to run only clip/step1 and what that depends on")
    assert.match(stdout, /it does not have 5 nodes: add 2, clip 2, total 1\n/u)
    assert.match(stdout, /Only after 5 nodes: add 2, clip 2, total 1 \(the other revision is partial\)\n/u)
    assert.include(stdout, "Results are not compared: before does not have total/all")
    assert.deepInclude((await told(partial, whole)).before, {
      lacks: ["add/step0", "clip/step0", "add/step2", "clip/step2", "total/all"],
    })
    project.write("numbers.txt", "one\n")
    assert.strictEqual((await project.dag("run")).code, 1)
    const failed = await project.dag("diff", whole, "last")
    assert.match(failed.stdout, /failed: 0 executed, 0 up to date\n +read\/numbers failed\n/u)
    assert.include(failed.stdout, "Not compared read/numbers failed (after)")
  })

  slowly("tells of a stage that makes other bytes by the same key", async () => {
    project.edit("stages/add/plus.ts", "one + other", "one + other + Number(process.env[\"RIG_NOISE\"] ?? 0)")
    await project.dag("run")
    rmSync(project.path("artifacts/objects"), { recursive: true })
    await project.start(["run"], { RIG_NOISE: "5" }).ended
    const [first = "", second = ""] = await runs()
    const { stdout } = await project.dag("diff", first, second)
    assert.match(stdout, /Other bytes by the same key add\/step0:numbers, add\/step1:numbers, add\/step2:numbers\n/u)
  })

  slowly("reads what a crash left of a log", async () => {
    await project.dag("run")
    project.edit("params.yaml", "by: 10\n", "by: 20\n")
    await project.dag("run")
    const [first = "", second = ""] = await runs()
    const lines = readFileSync(log(second), "utf8").trimEnd().split("\n")
    // As if killed while it wrote that the last node was done.
    writeFileSync(log(second), lines.slice(0, -1).join("\n").slice(0, -30))
    const { stdout, code } = await project.dag("diff", first, second)
    assert.strictEqual(code, 0)
    assert.match(stdout, /did not end, or still runs: 2 executed, 5 up to date\n +it does not have total\/all\n/u)
    assert.match(stdout, /param by changed[^]*Only inputs differ at clip\/step1\n/u)
    appendFileSync(log(first), "\u0000\u0001 no event\n{\"_tag\":\"NodeCached\"}\n[]\n")
    assert.match((await project.dag("diff", first)).stdout, /3 lines of its log cannot be read/u)
  })

  slowly("names nodes in the order of the graph, whatever the order in which they finished", async () => {
    await project.dag("run")
    project.edit("stages/add/plus.ts", "one + other", "one + other + 1")
    await project.dag("run")
    const [first = "", second = ""] = await runs()
    const compare = async () => (await project.dag("diff", first, second)).stdout
    const before = await compare()
    for (const run of [first, second]) {
      const [start = "", ...lines] = readFileSync(log(run), "utf8").trimEnd().split("\n")
        .map((line) => line.replace(/,"chain":"[^"]+"\}$/u, "}"))
      // As a run would have written them in that order.
      const chain = makeChain(run)
      writeFileSync(log(run), [start, ...lines.toReversed()].map((line) => chain.link(line)).join(""))
    }
    assert.strictEqual(await compare(), before)
    assert.include(before, "Changed add/step0, add/step1, add/step2\n")
    const { same, following } = await told(first, second)
    assert.deepStrictEqual(same, ["read/numbers"])
    assert.deepStrictEqual(following, ["clip/step0", "clip/step1", "clip/step2", "total/all"])
  })

  it("refuses sides that there are none of, and names those that are near", async () => {
    assertOneError(await project.dag("diff", "last"), /last: no run left a log here/u)
    assertOneError(
      await project.dag("diff", "20260101"),
      /20260101: is no run, profile or folder of a store\n.*no run left a log/u,
    )
    await project.dag("run", "read")
    await project.dag("run")
    const [first = "", second = ""] = await runs()
    for (const word of [`${first}0`, "", "../..", "numbers.txt", "__proto__"]) {
      const ended = await project.dag("diff", word)
      assertOneError(ended, /is no run|is a folder, but not that of a store/u)
      assert.include(ended.stderr, first)
    }
    const near = (await project.dag("diff", `${second}x`)).stderr
    assert.isBelow(near.indexOf(second, near.indexOf("help:")), near.indexOf(first))
    assertOneError(await project.dag("diff", first.slice(0, 3)), /begins the names of 2 runs\n.*give more of it/u)
    assertOneError(await project.dag("diff", "last", "--profile", "heavy"), /no run of profile "heavy" left a log/u)
    assert.strictEqual((await project.dag("diff", "a", "b", "c")).code, 2)
    // Logs that are none.
    writeFileSync(log("empty"), "")
    writeFileSync(log("binary"), Buffer.from([0xff, 0xfe, 0, 10, 0x7b]))
    writeFileSync(log("middle"), readFileSync(log(second), "utf8").split("\n").slice(1).join("\n"))
    mkdirSync(log("folder"))
    assert.deepStrictEqual(await runs(), [first, second])
    assertOneError(await project.dag("diff", "empty"), /empty: has a log that does not begin as one does/u)
    assertOneError(await project.dag("diff", "middle"), /middle: has a log that does not begin as one does/u)
    assert.strictEqual((await project.dag("diff", "folder")).code, 1)
  })

  slowly("says which nodes lost their record", async () => {
    await project.dag("run")
    rmSync(project.path("artifacts/actions"), { recursive: true })
    const { stdout, code } = await project.dag("diff", "last")
    assert.strictEqual(code, 0)
    assert.match(stdout, /Not compared 8 nodes: [^\n]* lost the record in the store \(before\)/u)
    assert.include(stdout, "Results are not compared: before, where total/all lost the record in the store")
  })

  const filesBelow = (folder: string): ReadonlyArray<string> => {
    const { root } = project
    project.root = folder
    try {
      return project.files(".")
    } finally {
      project.root = root
    }
  }
})
