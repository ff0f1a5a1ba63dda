import { assert, describe, it } from "@effect/vitest"
import { eventually, sharedProject } from "../../rig/project.ts"

describe("dag logs", () => {
  const project = sharedProject()
  const heavy = ["--profile", "heavy"]

  /** The text that a command has printed so far. */
  const heard = (running: ReturnType<typeof project.start>) => {
    const said = { stdout: "", stderr: "" }
    running.process.stdout?.on("data", (text: string) => (said.stdout += text))
    running.process.stderr?.on("data", (text: string) => (said.stderr += text))
    return said
  }

  it("prints what a node printed when it was made, and when it failed", async () => {
    const never = await project.dag("logs", "heavy/a", ...heavy)
    assert.deepStrictEqual([never.code, never.stdout], [1, ""])
    assert.match(
      never.stderr,
      /^error: heavy\/a: has not run yet .*\n {2}help: run it: dag run heavy\/a --profile heavy\n$/u,
    )

    await project.behaving({ a: "printAndFail", b: "print" }, ["run", "--yes", "--keep-going", ...heavy])
    const failed = await project.dag("logs", "heavy/a", ...heavy)
    assert.deepStrictEqual([failed.code, failed.stdout], [0, "a word from the stage\n"])
    assert.match(failed.stderr, /^note: failed as it is now, in run \S+: the loss is NaN\n$/u)
    const made = await project.dag("logs", "heavy/b", ...heavy)
    assert.deepStrictEqual([made.code, made.stdout, made.stderr], [0, "a word from the stage\n", ""])
    const silent = await project.dag("logs", "read/numbers", ...heavy)
    assert.deepStrictEqual([silent.code, silent.stdout], [0, ""])
    assert.strictEqual(silent.stderr, "note: read/numbers printed nothing when it was made\n")

    const followed = await project.dag("logs", "heavy/a", "--follow", ...heavy)
    assert.deepStrictEqual([followed.code, followed.stdout], [1, "a word from the stage\n"])
    assert.include(followed.stderr, "the loss is NaN\n")
    assert.include(followed.stderr, "lower the learning rate\n")
    assert.deepStrictEqual((await project.dag("logs", "heavy/b", "-f", ...heavy)).stdout, "a word from the stage\n")
  })

  it("says of a node that was interrupted that it was, and in which run", async () => {
    const run = project.start(["run", "--yes", ...heavy], { RIG_BEHAVIOUR: JSON.stringify({ a: "printAndWait" }) })
    await project.process("heavy", "a")
    run.process.kill("SIGINT")
    assert.strictEqual((await run.ended).code, 130)
    const { code, stderr } = await project.dag("logs", "heavy/a", ...heavy)
    assert.strictEqual(code, 0)
    assert.match(stderr, /^note: heavy\/a did not come to its end: run \S+ was interrupted\n$/u)
    const why = await project.dag("why", "heavy/a", ...heavy)
    assert.match(why.stdout, /\n {11}heavy\/a did not come to its end: run \S+ was interrupted\n/u)
  })

  it("follows a node from before it begins until it is made, with how far it is", async () => {
    const follower = project.start(["logs", "heavy/a", "-f", ...heavy])
    const said = heard(follower)
    await eventually("it waits", () => said.stderr.includes("note: heavy/a ") || undefined)
    const run = project.start(["run", "--yes", ...heavy], { RIG_BEHAVIOUR: JSON.stringify({ a: "printAndWait" }) })
    await eventually("it is seen at work", () => /executes it[^]*note: 1 of 2 steps\n/u.test(said.stderr) || undefined)
    await eventually("what it prints is seen", () => said.stdout === "a word from the stage\n" || undefined)
    assert.isNull(follower.process.exitCode)
    project.open()
    const [ended] = await Promise.all([follower.ended, run.ended])
    assert.deepStrictEqual([ended.code, ended.stdout], [0, "a word from the stage\nanother word\n"])
  })
})

describe("dag prefetch", () => {
  const project = sharedProject()

  it("executes here what fetches from the network, and nothing else", async () => {
    const nothing = await project.dag("prefetch", "--yes")
    assert.deepStrictEqual([nothing.code, nothing.stdout], [
      0,
      "None of these nodes fetches anything from the network.\n",
    ])
    assert.deepStrictEqual(project.executions(), [])

    project.edit(
      "dag.config.ts",
      "name: file.replace(\".txt\", \"\"), params: {},",
      [
        "name: file.replace(\".txt\", \"\"), params: {}, expected: { download: 0 },",
      ].join(""),
    )
    const fetched = await project.dag("prefetch", "--yes")
    assert.strictEqual(fetched.code, 0, fetched.stderr)
    assert.include(
      fetched.stdout,
      "The store has what 1 node fetches from the network: no other machine has to fetch it.\n",
    )
    const executed = project.executions()
    assert.strictEqual(executed.length, 1)
    assert.strictEqual((await project.dag("prefetch", "--yes")).code, 0)
    assert.deepStrictEqual(project.executions(), [])
    // What was fetched counts for the run.
    await project.dag("run", "--yes")
    assert.notInclude(project.executions(), executed[0])
  })

  it("does so whatever executes the profile otherwise, and names what nobody fetches", async () => {
    project.edit(
      "dag.config.ts",
      "name: file.replace(\".txt\", \"\"), params: {},",
      [
        "name: file.replace(\".txt\", \"\"), params: {}, expected: { download: 0 },",
      ].join(""),
    )
    const local = await project.start(["prefetch", "--yes"], { DAG_EXECUTOR: "slurm", PATH: "" }).ended
    assert.strictEqual(local.code, 0, local.stderr)
    assert.strictEqual(project.executions().length, 1)
    const missing = await project.dag("prefetch", "--yes", "--profile", "missing")
    assert.strictEqual(missing.code, 6)
    assert.include(missing.stdout, "the office of numbers")
  })
})
