import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { eventually, sharedProject } from "../../../rig/project.ts"
import { descendants, openBy, Watch } from "../../../rig/watch.ts"

const BURSTS = 20

describe("a watch and many edits, however they are saved", () => {
  const project = sharedProject()

  it(`misses none of ${10 * BURSTS} edits in bursts, and leaks nothing`, async () => {
    const watch = new Watch(project, ["--profile", "reading"])
    await watch.worked()
    const { pid = 0 } = watch.process
    const engine = () => descendants(pid)[0] ?? 0
    const before = { command: openBy(pid), engine: openBy(engine()), processes: descendants(pid).length }
    /** Waits until what was written last is what the watch has run: nothing is written meanwhile that could show it. */
    const current = async () => {
      for (;;) {
        const seen = watch.lines.length
        const { stdout } = await project.dag("plan", "--profile", "reading")
        if (!/[1-9]\d* will run/u.test(stdout)) return
        await watch.settled(seen)
      }
    }
    for (let burst = 0; burst < BURSTS; burst++) {
      const write = (edit: number) => project.write("numbers.txt", `${"1".repeat(burst + 2)}\n${edit}\n`)
      for (let edit = 0; edit < 9; edit++) {
        write(edit)
        if (edit % 3 === 0) await sleep(burst)
      }
      await current()
      // This one comes alone, when nothing runs that could find it: who misses it stays where it is.
      const rested = watch.lines.length
      write(9)
      await watch.worked(rested)
    }
    project.write("numbers.txt", "the end\n")
    await watch.worked(watch.lines.length)
    const { stdout, stderr } = await project.dag("plan", "--profile", "reading", "--exit-code")
    assert.strictEqual(stderr, "")
    assert.notMatch(stdout, /[1-9]\d* will run/u)
    const most = JSON.stringify(before)
    await eventually(`no more is open than at first, ${most}`, () => {
      const [command, own] = [openBy(pid), openBy(engine())]
      const isMore = command.files > before.command.files || command.watches > before.command.watches
        || own.files > before.engine.files || own.watches > before.engine.watches
        || descendants(pid).length > before.processes
      return isMore ? undefined : true
    })
    await watch.end()
  })

  it("sees a file that is renamed over, moved away and written again, and removed and made again", async () => {
    const watch = new Watch(project, ["--profile", "reading"])
    const from = await watch.worked()
    const file = project.path("numbers.txt")
    const ways: ReadonlyArray<readonly [string, () => void]> = [
      ["a rename over", () => {
        project.write(".numbers.txt.new", "12\n")
        renameSync(project.path(".numbers.txt.new"), file)
      }],
      ["a backup", () => {
        renameSync(file, `${file}~`)
        project.write("numbers.txt", "123\n")
        unlinkSync(`${file}~`)
      }],
      ["a new file", () => {
        rmSync(file)
        project.write("numbers.txt", "1234\n")
      }],
      ["a write after all that", () => project.write("numbers.txt", "12345\n")],
    ]
    let at = from
    for (const [, save] of ways) {
      project.executions()
      save()
      at = await watch.worked(at)
      assert.deepStrictEqual(project.executions(), ["slow a"])
    }
    await watch.end()
  })

  it("sees what a link leads to, a link that is turned, and the target of one that led nowhere", async () => {
    mkdirSync(project.path("one"))
    project.write("one/numbers.txt", "1\n")
    project.write("two/numbers.txt", "2\n2\n")
    rmSync(project.path("numbers.txt"))
    symlinkSync("current/numbers.txt", project.path("numbers.txt"))
    symlinkSync("one", project.path("current"))
    const watch = new Watch(project, ["add/step0"])
    let at = await watch.worked()
    const both = ["add 1", "read"]
    assert.deepStrictEqual(project.executions(), both)
    project.write("one/numbers.txt", "11\n")
    at = await watch.worked(at)
    assert.deepStrictEqual(project.executions(), both)
    symlinkSync("two", project.path("turned"))
    renameSync(project.path("turned"), project.path("current"))
    at = await watch.worked(at)
    assert.deepStrictEqual(project.executions(), both)
    project.write("two/numbers.txt", "22\n")
    at = await watch.worked(at)
    assert.deepStrictEqual(project.executions(), both)
    unlinkSync(project.path("current"))
    symlinkSync("three", project.path("current"))
    at = await watch.until("it is missing", ({ _tag, node }) => _tag === "NodeMissing" && node === "read/numbers", at)
    project.write("three/numbers.txt", "3\n3\n")
    await watch.worked(at)
    assert.deepStrictEqual(project.executions(), both)
    await watch.end()
  })
})
