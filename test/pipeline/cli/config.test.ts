import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { slowly } from "../../rig/often.ts"
import { repository, sharedProject } from "../../rig/project.ts"

/** A mistake in a configuration, by profile, and the error that names its place. */
const mistakes: ReadonlyArray<readonly [profile: string, told: string]> = [
  ["cycle", "dag.config.ts: add/head inputs: form a cycle: add/head -> add/tail -> add/head"],
  ["wrongParam", "dag.config.ts: add/wrong params.by: expected an integer, found 1.5"],
  ["unwritableParam", "dag.config.ts: add/wrong params.by: params.by is NaN, which JSON cannot hold"],
  ["wrongYaml", "params.yaml:2: text.greeting: expected "],
  ["wrongArtifact", "dag.config.ts: add/wrong inputs.numbers: takes \"numbers\", but \"total/all\" gives \"totals\""],
  ["unwired", "dag.config.ts: add/unwired inputs.numbers: is not wired"],
  ["undeclared", "dag.config.ts: add/lonely inputs: takes input from \"add/nobody\", which is not declared"],
  ["twice", "dag.config.ts: read/numbers name: is declared twice"],
  ["ghost", "dag.config.ts: ghost: stage \"ghost\" has no module stages/ghost/stage.ts"],
  ["nowhere", "--profile: there is no profile \"nowhere\""],
]

describe("a configuration that is wrong", () => {
  const project = sharedProject()

  it("is one error that names the place and what to do, whatever the command", async () => {
    for (const [profile, told] of mistakes) {
      const { code, stdout, stderr } = await project.dag(
        profile.length % 2 === 0 ? "run" : "plan",
        "--profile",
        profile,
      )
      assert.strictEqual(code, told.startsWith("--") ? 2 : 1, profile)
      assert.strictEqual(stdout, "", profile)
      assert.match(stderr, /^error: [^\n]+\n {2}help: [^\n]+\n$/u, profile)
      assert.include(stderr, told)
    }
    assert.deepStrictEqual(project.executions(), [])
    assert.deepStrictEqual(project.files("artifacts"), [])
  })

  it("on the command line is named too", async () => {
    const selector = await project.dag("run", "finetune/t5")
    assert.strictEqual(selector.code, 1)
    assert.match(
      selector.stderr,
      /^error: finetune\/t5: selects no node of profile "main"\n {2}help: names begin with/u,
    )
    const jobs = await project.dag("run", "--jobs", "0")
    assert.match(jobs.stderr, /^error: --jobs: must be 1 or more, got 0\n {2}help: /u)
    const many = await project.dag("show", "add")
    assert.match(many.stderr, /^error: add: names 3 nodes\n {2}help: say which: add\/step0/u)
    const command = await project.dag("rum")
    assert.strictEqual(command.code, 2)
    const nothing = await project.dag("show", "add/step0")
    assert.match(
      nothing.stderr,
      /^error: add\/step0: has not run yet \(there is no store at [^\n]+ yet\)\n {2}help: run it: dag run add\/step0/u,
    )
  })

  it("as to the word for a field is an error that names the field, and what was written instead", async () => {
    const config = readFileSync(project.path("dag.config.ts"), "utf8")
    project.edit("dag.config.ts", "defaultProfile:", "defaultprofile:")
    const { code, stderr } = await project.dag("plan")
    assert.strictEqual(code, 1)
    assert.match(
      stderr,
      /^error: dag\.config\.ts: defaultProfile: is missing\n {2}help: "defaultprofile" is written "defaultProfile"/u,
    )
    project.write("dag.config.ts", config)
  })

  it("as to a row Schema without an identifier is an error that says what to add", async () => {
    const schema = readFileSync(project.path("schemas/numbers.ts"), "utf8")
    project.write("schemas/numbers.ts", schema.replaceAll(/\.annotate\(\{ identifier: [^}]*\}\)/gu, ""))
    const { code, stderr } = await project.dag("plan")
    assert.strictEqual(code, 1)
    assert.match(stderr, /^error: a row Schema of a stage has no identifier[^]*help: add it to the Schema: \.annotate/u)
    project.write("schemas/numbers.ts", schema)
  })

  it("as to a stage's module that is not there is an error that names the module", async () => {
    project.edit("dag.config.ts", "./stages/add/stage.ts", "./stages/sub/stage.ts")
    const { code, stderr } = await project.dag("plan")
    assert.strictEqual(code, 1)
    assert.match(stderr, /^error: the project does not build:[^]*stages\/sub\/stage\.ts[^]*help: fix the source/u)
  })

  it("because it throws when it is loaded, is an error of the configuration, not a bug of redag", async () => {
    project.edit(
      "dag.config.ts",
      "const Params",
      "const limit = (undefined as unknown as { a: { b: 1 } }).a.b\nconst Params",
    )
    const { code, stderr } = await project.dag("plan")
    assert.strictEqual(code, 1)
    assert.match(stderr, /^error: dag\.config\.ts: cannot be loaded: TypeError[^]*help: fix dag\.config\.ts/u)
  })
})

/** One wrong wiring each; the tag is the name of what is wrong. */
const wirings: Readonly<Record<string, string>> = {
  rightly: "dag.add(add, { name: \"a\", params: { by: 1 }, inputs: { numbers } })",
  artifact: "dag.add(add, { name: \"a\", params: { by: 1 }, inputs: { numbers: totals } })",
  list: "dag.add(total, { name: \"a\", params: {}, inputs: { numbers } })",
  single: "dag.add(add, { name: \"a\", params: { by: 1 }, inputs: { numbers: [numbers] } })",
  files: "dag.add(read, { name: \"a\", params: {}, inputs: { text: numbers } })",
  missing: "dag.add(add, { name: \"a\", params: { by: 1 }, inputs: {} })",
  extra: "dag.add(add, { name: \"a\", params: { by: 1 }, inputs: { numbers, more: numbers } })",
  param: "dag.add(add, { name: \"a\", params: { by: \"1\" }, inputs: { numbers } })",
  output: "dag.add(add, { name: \"a\", params: { by: 1 }, inputs: { numbers } }).totals",
  reference:
    "dag.add(add, { name: \"a\", params: { by: 1 }, inputs: { numbers: dag.ref(total, \"all\", \"totals\") } })",
}

describe("wrong wiring", () => {
  const project = sharedProject()

  slowly("is a compile error, each kind of it, and right wiring is none", async () => {
    for (const [name, wiring] of Object.entries(wirings)) {
      project.write(
        `${name}.ts`,
        [
          "import type { Builder, Ref } from \"redag\"",
          "import type { Numbers } from \"./schemas/numbers.ts\"",
          "import type { Total } from \"./schemas/totals.ts\"",
          ...["add", "read", "total"].map((stage) => `import { ${stage} } from "./stages/${stage}/stage.ts"`),
          "export const declare = (",
          "  dag: Builder, numbers: Ref<typeof Numbers.Type>, totals: Ref<typeof Total.Type>,",
          ") => ({ add, read, total, dag, numbers, totals, made:",
          wiring,
          "})",
        ].join("\n"),
      )
    }
    mkdirSync(project.path("node_modules"))
    symlinkSync(repository, project.path("node_modules/redag"))
    for (const name of ["effect", "@types"]) {
      symlinkSync(join(repository, "node_modules", name), project.path("node_modules", name))
    }
    project.write("package.json", "{ \"type\": \"module\" }")
    const { compilerOptions } = JSON.parse(readFileSync(join(repository, "tsconfig.json"), "utf8")) as {
      readonly compilerOptions: object
    }
    project.write(
      "tsconfig.json",
      JSON.stringify({
        compilerOptions,
        files: ["dag.config.ts", ...Object.keys(wirings).map((name) => `${name}.ts`)],
      }),
    )
    const output = await tsc(project.root)
    const mistaken = new Set(
      [...output.matchAll(/^(\w[\w.]*)\.ts\((\d+),/gmu)].map(([, file, line]) => `${file} ${line}`),
    )
    // Each on the line of its wiring and nowhere else.
    assert.deepStrictEqual(
      [...mistaken].toSorted(),
      Object.keys(wirings).filter((name) => name !== "rightly").map((name) => `${name} 10`).toSorted(),
      output,
    )
  })
})

const tsc = (folder: string): Promise<string> =>
  new Promise((done) => {
    const node = join(repository, "node_modules/.bin/node")
    execFile(
      node,
      [join(repository, "node_modules/typescript/bin/tsc"), "-p", folder],
      { cwd: folder },
      (_, stdout) => {
        done(stdout)
      },
    )
  })
