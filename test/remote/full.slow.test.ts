import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, assert, beforeEach, describe, it } from "vitest"
import { eventually, Project, sharedProject, type Variables } from "../rig/project.ts"
import { motoOfTests, noMoto } from "./moto.ts"
import { noSshd, sshdOfTests } from "./sshd.ts"

const one = sharedProject()
const two = new Project()
beforeEach(async () => {
  await two.end()
  two.reset()
})
afterAll(async () => {
  await two.end()
  two.remove()
})

/** A run goes on beside a full remote, and what it made is there after the next run, once there is room. */
const goesOn = async (variables: Variables, says: RegExp, makeRoom: () => void): Promise<void> => {
  const { code, stdout, stderr } = await one.start(["run", "--yes"], variables).ended
  assert.strictEqual(code, 0, stdout + stderr)
  assert.match(stdout, /8 nodes executed/u)
  assert.lengthOf([...(stdout + stderr).matchAll(says)], 1, stdout + stderr)
  makeRoom()
  const next = await one.start(["run", "--yes"], variables).ended
  assert.match(next.stdout, /0 nodes executed, 8 up to date/u)
  assert.match(next.stdout, /pushed \d+ records? /u, next.stdout + next.stderr)
  const elsewhere = await two.start(["run", "--yes"], variables).ended
  assert.match(elsewhere.stdout, /0 nodes executed, 8 up to date/u, elsewhere.stderr)
  const verified = await two.start(["verify", "--remote", variables["DAG_REMOTE"] ?? "", "--content"], variables).ended
  assert.strictEqual(verified.code, 0, verified.stdout + verified.stderr)
}

describe.skipIf(noMoto !== undefined)(`a run and a bucket${noMoto === undefined ? "" : `: ${noMoto}`}`, () => {
  const moto = motoOfTests()
  let variables: Variables
  beforeEach(async () => {
    variables = { ...moto.variables, DAG_REMOTE: await moto.newAddress() }
  })
  afterEach(() => moto.proxy.fail(undefined))

  it("that is full after some writes", () => {
    let left = 6
    const body = "<Error><Code>InsufficientStorage</Code><Message>no room</Message></Error>"
    moto.proxy.fail(({ method }) => method === "PUT" && left-- <= 0 ? { _tag: "Answer", status: 507, body } : undefined)
    return goesOn(variables, /507 InsufficientStorage/gu, () => moto.proxy.fail(undefined))
  })

  it("that does not answer while Ctrl-C ends the run: the next run pushes what it made", async () => {
    const { promise: never, resolve } = Promise.withResolvers<void>()
    let asked = 0
    moto.proxy.fail(({ method, path }) => {
      if (method !== "PUT" || !path.includes("/objects/")) return undefined
      asked++
      return { _tag: "Wait", until: never }
    })
    const waiting = { ...variables, RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }) }
    const run = one.start(["run", "heavy/a", "--profile", "heavy", "--yes"], waiting)
    await eventually("an object is on its way", () => (asked > 0 ? true : undefined))
    run.process.kill("SIGINT")
    const { code } = await run.ended
    assert.strictEqual(code, 130)
    moto.proxy.fail(undefined)
    resolve()
    const next = await one.start(["run", "read/numbers", "--yes"], variables).ended
    assert.match(next.stdout, /0 nodes executed/u, next.stderr)
    two.executions()
    assert.match((await two.start(["run", "read/numbers", "--yes"], variables).ended).stdout, /0 nodes executed/u)
  })

  it("that answers nothing more from Ctrl-C on: the run ends all the same, with its lease still there", async () => {
    const { promise: never, resolve } = Promise.withResolvers<void>()
    const waiting = { ...variables, RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }) }
    const run = one.start(["run", "heavy/a", "--profile", "heavy", "--yes"], waiting)
    await one.process("heavy", "a")
    let removals = 0
    moto.proxy.fail(({ path }) => {
      if (path.includes("/leases/")) removals++
      return { _tag: "Wait", until: never }
    })
    run.process.kill("SIGINT")
    const { code, stdout, stderr } = await run.ended
    assert.strictEqual(code, 130, stdout + stderr)
    assert.match(stdout, /Interrupted\./u)
    assert.isAbove(removals, 0)
    moto.proxy.fail(undefined)
    resolve()
  })
})

describe.skipIf(noSshd !== undefined)(
  `a run and a folder behind SSH${noSshd === undefined ? "" : `: ${noSshd}`}`,
  () => {
    const sshd = sshdOfTests()

    it("on a disk that is full", async ({ skip }) => {
      const { address, folder } = sshd.newAddress()
      mkdirSync(folder)
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], { stdio: "ignore" })
      } catch {
        skip("no right to mount a small disk")
      }
      try {
        const filler = join(folder, "filler")
        writeFileSync(filler, Buffer.alloc((256 - 40) * 1024))
        await goesOn({ ...sshd.variables, DAG_REMOTE: address }, /the disk there is full/gu, () => rmSync(filler))
      } finally {
        // The server may not have closed its last file yet.
        execFileSync("umount", ["-l", folder])
      }
    })
  },
)
