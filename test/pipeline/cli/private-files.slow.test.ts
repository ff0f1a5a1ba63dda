import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { readdirSync, readFileSync, renameSync, rmSync, truncateSync } from "node:fs"
import { join } from "node:path"
import * as Disk from "../../../pipeline/store/disk.ts"
import * as Store from "../../../pipeline/store/store.ts"
import { Numbers } from "../../rig/fixture/schemas/numbers.ts"
import { eventually, sharedProject } from "../../rig/project.ts"

const RUNS = 20

describe("row 2: a stage reads the bytes that were hashed", () => {
  const project = sharedProject()

  /** Of every action of `read` that is recorded, the digest of its file and that of the text that its rows came from. */
  const recorded = () =>
    Effect.gen(function*() {
      const store = yield* Store.Store
      const pairs: Array<readonly [file: string, rows: string]> = []
      for (const key of yield* store.keys) {
        const record = yield* store.record(key)
        const [file] = record?.files ?? []
        const table = record?.outputs["numbers"]?.digest
        if (file === undefined || table === undefined) continue
        const rows = (yield* store.readRows(Numbers, table)) as ReadonlyArray<typeof Numbers.Type>
        const text = rows.map(({ value }) => `${value}\n`).join("")
        pairs.push([file.digest, createHash("sha256").update(text).digest("hex")])
      }
      return pairs
    }).pipe(
      Effect.provide(Store.layer(project.path("artifacts")).pipe(Layer.provideMerge(Disk.layer))),
      Effect.runPromise,
    )

  it(`in ${RUNS} runs during which a file is toggled between two contents`, async () => {
    project.write("numbers.txt", "1\n".repeat(20_000))
    const toggle = spawn(process.execPath, [join(import.meta.dirname, "toggle.ts"), project.path("numbers.txt")])
    try {
      await once(toggle.stdout, "data")
      let [right, refused] = [0, 0]
      for (let run = 0; run < RUNS; run++) {
        const { code, stdout, stderr } = await project.dag("run", "read/numbers")
        assert.strictEqual(stderr, "")
        const pairs = await recorded()
        assert.lengthOf(pairs, code === 0 ? 1 : 0)
        for (const [file, rows] of pairs) assert.strictEqual(rows, file)
        if (code === 0) right++
        else {
          assert.match(
            stdout,
            /failed {3}read\/numbers\n\s+numbers\.txt: changed while it was being read\n\s+help: run again/u,
          )
          refused++
        }
        // So that the next run executes it whatever the file holds then.
        rmSync(project.path("artifacts/actions"), { recursive: true, force: true })
      }
      console.log(`${RUNS} runs: ${right} right, ${refused} refused, 0 recorded wrong`)
      assert.deepStrictEqual(project.files("artifacts/tmp"), [])
    } finally {
      toggle.kill("SIGKILL")
    }
  })

  const changes: ReadonlyArray<readonly [what: string, change: () => void]> = [
    ["overwritten", () => project.write("numbers.txt", "7\n")],
    ["replaced by another of its name", () => {
      project.write("other.txt", "1\n2\n3\n4\n")
      renameSync(project.path("other.txt"), project.path("numbers.txt"))
    }],
    ["truncated", () => truncateSync(project.path("numbers.txt"), 2)],
  ]
  for (const [what, change] of changes) {
    it(`where the file is ${what} while the stage is at work; the next run sees it`, async () => {
      const run = project.start(["run", "--profile", "reading"], { RIG_BEHAVIOUR: "{\"a\":\"wait\"}" })
      await project.process("slow", "a")
      change()
      project.open()
      const { code, stdout } = await run.ended
      assert.strictEqual(code, 0, stdout)
      const shown = await project.dag("show", "slow/a", "--profile", "reading", "--json")
      assert.deepStrictEqual(JSON.parse(shown.stdout), [{ value: 6 }])
      assert.deepStrictEqual(readdirSync(project.path("artifacts/tmp")), [])
      project.executions()
      assert.strictEqual((await project.dag("run", "--profile", "reading")).code, 0)
      assert.deepStrictEqual(project.executions(), ["slow a"])
    })
  }

  it("and refuses a file that changed between the plan and its turn, by the user's path", async () => {
    project.edit(
      "dag.config.ts",
      "dag.add(slow, { name: \"a\", params: { label: \"a\" }, inputs: { text } })",
      `dag.add(slow, { name: "a", params: { label: "a" }, inputs: { text } })
      dag.add(slow, { name: "b", params: { label: "b" }, inputs: { text: { ...text, names: ["corpus/b.txt"] } } })`,
    )
    project.write("corpus/b.txt", "1\n")
    const run = project.start(["run", "--profile", "reading", "--jobs", "1"], { RIG_BEHAVIOUR: "{\"a\":\"wait\"}" })
    await project.process("slow", "a")
    project.write("corpus/b.txt", "2\n")
    project.open()
    const { code, stdout } = await run.ended
    assert.strictEqual(code, 1)
    assert.match(stdout, /failed {3}slow\/b\n\s+corpus\/b\.txt: changed while it was being read\n\s+help: run again\n/u)
    assert.strictEqual((await project.dag("run", "--profile", "reading")).code, 0)
    assert.deepStrictEqual(project.executions(), ["slow a", "slow b"])
  })

  it("from copies that are gone after a kill, a failure and an interruption", async () => {
    const waiting = { RIG_BEHAVIOUR: "{\"a\":\"wait\"}" }
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      const run = project.start(["run", "--profile", "reading"], waiting)
      await project.process("slow", "a")
      assert.lengthOf(project.files("artifacts/tmp"), 1)
      assert.strictEqual(readFileSync(project.files("artifacts/tmp")[0] ?? "", "utf8"), "1\n2\n3\n")
      run.process.kill(signal)
      await run.ended
      project.executions()
    }
    const failed = await project.behaving({ a: "stage" }, ["run", "--profile", "reading"])
    assert.strictEqual(failed.code, 1)
    await eventually("copies to be gone", () => (project.files("artifacts/tmp").length === 0 ? true : undefined))
  })
})
