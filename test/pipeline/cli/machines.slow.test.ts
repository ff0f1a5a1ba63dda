import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { noMachines, startElsewhere } from "../../rig/machines.ts"
import { eventually, type Running, sharedProject } from "../../rig/project.ts"

const heavyA = ["run", "heavy/a", "--profile", "heavy"]
const many = ["run", "steps/many", "--profile", "steps"]
const waiting = "{\"a\":\"wait\",\"many\":\"wait\"}"
const seconds = { DAG_LEASE_SECONDS: "2" }

describe.skipIf(noMachines !== undefined)(
  `runs of two containers on one folder${noMachines === undefined ? "" : ` [skipped: ${noMachines}]`}`,
  () => {
    const project = sharedProject()

    const assertSuccess = async ({ ended }: Running, ...said: ReadonlyArray<RegExp>) => {
      const { code, stdout, stderr } = await ended
      assert.strictEqual(code, 0, stdout + stderr)
      assert.notMatch(stdout + stderr, /defect|bug/u)
      for (const words of said) assert.match(stdout, words)
    }
    const left = () => ["tmp", "pending", "logs", "leases"].flatMap((folder) => project.files(`artifacts/${folder}`))

    it("row 7: leave each other's unfinished work alone, though they have one host name", async () => {
      const one = startElsewhere(project, heavyA, { RIG_BEHAVIOUR: waiting })
      await project.process("heavy", "a")
      const own = left()
      assert.isAtLeast(own.length, 3)
      // Other work, and then the same.
      await assertSuccess(startElsewhere(project, ["run", "heavy/b", "--profile", "heavy"], {}))
      assert.deepStrictEqual(left(), own)
      const other = startElsewhere(project, heavyA, {})
      let shown = ""
      other.process.stdout?.on("data", (text: string) => (shown += text))
      await eventually(
        "the other to wait",
        () =>
          /^waits {4}heavy\/a {2}run \S+ \(process \d+ on container\) executes it, since [\d:]+, last heard of at [\d:]+$/mu
              .test(shown)
            ? true
            : undefined,
      )
      project.open()
      await assertSuccess(one, /1 node executed|2 nodes executed/u)
      await assertSuccess(other, /0 nodes executed, 2 up to date/u)
      assert.deepStrictEqual(project.executions(), ["heavy a", "heavy b", "read"])
      assert.deepStrictEqual([...left(), ...project.files("artifacts/processes")], [])
    })

    it("row 7: take over from one that crashed, whose heart no longer beats, and from what it saved", async () => {
      const one = startElsewhere(project, many, { RIG_BEHAVIOUR: waiting, ...seconds })
      await eventually(
        "three steps to be saved",
        () => (project.files("artifacts/unfinished").some((path) => path.endsWith("/state-3.json")) ? true : undefined),
      )
      const other = startElsewhere(project, many, seconds)
      one.crash()
      await assertSuccess(other)
      const steps = project.executions().filter((line) => line.startsWith("step "))
      assert.lengthOf(steps, new Set(steps).size, "a step was done twice")
      assert.lengthOf(steps, 120)
    })

    it("row 7: tell the living from the dead though their clocks are twenty minutes apart", async () => {
      const clocked = (minutes: number) => ({
        DAG_LEASE_SECONDS: "4",
        NODE_OPTIONS: `--import=${join(import.meta.dirname, "../../rig/clock.ts")}`,
        RIG_MINUTES: String(minutes),
      })
      for (const [mine, theirs] of [[10, -10], [-10, 10]] as const) {
        project.reset()
        const one = startElsewhere(project, heavyA, { RIG_BEHAVIOUR: waiting, ...clocked(mine) })
        await project.process("heavy", "a")
        const other = startElsewhere(project, heavyA, clocked(theirs))
        let shown = ""
        other.process.stdout?.on("data", (text: string) => (shown += text))
        await eventually("the other to wait", () => (shown.includes("waits    heavy/a") ? true : undefined))
        // Eight beats of each are longer than the lease.
        await eventually("beats", () => {
          const beats = project.files("artifacts/processes").map((path) =>
            /"beat":(\d+)/u.exec(readFileSync(path, "utf8"))?.[1]
          )
          return beats.length === 2 && beats.every((beat) => Number(beat ?? 0) >= 8) ? true : undefined
        })
        assert.deepStrictEqual(project.executions(), ["heavy a", "read"])
        one.crash()
        await assertSuccess(other, /1 node executed, 1 up to date/u)
        assert.deepStrictEqual(project.executions(), ["heavy a"])
        const starts = project.files("artifacts/runs").map((path) =>
          Date.parse(/"at":"([^"]+)/u.exec(readFileSync(path, "utf8"))?.[1] ?? "")
        )
        assert.isAbove(Math.abs((starts[0] ?? 0) - (starts[1] ?? 0)), 15 * 60_000, "the clocks were not apart")
      }
    })

    for (const isOpen of [false, true]) {
      it(`row 7: end rightly after a sleep in which another took over, ${isOpen ? "done" : "at work"} at once`, async () => {
        const one = startElsewhere(project, heavyA, { RIG_BEHAVIOUR: waiting, ...seconds })
        await project.process("heavy", "a")
        one.sleep()
        await assertSuccess(startElsewhere(project, heavyA, seconds), /1 node executed/u)
        assert.deepStrictEqual(left().filter((path) => !path.includes("/tmp/")), [], "what the dead left is taken away")
        if (isOpen) project.open()
        one.wake()
        // It may find that it lost its work, or have done it as well; never what is wrong.
        await assertSuccess(one)
        assert.deepStrictEqual(project.files("artifacts/conflicts"), [])
        assert.deepStrictEqual(project.executions(), ["heavy a", "heavy a", "read"])
        assert.match((await project.dag(...heavyA)).stdout, /0 nodes executed, 2 up to date/u)
        assert.deepStrictEqual([...left(), ...project.files("artifacts/processes")], [])
      })
    }

    it("row 7: end rightly after a sleep in the middle of saving", async () => {
      // It cannot end before it sleeps.
      const one = startElsewhere(project, many, { ...seconds, RIG_STEPS: "60" })
      await eventually("some steps", () => ((project.counted("step many") ?? 0) >= 10 ? true : undefined))
      one.sleep()
      await assertSuccess(startElsewhere(project, many, seconds), /1 node executed/u)
      project.open()
      one.wake()
      await assertSuccess(one)
      assert.deepStrictEqual(project.files("artifacts/conflicts"), [])
      assert.match((await project.dag(...many)).stdout, /0 nodes executed, 2 up to date/u)
      assert.deepStrictEqual([...left(), ...project.files("artifacts/unfinished")], [])
    })
  },
)
