import { assert, describe, it } from "@effect/vitest"
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { newOwner } from "../../../pipeline/store/owner.ts"
import { slowly } from "../../rig/often.ts"
import { type Ended, eventually, sharedProject } from "../../rig/project.ts"

describe("a store that is damaged or cannot be written", () => {
  const project = sharedProject()

  const outputOf = async (node: string): Promise<string> => {
    const { stdout } = await project.dag("why", node, "--json")
    const { record } = JSON.parse(stdout) as {
      readonly record: { readonly outputs: { readonly numbers: { readonly digest: string } } }
    }
    return record.outputs.numbers.digest
  }
  const objectPath = (digest: string) => project.path("artifacts/objects", digest.slice(0, 2), digest.slice(2))

  /** The only output is one error with something to do. */
  const assertOneError = ({ code, stderr }: Ended, told: RegExp) => {
    assert.strictEqual(code, 1)
    assert.match(stderr, /^error: [^\n]+\n {2}help: [^\n]+\n$/u)
    assert.match(stderr, told)
  }

  it("below a path that is a file is one error", async () => {
    for (const command of ["run", "plan", "ls"]) {
      const { ended } = project.start([command], { DAG_STORE: "numbers.txt/store" })
      assertOneError(await ended, /numbers\.txt\/store[^\n]+part of the path is a file[^]*DAG_STORE/u)
    }
    assert.deepStrictEqual(project.executions(), [])
  })

  it("in which objects cannot be written keeps what was computed before", async () => {
    await project.dag("run", "read")
    project.executions()
    // Root may write anything, but nobody can make a folder where a file stands.
    rmSync(project.path("artifacts/tmp"), { recursive: true, force: true })
    project.write("artifacts/tmp", "in the way")
    assertOneError(await project.dag("run"), /artifacts\/tmp/u)
    rmSync(project.path("artifacts/tmp"))
    assert.match((await project.dag("run")).stdout, /7 nodes executed, 1 up to date/u)
  })

  it.skipIf(!existsSync("/proc/self"))("where no folder can be made ends in one error", async () => {
    const run = await project.start(["run"], { DAG_STORE: "/proc/store" }).ended
    assert.strictEqual(run.code, 1)
    assert.match(run.stderr, /error: \/proc\/store\/[^\n]+cannot be made: [^\n]+\n {2}help: [^\n]*DAG_STORE/u)
  })

  it("in which only the log cannot be written runs all the same, and warns once", async () => {
    project.write("artifacts/runs", "in the way")
    const run = await project.dag("run")
    assert.strictEqual(run.code, 0)
    assert.match(run.stdout, /8 nodes executed, 0 up to date/u)
    assert.strictEqual(run.stderr.split("warning: the log of this run").length, 2)
  })

  it("with a corrupt object names the object, and makes it again", async () => {
    await project.dag("run", "add/step1")
    const digest = await outputOf("add/step1")
    const bytes = readFileSync(objectPath(digest))
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(objectPath(digest), bytes)
    const shown = await project.dag("show", "add/step1")
    assertOneError(shown, new RegExp(`object ${digest} is damaged: its content has sha256`, "u"))
    assert.deepStrictEqual(readFileSync(objectPath(digest)), bytes)
    // Whoever looks at the store now knows what showing it found.
    assert.match((await project.dag("plan", "add/step1")).stdout, /^run +add\/step1\n +object/u)
    project.executions()
    assert.strictEqual((await project.dag("run", "clip/step1")).code, 0)
    assert.deepStrictEqual(project.executions(), ["add 10", "clip 50"])
    assert.strictEqual(await outputOf("add/step1"), digest)
  })

  slowly("with an object cut short makes it again, and only it", async () => {
    await project.dag("run")
    const digest = await outputOf("add/step1")
    const file = openSync(objectPath(digest), "r+")
    ftruncateSync(file, 100)
    closeSync(file)
    project.executions()
    assert.include(
      (await project.dag("plan")).stdout,
      `object ${digest.slice(0, 10)} is damaged`,
    )
    assert.strictEqual((await project.dag("run")).code, 0)
    assert.deepStrictEqual(project.executions(), ["add 10"])
    assert.match((await project.dag("run")).stdout, /0 nodes executed, 8 up to date/u)
  })

  it("with a record that is no record runs that action again, and says why", async () => {
    await project.dag("run")
    project.executions()
    for (const path of project.files("artifacts/actions")) {
      if (readFileSync(path, "utf8").includes("\"node\": \"add/step1\"")) writeFileSync(path, "{ torn")
    }
    assert.match((await project.dag("plan")).stdout, /add\/step1\n\s+its record in the store is damaged/u)
    const run = await project.dag("run")
    assert.strictEqual(run.code, 0, run.stderr)
    assert.deepStrictEqual(project.executions(), ["add 10"])
  })

  it("row 5: with code cut short still has lineages and results, which say so; a run writes it again", async () => {
    await project.dag("run")
    const lineage = (await project.dag("lineage", "clip/step1")).stdout
    const codes = project.files("artifacts/code")
    const texts = codes.map((path) => readFileSync(path))
    for (const [index, path] of codes.entries()) {
      if (index % 2 === 0) truncateSync(path, 100)
      else rmSync(path)
    }
    const shown = await project.dag("lineage", "clip/step1")
    assert.strictEqual(shown.code, 0, shown.stderr)
    assert.match(shown.stdout, /its description is gone or damaged: a run that uses this code writes it again/u)
    assert.strictEqual((await project.dag("results", "--html", "page.html")).code, 0)
    project.executions()
    assert.strictEqual((await project.dag("run")).code, 0)
    assert.deepStrictEqual(project.executions(), [])
    assert.strictEqual((await project.dag("lineage", "clip/step1")).stdout, lineage)
    assert.deepStrictEqual(codes.map((path) => readFileSync(path)), texts)
  })

  it("without its heads knows everything but the reasons", async () => {
    await project.dag("run")
    project.executions()
    rmSync(project.path("artifacts/heads"), { recursive: true })
    assert.match((await project.dag("run")).stdout, /0 nodes executed, 8 up to date/u)
    assert.deepStrictEqual(project.executions(), [])
  })

  it("is not written to with a lease's time that is none", async () => {
    for (const seconds of ["soon", "0", "99999"]) {
      const { ended } = project.start(["run"], { DAG_LEASE_SECONDS: seconds })
      assertOneError(await ended, /DAG_LEASE_SECONDS[^\n]* is "[^\n]+\n {2}help: set it to a number of seconds/u)
    }
    assert.deepStrictEqual(project.executions(), [])
  })

  it("sweeps away what the dead left half done, and nothing of those that live, here or elsewhere", async () => {
    await project.dag("run", "read")
    const living = newOwner()
    const dead = living.replace(`-${process.pid}-`, "-2147483646-")
    // Of another boot, that is another machine, one with a heartbeat and one without.
    const foreign = living.replace(/^[0-9a-f]{8}/u, "00000000")
    const gone = living.replace(/^[0-9a-f]{8}/u, "00000001")
    project.write(join("artifacts/processes", `${dead}.json`), "{}")
    project.write(join("artifacts/processes", `${foreign}.json`), "{}")
    const others = `${hostname()}-2-77-0a1b2c3d`
    const key = "0".repeat(64)
    for (const owner of [dead, living, foreign, gone, others]) {
      project.write(join("artifacts/tmp", owner, "0"), "half")
      project.write(join("artifacts/tmp", `${owner}.t1`, "0"), "half")
      project.write(join("artifacts/pending", `${key}.${owner}.json`), "{}")
      project.write(join("artifacts/logs", `${key}.${owner}.log`), "words")
      project.write(join("artifacts/leases", `${key}.${owner}`), "node")
    }
    const left = (owner: string) =>
      ["tmp", "pending", "logs", "leases", "processes"].flatMap((folder) =>
        project.files(`artifacts/${folder}`).filter((path) => path.includes(owner))
      )
    await project.dag("run")
    // Whether those of other machines live, nobody can tell who has not watched them.
    for (const [owner, files] of [[dead, 0], [gone, 5], [living, 5], [foreign, 6], [others, 5]] as const) {
      assert.lengthOf(left(owner), files, `${owner}: ${left(owner).join(" ")}`)
    }
    const watching = project.start(["run", "heavy/a", "--profile", "heavy"], {
      RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }),
      DAG_LEASE_SECONDS: "1",
    })
    await eventually(
      "the dead of other machines are swept away",
      () => left(gone).length + left(foreign).length === 0 ? true : undefined,
    )
    assert.lengthOf(left(living), 5)
    project.open()
    assert.strictEqual((await watching.ended).code, 0)
  })
})
