import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { slowly } from "../../rig/often.ts"
import { sharedProject } from "../../rig/project.ts"

describe("row 8: an object that is damaged and has its size is made again in the first run", () => {
  const project = sharedProject()

  interface Recorded {
    readonly outputs: Readonly<Record<string, { readonly digest: string }>>
    readonly blobs: ReadonlyArray<{ readonly digest: string }>
  }

  const recordOf = async (node: string, profile: string): Promise<Recorded> => {
    const { stdout, stderr } = await project.dag("why", node, "--profile", profile, "--json")
    assert.strictEqual(stderr, "")
    return (JSON.parse(stdout) as { readonly record: Recorded }).record
  }

  const pathOf = (digest: string) => project.path("artifacts/objects", digest.slice(0, 2), digest.slice(2))

  /** Changes one bit of an object, wherever it is. */
  const flip = (digest: string) => {
    const path = pathOf(digest)
    const bytes = readFileSync(path)
    const bit = Math.floor(Math.random() * bytes.length * 8)
    bytes.writeUInt8((bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3)
    chmodSync(path, 0o644)
    writeFileSync(path, bytes)
  }

  const assertSound = (digest: string) =>
    assert.strictEqual(createHash("sha256").update(readFileSync(pathOf(digest))).digest("hex"), digest)

  const tableOf = async (node: string, profile = "main", output = "numbers") =>
    (await recordOf(node, profile)).outputs[output]?.digest ?? ""

  /** Runs a profile that must succeed, and gives what it said and what it executed. */
  const run = async (profile = "main") => {
    const { code, stdout, stderr } = await project.dag("run", "--profile", profile)
    assert.strictEqual(code, 0, stdout + stderr)
    return { stdout, executions: project.executions() }
  }

  it("a table", async () => {
    await run()
    const read = await tableOf("read/numbers")
    project.executions()
    for (const spoil of [flip, (digest: string) => rmSync(pathOf(digest))]) {
      spoil(read)
      project.edit("params.yaml", "by: 1", "by: 11")
      const { stdout, executions } = await run()
      // Its first execution found the damage.
      const added = executions.filter((line) => line.startsWith("add "))
      assert.strictEqual(new Set(added).size, 1)
      assert.deepStrictEqual(executions.filter((line) => line === "read"), ["read"])
      if (spoil === flip) {
        assert.strictEqual(added.length, 2)
        assert.match(
          stdout,
          new RegExp(
            `damaged {2}add/step0 {2}object ${read.slice(0, 10)} is damaged or gone; read/numbers will make it`,
            "u",
          ),
        )
      }
      assertSound(read)
      assert.deepStrictEqual((await run()).executions, [])
      assert.deepStrictEqual(readdirSync(project.path("artifacts/suspects")), [])
    }
  })

  slowly("two tables, one of which was made from the other", async () => {
    await run()
    const [read, added] = [await tableOf("read/numbers"), await tableOf("add/step0")]
    flip(read)
    flip(added)
    project.executions()
    project.edit("stages/clip/stage.ts", "Math.min(value, params.to)", "Math.min(value, params.to + 0)")
    const { executions } = await run()
    for (const each of ["read", "add 1"]) assert.include(executions, each)
    assert.strictEqual(executions.filter((line) => line === "read").length, 1)
    for (const digest of [read, added]) assertSound(digest)
    assert.deepStrictEqual((await run()).executions, [])
  })

  it("a blob that a stage in a process of its own reads, from whom it was handed on", async () => {
    await run("loading")
    const { blobs } = await recordOf("weigh/one", "loading")
    project.executions()
    for (const { digest } of blobs) flip(digest)
    project.edit("dag.config.ts", "params: { label: \"second\" }", "params: { label: \"third\" }")
    const { executions } = await run("loading")
    assert.deepStrictEqual([...new Set(executions)], ["load third", "weigh one"])
    for (const { digest } of blobs) assertSound(digest)
    assert.deepStrictEqual((await run("loading")).executions, [])
  })

  slowly("for nodes with one key", async () => {
    await run("twins")
    flip(await tableOf("read/numbers", "twins"))
    project.executions()
    project.edit("dag.config.ts", "params: { label: \"twin\" }", "params: { label: \"triplet\" }")
    assert.deepStrictEqual([...new Set((await run("twins")).executions)], ["heavy triplet", "read", "total"])
    assert.deepStrictEqual((await run("twins")).executions, [])
  })

  it("and what took the bytes before is looked at again where others come out", async () => {
    await run("timed")
    flip(await tableOf("clock/now", "timed"))
    project.executions()
    project.edit("dag.config.ts", "name === \"one\" ? 50", "name === \"one\" ? 60")
    const { executions } = await run("timed")
    assert.include(executions, "clock")
    assert.include(executions, "clip 60")
    // It was up to date with the numbers of the time before.
    assert.include(executions, "clip 1000000000000000")
    assert.strictEqual(executions.filter((line) => line === "total").length, 1)
    assert.deepStrictEqual((await run("timed")).executions, [])
  })

  it("unless what made it fails now, which is told", async () => {
    await run("heavy")
    const made = await tableOf("heavy/a", "heavy")
    flip(made)
    project.executions()
    project.edit("dag.config.ts", "run(\"c\", a)", "run(\"d\", a)")
    const failed = await project.behaving({ a: "stage" }, ["run", "--profile", "heavy"])
    assert.strictEqual(failed.code, 1)
    assert.match(
      failed.stdout,
      /damaged {2}heavy\/d {2}object [0-9a-f]{10} is damaged or gone; heavy\/a will make it again\n/u,
    )
    assert.match(failed.stdout, /failed {3}heavy\/a\n\s+the loss is NaN\n\s+help: lower the learning rate/u)
    assert.match(failed.stdout, /1 failed/u)
    // The bytes stay: they may be all that there is.
    assert.isAbove(readFileSync(pathOf(made)).length, 0)
    assert.strictEqual((await project.dag("run", "--profile", "heavy")).code, 0)
    assertSound(made)
  })
})
