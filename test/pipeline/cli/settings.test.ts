import { assert, describe, it } from "@effect/vitest"
import { mkdirSync } from "node:fs"
import { sharedProject } from "../../rig/project.ts"

interface Examined {
  readonly settings: ReadonlyArray<{ readonly name: string; readonly value: string; readonly from: string }>
}

describe("settings of a machine", () => {
  const project = sharedProject()

  it("come from the project's .env file, and from variables before it", async () => {
    project.write(".env", "# of this machine\nDAG_PROFILE=heavy\nDAG_STORE=\"somewhere/else\"\nDAG_CORPORA=/corpora\n")
    assert.match((await project.dag("status")).stdout, /^Profile heavy, 5 nodes/u)
    assert.match((await project.dag("status", "--profile", "main")).stdout, /^Profile main, 8 nodes/u)
    assert.match((await project.start(["status"], { DAG_PROFILE: "twins" }).ended).stdout, /^Profile twins/u)
    assert.strictEqual((await project.dag("run", "read")).code, 0)
    assert.isNotEmpty(project.files("somewhere/else/heads"))
    assert.isEmpty(project.files("artifacts"))

    const doctor = await project.start(["doctor", "--json"], { DAG_STORE: "third" }).ended
    const { settings } = JSON.parse(doctor.stdout) as Examined
    assert.deepStrictEqual(settings, [
      { name: "DAG_PROFILE", value: "heavy", from: ".env" },
      { name: "DAG_STORE", value: "third", from: "environment" },
      { name: "DAG_CORPORA", value: "/corpora", from: ".env" },
    ])
    const { stdout } = await project.dag("doctor")
    assert.match(stdout, /\nsetting +value +from\nDAG_PROFILE +heavy +\.env\n/u)
  })

  it("have defaults where nothing is set", async () => {
    const { settings } = JSON.parse((await project.dag("doctor", "--json")).stdout) as Examined
    assert.deepStrictEqual(settings, [
      { name: "DAG_PROFILE", value: "main", from: "default" },
      { name: "DAG_STORE", value: project.path("artifacts"), from: "default" },
    ])
  })

  it("that name no profile, or a file that is none, are a mistake that says where it was made", async () => {
    project.write(".env", "DAG_PROFILE=mian\n")
    const error = (ended: { readonly code: number | null; readonly stderr: string }, message: RegExp) => {
      assert.strictEqual(ended.code, 1)
      assert.match(ended.stderr, message)
    }
    error(
      await project.dag("plan"),
      /^error: \.env: DAG_PROFILE: there is no profile "mian"\n {2}help: set it to one of: main, heavy/u,
    )
    // Another profile is named, so that none is missing.
    assert.strictEqual((await project.dag("plan", "--profile", "main")).code, 0)
    error(await project.start(["plan"], { DAG_PROFILE: "x" }).ended, /^error: DAG_PROFILE: there is no profile "x"\n/u)
    project.reset()
    mkdirSync(project.path(".env"))
    error(await project.dag("plan"), /^error: \S+\/\.env: cannot be read: it is a folder\n {2}help: /u)
  })
})

describe("a time for leases that is none", () => {
  const project = sharedProject()

  it("is a mistake to every command, also to those that only read, and doctor does not say that all is well", async () => {
    for (const words of [["doctor"], ["status"], ["plan"], ["run"]]) {
      const { code, stdout, stderr } = await project.start(words, { DAG_LEASE_SECONDS: "abc" }).ended
      assert.deepStrictEqual([code, stdout], [1, ""], words.join(" "))
      assert.match(stderr, /^error: DAG_LEASE_SECONDS: is "abc"\n {2}help: set it to a number of seconds, [^\n]+\n$/u)
    }
    project.write(".env", "DAG_LEASE_SECONDS=0\n")
    assert.match((await project.dag("status")).stderr, /^error: \.env: DAG_LEASE_SECONDS: is "0"\n/u)
    project.write(".env", "DAG_LEASE_SECONDS=\n")
    assert.strictEqual((await project.dag("status")).code, 0)
  })
})

describe("a store that is not there", () => {
  const project = sharedProject()

  it("is named by commands that only read, on standard error, and is not made by them", async () => {
    for (const words of [["plan"], ["ls"], ["status"], ["why", "total"], ["diff"], ["plan", "--json"]]) {
      const { code, stdout, stderr } = await project.start(words, { DAG_STORE: "typo" }).ended
      assert.strictEqual(code, 0, words.join(" "))
      assert.match(stderr, /^note: there is no store at \S+\/typo yet: nothing has run\n$/u, words.join(" "))
      assert.isNotEmpty(stdout)
    }
    for (const words of [["show", "total"], ["lineage", "total"], ["results"], ["export", "total", "--to", "x"]]) {
      const { code, stderr } = await project.start(words, { DAG_STORE: "typo" }).ended
      assert.strictEqual(code, 1, words.join(" "))
      assert.match(stderr, /^error: [^\n]+ \(there is no store at \S+\/typo yet\)[^]*help: /u, words.join(" "))
    }
    assert.isEmpty(project.files("typo"))
    await project.dag("run", "read")
    assert.strictEqual((await project.dag("plan")).stderr, "")
  })
})
