import { assert, describe, it } from "@effect/vitest"
import { statSync } from "node:fs"
import { availableParallelism } from "node:os"
import { eventually, isAlive, sharedProject } from "../../rig/project.ts"

interface Told {
  readonly able: boolean
  readonly checks: ReadonlyArray<{
    readonly name: string
    readonly required: boolean
    readonly status: string
    readonly detail: string
    readonly help?: string
  }>
}

describe("dag doctor", () => {
  const project = sharedProject()

  /** Declares checks, each the body of a function or what it answers. */
  const declare = (checks: Readonly<Record<string, string>>): void => {
    const lines = Object.entries(checks).map(([name, code]) => `    ${JSON.stringify(name)}: ${code},`)
    project.edit("dag.config.ts", "  results,", ["  checks: {", ...lines, "  },", "  results,"].join("\n"))
  }

  const told = async (variables: Readonly<Record<string, string>> = {}): Promise<Told & { code: number | null }> => {
    const { code, stdout } = await project.start(["doctor", "--json"], variables).ended
    return { code, ...JSON.parse(stdout) as Told }
  }

  it("says what the machine offers, and leaves no trace of having tried it", async () => {
    const files = project.files(".").filter((file) => !file.includes("/dist/"))
    const { code, stdout, stderr } = await project.start(["doctor"], { FORCE_COLOR: "1" }).ended
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.match(stdout, /^check +state +found\nnode +usable +24\.\d+\.\d+, the pinned one\n/u)
    assert.match(stdout, new RegExp(`\\ncores +usable +${availableParallelism()} of `, "u"))
    assert.match(stdout, /\nmemory +usable +[\d.]+ [MG]B free of (?:a limit of )?[\d.]+ GB\n/u)
    assert.match(stdout, /\ndisk +usable +[\d.]+ [MGT]B free for \S+artifacts\n/u)
    assert.match(stdout, /\nstore +usable +can be made; a file is safely on disk in [\d.]+ ms\n/u)
    assert.match(stdout, /\nThe experiment can run here\.\n$/u)
    assert.notInclude(stdout, "\u001B")
    assert.deepStrictEqual(project.files(".").filter((file) => !file.includes("/dist/")), files)

    await project.dag("run")
    const made = project.files("artifacts")
    assert.match((await project.dag("doctor")).stdout, /\nstore +usable +writable; /u)
    assert.deepStrictEqual(project.files("artifacts"), made)
  })

  it("tells what each check of the experiment found, whatever becomes of its process", async () => {
    declare({
      "fine": "{ run: async () => ({ status: \"usable\", detail: \"version 7\" }) }",
      "lacking": "{ run: async () => ({ status: \"absent\", detail: \"no card\", help: \"buy one\" }) }",
      "throwing": "{ run: async () => { throw new Error(\"libx.so: cannot open\\nat line 1\") } }",
      "throwing at once": "{ run: () => { throw new Error(\"no module\") } }",
      "crashing": "{ run: () => process.abort() }",
      "leaving": "{ run: () => process.exit(7) }",
      "talking":
        "{ run: async () => { process.send?.({ hello: 1 }); console.log(1); return { status: \"usable\", detail: \"\" } } }",
    })
    const { code, able, checks } = await told()
    assert.deepStrictEqual([code, able], [0, true])
    const findings = checks.slice(checks.findIndex(({ name }) => name === "fine"))
    assert.deepStrictEqual(findings.map(({ name, status, detail }) => [name, status, detail]), [
      ["fine", "usable", "version 7"],
      ["lacking", "absent", "no card"],
      ["throwing", "broken", "libx.so: cannot open"],
      ["throwing at once", "broken", "no module"],
      ["crashing", "broken", "its process was killed by SIGABRT"],
      ["leaving", "broken", "its process ended with code 7"],
      ["talking", "usable", ""],
    ])
    const { stdout } = await project.dag("doctor")
    assert.match(stdout, /\nfine {14}usable {2}version 7\nlacking {11}absent {2}no card\n {26}help: buy one\n/u)
  })

  it("fails where something required is not there, and says which", async () => {
    for (const status of ["absent", "broken"]) {
      project.reset()
      declare({
        needed: `{ required: true, run: async () => ({ status: "${status}", detail: "" }) }`,
        spare: `{ run: async () => ({ status: "${status}", detail: "" }) }`,
      })
      const { code, stdout } = await project.dag("doctor")
      assert.strictEqual(code, 1)
      assert.match(stdout, /\nThe experiment cannot run here without: needed\n$/u)
      const { able, code: again } = await told()
      assert.deepStrictEqual([able, again], [false, 1])
    }
  })

  it("finds a store that cannot be written to, and says what to do", async () => {
    project.write("in the way", "a file")
    const { code, checks } = await told({ DAG_STORE: "in the way/store" })
    assert.strictEqual(code, 1)
    const store = checks.find(({ name }) => name === "store")
    assert.deepInclude(store, { status: "broken", required: true })
    assert.match(store?.detail ?? "", /in the way\/store cannot be made: a part of the path is a file, not a folder$/u)
    assert.match(store?.help ?? "", /move that file away, or name another store with DAG_STORE/u)
    assert.strictEqual(statSync(project.path("in the way")).size, 6)
  })

  it("leaves no process behind when it is stopped", async () => {
    declare({
      stuck: "{ run: () => { count(`slow stuck ${process.pid}`); return new Promise(() => {}) } }",
    })
    project.edit("dag.config.ts", "import { Schema }", "import { count } from \"./stages/count.ts\"\nimport { Schema }")
    const doctor = project.start(["doctor"])
    const pid = await project.process("slow", "stuck")
    assert.isTrue(isAlive(pid))
    doctor.process.kill("SIGINT")
    assert.strictEqual((await doctor.ended).code, 130)
    await eventually("the check's process ends", () => (isAlive(pid) ? undefined : true))
  })
})
