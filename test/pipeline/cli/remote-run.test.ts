import { assert, beforeEach, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { eventually, type Running, sharedProject } from "../../rig/project.ts"

/** Uses a folder that is a file system of so many KiB. */
const withSmallDisk = async (size: number, use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "redag-small-remote-"))
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}k`, "tmpfs", folder], { stdio: "ignore" })
    try {
      await use(folder)
    } finally {
      execFileSync("umount", [folder])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const mayMount = await withSmallDisk(64, async () => undefined).then(() => true, () => false)

describe("a run that shares a remote", () => {
  const one = sharedProject()
  const two = sharedProject()
  const remote = one.beside("remote-run")
  beforeEach(() => {
    rmSync(remote, { recursive: true, force: true })
  })

  const listed = (folder: string, of = remote): ReadonlyArray<string> => {
    const path = join(of, folder)
    return existsSync(path) ? readdirSync(path) : []
  }

  /** Begins a run that waits in a long node, behind a short one whose record the remote has by then. */
  const began = async (): Promise<Running> => {
    const variables = { DAG_REMOTE: remote, RIG_BEHAVIOUR: JSON.stringify({ a: "wait", b: "wait" }) }
    const run = one.start(["run", "heavy/a", "--profile", "heavy", "--yes"], variables)
    await eventually("the short node's record is in the remote", () => listed("actions")[0])
    return run
  }

  /** What another machine executes for the same. */
  const executedElsewhere = async (words: ReadonlyArray<string>, from = remote) => {
    const { code, stdout, stderr } = await two.dag("run", ...words, "--yes", "--remote", from)
    assert.strictEqual(code, 0, stdout + stderr)
    return two.executions()
  }

  it("packs what it made also where Ctrl-C ends it: another machine executes nothing of that", async () => {
    const run = await began()
    await one.process("heavy", "a")
    run.process.kill("SIGINT")
    const { code, stdout } = await run.ended
    assert.strictEqual(code, 130)
    if (/pushed 1 record /u.test(stdout)) assert.lengthOf(listed("packs"), 1)
    // A machine that is busy may not come to it within the seconds that it takes for that: the next run does.
    else assert.strictEqual((await one.dag("run", "read/numbers", "--yes", "--remote", remote)).code, 0)
    assert.deepStrictEqual(await executedElsewhere(["read/numbers"]), [])
  })

  it("pushes what a run that was killed owes, also what others recorded of it without the remote", async () => {
    const run = await began()
    await one.process("heavy", "a")
    run.process.kill("SIGKILL")
    await run.ended
    const words = ["run", "--profile", "heavy", "--yes"]
    for (let times = 0; times < 2; times++) assert.strictEqual((await one.dag(...words)).code, 0)
    assert.match((await one.start(words, { DAG_REMOTE: remote }).ended).stdout, /0 nodes executed/u)
    // The number that it read, and what it had begun to make.
    assert.lengthOf(listed("actions"), 2)
    assert.deepStrictEqual(await executedElsewhere(["heavy/a", "--profile", "heavy"]), [])
  })

  it("pushes what can be pushed, where one object cannot, and says why once", async () => {
    assert.strictEqual((await one.dag("run", "--yes", "--no-push")).code, 0)
    const before = new Set(readdirSync(one.path("artifacts/objects")))
    one.edit("params.yaml", "by: 10\n", "by: 12\n")
    writeFileSync(remote, "no folder")
    assert.strictEqual((await one.dag("run", "--yes", "--remote", remote)).code, 0)
    rmSync(remote)
    const folder = readdirSync(one.path("artifacts/objects")).find((name) => !before.has(name)) ?? ""
    mkdirSync(join(remote, "objects"), { recursive: true })
    writeFileSync(join(remote, "objects", folder), "in the way")
    const run = await one.dag("run", "--yes", "--remote", remote)
    assert.strictEqual(run.code, 0, run.stdout + run.stderr)
    assert.lengthOf([...(run.stdout + run.stderr).matchAll(/the next run pushes it/gu)], 1, run.stdout + run.stderr)
    assert.isNotEmpty(listed("actions"))
    assert.lengthOf(listed("packs"), 1)
    // What is in the way is still owed.
    rmSync(join(remote, "objects", folder))
    assert.match((await one.dag("run", "--yes", "--remote", remote)).stdout, /pushed \d+ records? /u)
    const all = await one.dag("run", "--yes", "--remote", remote)
    assert.notMatch(all.stdout, /pushed /u)
  })

  it("leaves what it did not pack, where it is killed, to the next run here", async () => {
    const run = await began()
    run.process.kill("SIGKILL")
    await run.ended
    const next = await one.dag("run", "read/numbers", "--yes", "--remote", remote)
    assert.strictEqual(next.code, 0, next.stderr)
    assert.lengthOf(listed("packs"), 1)
    assert.deepStrictEqual(await executedElsewhere(["read/numbers"]), [])
    // It owes nothing any more.
    assert.strictEqual((await one.dag("run", "read/numbers", "--yes", "--remote", remote)).code, 0)
    assert.lengthOf(listed("packs"), 1)
  })

  it.skipIf(!mayMount)(
    `tells a full remote once, keeps what it makes, and has the next run push it${
      mayMount ? "" : " [skipped: no right to mount a small disk]"
    }`,
    () =>
      withSmallDisk(256, async (full) => {
        const filler = join(full, "filler")
        writeFileSync(filler, Buffer.alloc((256 - 40) * 1024))
        const { code, stdout, stderr } = await one.dag("run", "--yes", "--remote", full)
        assert.strictEqual(code, 0, stdout + stderr)
        assert.match(stdout, /8 nodes executed/u)
        assert.lengthOf([...(stdout + stderr).matchAll(/the disk is full/gu)], 1, stdout + stderr)
        assert.lengthOf(listed("tmp", full), 0)
        rmSync(filler)
        // What came there is whole.
        const half = await one.dag("verify", "--remote", full, "--content")
        assert.strictEqual(half.code, 0, half.stdout)
        const next = await one.dag("run", "--yes", "--remote", full)
        assert.match(next.stdout, /0 nodes executed, 8 up to date/u)
        assert.lengthOf(listed("actions", full), 8)
        assert.deepStrictEqual(await executedElsewhere([], full), [])
      }),
  )
})
