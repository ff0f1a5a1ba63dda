import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { cpSync } from "node:fs"
import * as Disk from "../../../pipeline/store/disk.ts"
import * as Store from "../../../pipeline/store/store.ts"
import { verdictOf } from "../../../pipeline/store/verify/finding.ts"
import { type Verified, verifyStore } from "../../../pipeline/store/verify/verify.ts"
import { damage, kindOf, randomFrom, treeOf, unproved } from "../../rig/flips.ts"
import { often } from "../../rig/often.ts"
import { sharedProject } from "../../rig/project.ts"

const FLIPS = often(40, 150)

const verify = (store: string): Promise<Verified> =>
  Effect.runPromise(
    verifyStore().pipe(Effect.provide(Store.layer(store).pipe(Layer.provideMerge(Disk.readOnly)))),
  )

describe("dag verify", () => {
  const project = sharedProject()
  const store = project.beside("store")
  beforeAll(async () => {
    const run = await project.dag("run")
    assert.strictEqual(run.code, 0, run.stderr)
    const heavy = await project.dag("run", "--profile", "heavy")
    assert.strictEqual(heavy.code, 0, heavy.stderr)
    cpSync(project.path("artifacts"), store, { recursive: true })
  })

  it("finds a sound store sound, with every file of it, and exits with 0", async () => {
    const ended = await project.start(["verify", "--json"], { DAG_STORE: store }).ended
    assert.strictEqual(ended.code, 0, ended.stderr)
    const { verdict, checked, findings } = JSON.parse(ended.stdout) as {
      readonly verdict: string
      readonly checked: Record<string, { readonly files: number }>
      readonly findings: ReadonlyArray<unknown>
    }
    assert.strictEqual(verdict, "sound")
    assert.deepStrictEqual(findings, [])
    const files = Object.values(checked).reduce((sum, each) => sum + each.files, 0)
    assert.strictEqual(files, treeOf(store).size)
  })

  it(`finds each of ${FLIPS} flips and cuts in files of every kind, and writes nothing`, async () => {
    const random = randomFrom(11)
    const before = treeOf(store)
    const byKind = [...Map.groupBy(before.keys(), kindOf)].filter(([kind]) => !unproved.has(kind))
    for (let round = 0; round < FLIPS; round++) {
      const [kind, paths] = byKind[round % byKind.length] ?? ["", []]
      const path = paths[Math.floor(random() * paths.length)] ?? ""
      // A log that was cut short is one whose run was killed.
      const done = damage(store, path, random, kind !== "runs" && round % 3 === 0)
      const damaged = treeOf(store)
      const report = await verify(store)
      const found = report.findings.filter(({ state }) => state === "damaged")
      assert.deepStrictEqual(found.map((finding) => finding.path), [path], done.what)
      assert.strictEqual(verdictOf(report), "damaged")
      assert.deepStrictEqual(treeOf(store), damaged)
      done.undo()
    }
    assert.deepStrictEqual(treeOf(store), before)
    assert.sameMembers(byKind.map(([kind]) => kind), ["actions", "code", "heads", "objects", "runs"])
  })

  it("exits with 3 and names the file that is damaged, and what lacks it", async () => {
    const object = [...treeOf(store).keys()].find((path) => path.startsWith("objects/")) ?? ""
    const done = damage(store, object, randomFrom(3), false)
    const ended = await project.start(["verify"], { DAG_STORE: store }).ended
    done.undo()
    assert.strictEqual(ended.code, 3)
    assert.include(ended.stdout, `damaged     ${object} holds other bytes`)
    assert.include(ended.stdout, "Run dag repair, then dag run.")
  })

  it("executes cheap nodes again with --recompute, and finds one that does not make the same", async () => {
    const sound = await project.start(["verify", "--recompute"], { DAG_STORE: store }).ended
    assert.strictEqual(sound.code, 0, sound.stdout + sound.stderr)
    assert.include(sound.stdout, "8 actions executed again: 8 made the same.")
    const ran = await project.dag("run", "--yes", "--profile", "clocked")
    assert.strictEqual(ran.code, 0, ran.stderr)
    const other = await project.dag("verify", "--recompute", "--profile", "clocked", "--json")
    assert.strictEqual(other.code, 3, other.stdout + other.stderr)
    assert.match(other.stdout, /"node": "clock[^"]*",\s+"verdict": "Differs"/u)
  })

  it("ends --recompute with what differs and what to do, and says what it did not compare and why", async () => {
    const ran = await project.dag("run", "--yes", "--profile", "clocked")
    assert.strictEqual(ran.code, 0, ran.stderr)
    project.edit("stages/total/stage.ts", "count(\"total\")", "count(`total`)")
    const { code, stdout } = await project.dag("verify", "--recompute", "--profile", "clocked")
    assert.strictEqual(code, 3, stdout)
    assert.match(stdout, /^4 actions executed again: 3 made the same\.$/mu)
    assert.match(stdout, /^1 not compared: 1 not up to date\. /mu)
    assert.match(stdout, /^1 differs: clock\/now\. Nothing that was made from it is sure [^\n]*\n$/mu)

    await project.dag("run", "--yes", "--profile", "heavy")
    const failed = await project.behaving({ a: "stage" }, ["verify", "--recompute", "--profile", "heavy"])
    assert.strictEqual(failed.code, 1, failed.stdout)
    assert.match(failed.stdout, /^1 not compared: 1 failed now\. /mu)
    assert.match(failed.stdout, /\n1 failed now and could not be compared: heavy\/a\. See the reasons above\.\n$/u)
  })
})
