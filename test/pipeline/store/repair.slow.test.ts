import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { calls } from "../../../pipeline/store/calls.ts"
import { makeChain } from "../../../pipeline/store/chain.ts"
import type { Event } from "../../../pipeline/store/events.ts"
import { repairStore } from "../../../pipeline/store/repair/repair.ts"
import { makeRunLog } from "../../../pipeline/store/run-log.ts"
import { readRun } from "../../../pipeline/store/runs.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { verdictOf } from "../../../pipeline/store/verify/finding.ts"
import { verifyStore } from "../../../pipeline/store/verify/verify.ts"
import { damageAndRead, damagedIn, finishedStore, made } from "../../rig/damaged-store.ts"
import { damage, randomFrom, treeOf } from "../../rig/flips.ts"
import { often } from "../../rig/often.ts"
import { sharedProject } from "../../rig/project.ts"
import { inFolder, onStore } from "./support.ts"

const reading = [
  ["results", "--json"],
  ["show", "clip/step1", "--json"],
  ["show", "total/all", "--json"],
]

describe("dag repair", () => {
  const project = sharedProject()

  it("heals whatever was flipped or cut short: after a run all is as it was, and nothing damaged was used", async () => {
    const finished = await finishedStore(project, "main", [], reading)
    const random = randomFrom(5)
    for (let round = 0; round < often(1, 4); round++) {
      const counted = await damageAndRead(finished, 6, random)
      assert.deepStrictEqual(counted, { done: 6, missed: [], used: 0, deleted: 0 })
      const repair = await project.dag("repair")
      assert.strictEqual(repair.code, 0, repair.stdout + repair.stderr)
      assert.match(repair.stdout, /^6 files moved to quarantine\//mu)
      const run = await project.dag("run", "--yes")
      assert.strictEqual(run.code, 0, run.stdout + run.stderr)
      const verify = await project.dag("verify")
      assert.strictEqual(verify.code, 0, verify.stdout)
      assert.deepStrictEqual(made(project.path("artifacts")), finished.made)
    }
  })

  it("moves nothing with --dry-run, and then what it said, with a note of why", async () => {
    await finishedStore(project, "main", [], [])
    const store = project.path("artifacts")
    const record = [...treeOf(store).keys()].find((path) => path.startsWith("actions/")) ?? ""
    damage(store, record, randomFrom(1), false)
    const before = treeOf(store)
    const dry = await project.dag("repair", "--dry-run")
    assert.strictEqual(dry.code, 0, dry.stderr)
    assert.include(dry.stdout, `would move  ${record} is damaged`)
    assert.deepStrictEqual(treeOf(store), before)
    const done = await project.dag("repair", "--json")
    const { moved, folder } = JSON.parse(done.stdout) as {
      readonly moved: ReadonlyArray<{ readonly path: string }>
      readonly folder: string
    }
    assert.deepStrictEqual(moved.map(({ path }) => path), [record])
    assert.isFalse(treeOf(store).has(record))
    assert.include(readFileSync(`${folder}/notes.ndjson`, "utf8"), record)
    assert.strictEqual(treeOf(folder).get(record), before.get(record))
  })

  it("says which stages run again and for how long, and that nothing is damaged where nothing is", async () => {
    await finishedStore(project, "main", [], [])
    const sound = await project.dag("repair")
    assert.strictEqual(sound.stdout, "Nothing is damaged.\n")
    const store = project.path("artifacts")
    const shown = await project.dag("show", "total/all")
    const object = /objects\/\S+/u.exec(shown.stdout)?.[0] ?? ""
    damage(store, object, randomFrom(2), true)
    assert.deepStrictEqual(await damagedIn(project), [object])
    const repair = await project.dag("repair")
    assert.match(repair.stdout, /^total +1 +\d+\.\d s +total\/all$/mu)
  })

  it("row 9: reading a damaged object deletes nothing, and status, plan and verify say what it found", async () => {
    await finishedStore(project, "main", [], [])
    const store = project.path("artifacts")
    const object = /objects\/\S+/u.exec((await project.dag("show", "add/step1")).stdout)?.[0] ?? ""
    damage(store, object, randomFrom(4), false)
    const before = treeOf(store)
    const shown = await project.dag("show", "add/step1")
    assert.strictEqual(shown.code, 1)
    assert.match(shown.stderr, /object [0-9a-f]{64} is damaged/u)
    assert.strictEqual(treeOf(store).get(object), before.get(object))
    assert.match((await project.dag("plan")).stdout, /^run +add\/step1/mu)
    assert.match((await project.dag("status")).stdout, /^add +2 +1 /mu)
    assert.deepStrictEqual(await damagedIn(project), [object])
  })
})

describe("a store that lost what no profile has any more", () => {
  const project = sharedProject()

  it("is sound again after repair and run, though the record of an earlier state lacks an object", async () => {
    await finishedStore(project, "main", [], [])
    const store = project.path("artifacts")
    const object = /objects\/\S+/u.exec((await project.dag("show", "add/step1")).stdout)?.[0] ?? ""
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    await finishedStore(project, "main", [], [])
    damage(store, object, randomFrom(6), false)
    assert.deepStrictEqual(await damagedIn(project), [object])
    const repair = await project.dag("repair")
    assert.strictEqual(repair.code, 0, repair.stderr)
    const verify = await project.dag("verify")
    assert.strictEqual(verify.code, 0, verify.stdout)
    assert.match(
      verify.stdout,
      /^note +actions\/\S+ of add\/step1 names object [0-9a-f]{64}, which is not there; no profile and no pin has/mu,
    )
    // Where a profile has it again, it is missed, and the next run makes it.
    project.edit("params.yaml", "by: 11\n", "by: 10\n")
    assert.match((await project.dag("plan")).stdout, /^run +add\/step1/mu)
  })

  it("is damaged while a node of a profile lacks what it made, and says which", async () => {
    await finishedStore(project, "main", [], [])
    const object = /objects\/\S+/u.exec((await project.dag("show", "add/step1")).stdout)?.[0] ?? ""
    damage(project.path("artifacts"), object, randomFrom(6), false)
    await project.dag("repair")
    const verify = await project.dag("verify")
    assert.strictEqual(verify.code, 3, verify.stdout)
    // A second repair has nothing to move, and says what is still to be done.
    // The clipped numbers are the same bytes.
    const again = await project.dag("repair")
    assert.strictEqual(again.code, 0, again.stderr)
    assert.notInclude(again.stdout, "Nothing is damaged")
    assert.include(again.stdout, "Nothing is to be moved; 2 records lack objects: dag run makes them again.\n")
    assert.match(again.stdout, /^add +1 +\d+\.\d s +add\/step1$/mu)
    assert.match(verify.stdout, /^incomplete +actions\/\S+ of add\/step1 names object/mu)
    await finishedStore(project, "main", [], [])
    assert.strictEqual((await project.dag("verify")).code, 0)
  })
})

describe("what cannot be read now", () => {
  /** A store with one file of each kind that is read, whose reads fail with this code. */
  const failing = (code: string, below: string) => ({
    ...calls,
    open: (path: string, how: Parameters<typeof calls.open>[1]): number => {
      if (how === "read" && path.includes(below)) throw Object.assign(new Error(code), { code })
      return calls.open(path, how)
    },
  })
  const repair = Effect.gen(function*() {
    const verified = yield* verifyStore()
    return { verified, repaired: yield* repairStore(verified, () => false) }
  })
  const fill = Effect.gen(function*() {
    const store = yield* Store
    const { digest } = yield* store.putBlob("days of training")
    yield* store.suspects.add(digest)
    yield* store.publishHeads("main", new Map([["a", digest]]))
    yield* store.unfinished(digest).save({ weights: [Buffer.from("half of them")] })
  })
  const kinds = ["/objects/", "/heads/", "/unfinished/"]

  for (const code of ["EMFILE", "EACCES", "ENOMEM", "ETIMEDOUT"]) {
    it(`ends the check with that failure and moves nothing where the machine cannot read (${code})`, () =>
      inFolder(async (folder) => {
        await onStore(folder, fill)
        const before = treeOf(folder)
        for (const below of kinds) {
          const error = await onStore(folder, Effect.flip(repair), failing(code, below))
          assert.include(error.path, below)
          assert.match(error.message, /^cannot be read: /u)
          assert.deepStrictEqual(treeOf(folder), before)
        }
      }))
  }

  it("says what the disk does not give, and leaves it where it is, with the hint that it is doubtful", () =>
    inFolder(async (folder) => {
      await onStore(folder, fill)
      const before = treeOf(folder)
      for (const below of kinds) {
        const { verified, repaired } = await onStore(folder, repair, failing("EIO", below))
        const found = verified.findings.filter(({ state }) => state === "unreadable")
        assert.isNotEmpty(found, below)
        assert.strictEqual(verdictOf(verified), "damaged")
        assert.deepStrictEqual([repaired.moved, repaired.left], [[], []])
        if (below === "/objects/") assert.deepStrictEqual(treeOf(folder), before)
      }
    }))
})

describe("a damaged log of a run", () => {
  const event = (node: string): Event => ({
    _tag: "NodeCached",
    node,
    key: digestOf(node),
  })
  const write = (count: number) =>
    Effect.gen(function*() {
      const log = yield* makeRunLog("r")
      yield* log({ _tag: "RunStarted", run: "r", profile: "main", nodes: count, selectors: [] })
      yield* log({ _tag: "NodeBlocked", node: "z", by: "y" })
      for (let at = 0; at < count; at++) yield* log(event(`node/${at}`))
      // What comes in hundreds is written with what comes next.
      yield* log({ _tag: "NodeBlocked", node: "y", by: "x" })
    })
  const repair = Effect.flatMap(verifyStore(), (verified) => repairStore(verified, () => false))
  const path = "runs/r.ndjson"

  it("keeps its sound lines, moves a copy, and is sound after it", () =>
    inFolder(async (folder) => {
      await onStore(folder, write(5))
      const file = join(folder, path)
      const damaged = readFileSync(file, "utf8").replace("node/2", "node/9")
      writeFileSync(file, damaged)
      const { moved, restored, folder: quarantine = "" } = await onStore(folder, repair)
      assert.deepStrictEqual([moved.map((each) => each.path), restored.map((each) => each.path)], [[path], [path]])
      assert.strictEqual(readFileSync(join(quarantine, path), "utf8"), damaged)
      const log = await onStore(folder, readRun("r"))
      assert.deepStrictEqual([...log?.keys.keys() ?? []], ["node/0", "node/1", "node/3", "node/4"])
      assert.deepStrictEqual(log?.damaged, [])
      assert.deepStrictEqual((await onStore(folder, verifyStore())).findings.map(({ state }) => state), ["note"])
    }))

  it("is read line by line: one of more than 256 MiB is sound", () =>
    inFolder(async (folder) => {
      await onStore(folder, write(1))
      const chain = makeChain("r")
      const file = join(folder, path)
      const open = openSync(file, "w")
      const text = "x".repeat(1 << 20)
      for (let at = 0; at < 260; at++) writeSync(open, chain.link(JSON.stringify({ at, text })))
      closeSync(open)
      assert.isAbove(statSync(file).size, 2 ** 28)
      assert.deepStrictEqual((await onStore(folder, verifyStore())).findings, [])
    }))

  it("that another wrote again meanwhile is neither moved nor said to be in use, and no note is of it", () =>
    inFolder(async (folder) => {
      await onStore(folder, write(5))
      const file = join(folder, path)
      const sound = readFileSync(file, "utf8")
      writeFileSync(file, sound.replace("node/2", "node/9"))
      const repaired = await onStore(
        folder,
        Effect.gen(function*() {
          const verified = yield* verifyStore()
          writeFileSync(file, sound)
          return yield* repairStore(verified, () => false)
        }),
      )
      assert.deepStrictEqual([repaired.moved, repaired.left, repaired.folder], [[], [], undefined])
      assert.deepStrictEqual(repaired.changed.map((each) => each.path), [path])
      assert.strictEqual(readFileSync(file, "utf8"), sound)
      assert.isEmpty([...treeOf(folder).keys()].filter((each) => each.endsWith("notes.ndjson")))
    }))
})
