import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { duration } from "../../../pipeline/base/text.ts"
import { eventually, isAlive, sharedProject } from "../../rig/project.ts"

/** Whether a process runs; one that has ended and that nobody has asked after yet does not. */
const runs = (pid: number): boolean => {
  if (!isAlive(pid)) return false
  try {
    return !/\) Z /u.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return existsSync("/proc") ? false : isAlive(pid)
  }
}

describe("a node that is tried again", () => {
  const project = sharedProject()
  const heavies = () => project.executions().filter((each) => each.startsWith("heavy"))

  it("gets twice the memory after its process was killed, which no key holds", async () => {
    const run = ["run", "-y", "--profile", "again"]
    const once = { RIG_ONCE: project.beside(`once-${process.pid}`) }
    const { code, stdout } = await project.behaving({ a: "killOnce" }, run, once)
    assert.strictEqual(code, 0, stdout)
    assert.match(stdout, /again +heavy\/a +with 0\.2 GB, attempt 2 of 2: its process was killed by SIGKILL/u)
    assert.deepStrictEqual(heavies(), ["heavy a", "heavy a"])
    assert.match((await project.dag(...run)).stdout, /0 nodes executed/u)
    project.edit(
      "dag.config.ts",
      "{ memory: 100, retries: { transient: 2, memory: 1 } }",
      "{ memory: 50, timeout: 99 }",
    )
    assert.match((await project.dag(...run)).stdout, /0 nodes executed/u)
  })

  it("counts failures of each kind apart, waits longer each time, and fails in the end with the last reason", async () => {
    const { code, stdout, stderr } = await project.behaving({ a: "transient" }, ["run", "-y", "--profile", "again"])
    assert.strictEqual(code, 1)
    const said = `${stdout}${stderr}`
    assert.match(said, /again +heavy\/a +in \S+ \w+, attempt 2 of 3: the line is busy\n/u)
    assert.match(said, /attempt 3 of 3: the line is busy/u)
    assert.match(said, /failed +heavy\/a/u)
    assert.strictEqual(heavies().length, 3)
  })

  it("is executed once where its stage does not ask for more", async () => {
    const { code } = await project.behaving({ a: "transient" }, ["run", "-y", "--profile", "heavy", "heavy/a"])
    assert.strictEqual(code, 1)
    assert.strictEqual(heavies().length, 1)
  })

  it("is not waited for where the run is interrupted during the wait", async () => {
    const running = project.start(["run", "-y", "--profile", "again", "--json"], {
      RIG_BEHAVIOUR: JSON.stringify({ a: "transient" }),
    })
    let printed = ""
    running.process.stdout?.on("data", (text: string) => (printed += text))
    // The second wait is the longest that there is: the signal comes within it, however busy the machine is.
    await eventually("it waits again", () => /NodeRetried[^]*NodeRetried/u.test(printed) ? true : undefined)
    running.process.kill("SIGINT")
    assert.strictEqual((await running.ended).code, 130)
    assert.strictEqual(heavies().length, 2)
  })

  it("is stopped at its time limit with all that it started, be it in another session, and gets twice the time", async () => {
    const child = project.beside("child")
    // A machine may be so busy that a worker does not begin within its limit, or its stage starts no process: then they
    // are given more.
    let begun = 0
    for (let limit = 2; begun < 2 || !existsSync(child); limit *= 4) {
      if (limit > 2) project.edit("dag.config.ts", `timeout: ${limit / 4},`, `timeout: ${limit},`)
      const { code, stdout, stderr } = await project.behaving(
        { a: "children" },
        ["run", "-y", "--profile", "limited"],
        { RIG_CHILD: child },
      )
      const said = `${stdout}${stderr}`
      assert.strictEqual(code, 1, said)
      const [once, twice] = [duration(limit * 1000), duration(2 * limit * 1000)]
      assert.match(said, new RegExp(`again +heavy/a +with ${twice}, attempt 2 of 2: did not end within ${once}`, "u"))
      assert.include(said, `did not end within ${twice}`)
      begun = heavies().length
      assert.isAtMost(begun, 2)
    }
    const [inGroup = 0, inSession = 0] = readFileSync(child, "utf8").split(" ").map(Number)
    // Both were sent a signal that none survives: they end once the machine comes to that.
    await eventually("what it started in its group ended", () => runs(inGroup) ? undefined : true)
    // Only Linux shows by the environment of a process which worker started it.
    if (process.platform === "linux") {
      await eventually("what it started in a session of its own ended", () => runs(inSession) ? undefined : true)
    }
  })

  it("has nothing left of it that runs once it failed, be it in another session", async () => {
    const child = project.beside("orphans")
    const behaviours = JSON.stringify({ a: "orphans", b: "wait" })
    const running = project.start(["run", "-y", "--profile", "heavy", "--json", "--keep-going", "--jobs", "2"], {
      RIG_BEHAVIOUR: behaviours,
      RIG_CHILD: child,
    })
    let printed = ""
    running.process.stdout?.on("data", (text: string) => (printed += text))
    await eventually("the node failed", () => printed.includes("\"NodeFailed\"") ? true : undefined)
    const [inGroup = 0, inSession = 0] = readFileSync(child, "utf8").split(" ").map(Number)
    // The run goes on with others.
    await eventually("what it started in its group ended", () => runs(inGroup) ? undefined : true)
    if (process.platform === "linux") {
      await eventually("what it started in a session of its own ended", () => runs(inSession) ? undefined : true)
    }
    assert.isNull(running.process.exitCode)
    project.open()
    assert.strictEqual((await running.ended).code, 1)
  })
})
