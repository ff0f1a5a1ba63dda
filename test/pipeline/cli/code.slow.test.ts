import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, symlinkSync } from "node:fs"
import { sharedProject } from "../../rig/project.ts"

const plus = "stages/add/plus.ts"
const changed = (part: string) => ({ _tag: "PartChanged", part, change: "changed" })
const adding = ["add 1", "add 10", "add 100"]

describe("the code of a stage", () => {
  const project = sharedProject()

  const reasons = async (node: string): Promise<ReadonlyArray<object>> => {
    const states = JSON.parse((await project.dag("plan", "--json")).stdout) as ReadonlyArray<
      { readonly node: string; readonly reasons?: ReadonlyArray<object> }
    >
    return states.find((state) => state.node === node)?.reasons ?? []
  }

  it("is not its comments, types or layout", async () => {
    await project.dag("run")
    project.executions()
    project.edit(plus, "/** The sum", "// Another comment.\n/** The very sum")
    project.edit(plus, "(one: number, other: number): number", "(\n  one: number,\n  other: 1 | number,\n)")
    project.edit("stages/add/stage.ts", "export const add", "type Unused = string\n\nexport const add")
    project.edit("schemas/numbers.ts", "export const", "export type Numbers = typeof Numbers.Type\nexport const")
    assert.match((await project.dag("run")).stdout, /0 nodes executed, 8 up to date/u)
    assert.deepStrictEqual(project.executions(), [])
  })

  it("is its helper modules, which are named; other stages do not run", async () => {
    await project.dag("run")
    project.executions()
    project.edit(plus, "one + other", "other + one")
    assert.deepStrictEqual(await reasons("add/step0"), [changed(`${plus}: plus`)])
    const run = await project.dag("run")
    // The sums are the same, so that nothing that stands on them runs.
    assert.deepStrictEqual(project.executions(), adding)
    assert.match(run.stdout, /3 nodes executed, 5 up to date/u)
    // A module that every stage imports is every stage's code.
    project.edit("stages/count.ts", "what}\\n", "what} \\n")
    await project.dag("run")
    assert.lengthOf(project.executions(), 8)
  })

  it("is the modules that it loads late, and data that it imports", async () => {
    project.write("stages/add/late.ts", "export const late = (n: number) => n\n")
    project.write("stages/add/table.json", "{ \"zero\": 0 }\n")
    project.write(
      plus,
      [
        "import table from \"./table.json\" with { type: \"json\" }",
        "const later = async () => {",
        "  const { late } = await import(\"./late.ts\")",
        "  return late",
        "}",
        "export const plus = (one: number, other: number): number => one + other + table.zero + 0 * later.length",
      ].join("\n"),
    )
    const first = await project.dag("run")
    assert.strictEqual(first.code, 0, first.stderr)
    project.executions()
    project.edit("stages/add/late.ts", "=> n", "=> n + 1")
    assert.deepStrictEqual(await reasons("add/step0"), [changed("stages/add/late.ts: late")])
    await project.dag("run")
    assert.deepStrictEqual(project.executions(), adding)
    project.edit("stages/add/table.json", "0 }", "1 }")
    assert.deepStrictEqual(await reasons("add/step0"), [changed("stages/add/table.json: zero")])
    await project.dag("run")
    assert.deepStrictEqual(project.executions(), [...adding, "clip 50", "clip 50", "clip 50", "total"])
  })

  it("is a file that it reads beside itself", async () => {
    project.write("stages/add/zero.txt", "0\n")
    project.write(
      plus,
      [
        "import { readFileSync } from \"node:fs\"",
        "const zero = () => Number(readFileSync(new URL(\"./zero.txt\", import.meta.url), \"utf8\"))",
        "export const plus = (one: number, other: number): number => one + other + zero()",
      ].join("\n"),
    )
    const first = await project.dag("run")
    assert.strictEqual(first.code, 0, first.stderr)
    project.executions()
    project.edit("stages/add/zero.txt", "0", "1")
    await project.dag("run")
    assert.includeMembers([...project.executions()], adding)
  })

  it("is the version of a package of the project's own", async () => {
    const manifest = (version: string) => JSON.stringify({ name: "tiny", version, type: "module", main: "index.js" })
    project.write("node_modules/tiny/package.json", manifest("1.0.0"))
    project.write("node_modules/tiny/index.js", "export const zero = 0\n")
    project.write(
      plus,
      "import { zero } from \"tiny\"\nexport const plus = (one: number, other: number): number => one + other + zero\n",
    )
    const first = await project.dag("run")
    assert.strictEqual(first.code, 0, first.stderr)
    project.executions()
    project.write("node_modules/tiny/package.json", manifest("1.0.1"))
    project.write("node_modules/tiny/index.js", "export const zero = 1\n")
    assert.deepStrictEqual(await reasons("add/step0"), [
      { _tag: "PackageChanged", name: "tiny", before: "1.0.0", after: "1.0.1" },
    ])
    await project.dag("run")
    assert.include(project.executions(), "add 1")
    assert.include((await project.dag("results", "--json")).stdout, "\"total\": 201")

    // A package of the package, found first where the package stands.
    const dependent = { ...JSON.parse(manifest("1.0.2")) as object, dependencies: { tinier: "1.0.0" } }
    project.write("node_modules/tiny/package.json", JSON.stringify(dependent))
    project.write("node_modules/tiny/index.js", "export { zero } from \"tinier\"\n")
    project.write("node_modules/tinier/package.json", manifest("1.0.0").replace("tiny", "tinier"))
    project.write("node_modules/tinier/index.js", "export const zero = 0\n")
    await project.dag("run")
    project.executions()
    project.write("node_modules/tiny/node_modules/tinier/package.json", manifest("2.0.0").replace("tiny", "tinier"))
    project.write("node_modules/tiny/node_modules/tinier/index.js", "export const zero = 2\n")
    await project.dag("run")
    assert.includeMembers([...project.executions()], adding)
  })

  it("is every file of a package that is linked from a folder of its own", async () => {
    project.write(
      "linked/package.json",
      JSON.stringify({ name: "tiny", version: "1.0.0", type: "module", main: "in.js" }),
    )
    project.write("linked/in.js", "export { zero } from \"./deep/zero.js\"\n")
    project.write("linked/deep/zero.js", "export const zero = 0\n")
    mkdirSync(project.path("node_modules"), { recursive: true })
    symlinkSync(project.path("linked"), project.path("node_modules/tiny"))
    project.write(
      plus,
      "import { zero } from \"tiny\"\nexport const plus = (one: number, other: number): number => one + other + zero\n",
    )
    const first = await project.dag("run")
    assert.strictEqual(first.code, 0, first.stderr)
    project.executions()
    project.edit("linked/deep/zero.js", "zero = 0", "zero = 1")
    assert.deepStrictEqual(await reasons("add/step0"), [
      { _tag: "PackageChanged", name: "tiny", before: "1.0.0", after: "1.0.0" },
    ])
    await project.dag("run")
    assert.include((await project.dag("results", "--json")).stdout, "\"total\": 201")
  })

  it("is a module in a folder that is called as the engine's own is", async () => {
    project.write("pipeline/helper.ts", "export const plus = (one: number, other: number): number => one + other\n")
    project.write(plus, "export { plus } from \"../../pipeline/helper.ts\"\n")
    await project.dag("run")
    project.executions()
    project.edit("pipeline/helper.ts", "one + other", "one - other")
    await project.dag("run")
    assert.includeMembers([...project.executions()], adding)
  })

  it("is every source file of the project where it loads one that only a run can name, and why names the line", async () => {
    project.write(
      plus,
      [
        "const later = (name: string) => import(name)",
        "export const plus = (one: number, other: number): number => one + other + 0 * later.length",
      ].join("\n"),
    )
    await project.dag("run")
    assert.match(
      (await project.dag("why", "add/step0")).stdout,
      /runs again when any source file of the project changes:\n +stages\/add\/plus\.ts:1 imports a computed name\n/u,
    )
    assert.notInclude((await project.dag("why", "clip/step0")).stdout, "any source file")
    project.write("stages/clip/stage.ts", `${project.read("stages/clip/stage.ts")}\nexport const spare = 1\n`)
    const places = [{ file: plus, line: 1, why: "imports a computed name" }]
    assert.deepStrictEqual(await reasons("add/step0"), [{ _tag: "SourcesChanged", places }])
    assert.include(
      (await project.dag("plan")).stdout,
      `a source file of the project changed; ${plus}:1 imports a computed name`,
    )
  })

  it("that does not build is an error with its place, and leaves what was computed", async () => {
    await project.dag("run")
    project.executions()
    project.edit(plus, "one + other", "one + + ) other")
    const broken = await project.dag("run")
    assert.strictEqual(broken.code, 1)
    assert.match(broken.stderr, /^error: the project does not build:[^]*plus\.ts/u)
    project.edit(plus, "one + + ) other", "one + other")
    assert.match((await project.dag("run")).stdout, /0 nodes executed, 8 up to date/u)
  })
})
