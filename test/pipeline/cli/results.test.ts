import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { slowly } from "../../rig/often.ts"
import { sharedProject } from "../../rig/project.ts"

/** What the fixture's page says: totals, whether they are up to date, and what they depend on. */
const page = (total: number, state: string) =>
  `<h1>${total}</h1><p>main, ${state}, 8 nodes: total/all clip/step0 clip/step1 clip/step2 add/step0 add/step1 add/step2 read/numbers</p>`

describe("dag results", () => {
  const project = sharedProject()

  it("says how far they are and what to run, where nothing has computed them", async () => {
    const none = await project.dag("results")
    assert.strictEqual(none.code, 1)
    assert.match(
      none.stderr,
      /no results yet \(there is no store at \S+artifacts yet\): 0 of the 7 nodes that they depend/u,
    )
    await project.dag("run", "clip/step0")
    const some = await project.dag("results", "--html", "report.html")
    assert.strictEqual(some.code, 1)
    assert.include(some.stderr, "3 of the 7 nodes that they depend on are up to date")
    assert.include(some.stderr, "help: compute them: dag run total/all --profile main")
    assert.deepStrictEqual(project.files("report.html"), [])
  })

  it("names the files that are missing first, and a profile that holds no results", async () => {
    const missing = await project.dag("results", "--profile", "missing")
    assert.strictEqual(missing.code, 1)
    assert.match(missing.stderr, /^error: profile "missing" has no node total\/all, .*\n {2}help: .*--profile/u)
    project.edit("dag.config.ts", "const read = numbers(dag)", "const read = numbers(dag, \"absent.txt\")")
    assert.include((await project.dag("results")).stderr, "1 node of them lack files, which \"dag plan\" names")
  })

  it("writes the page, and everything else, whole, and with --force over what was there", async () => {
    await project.dag("run")
    project.write(
      "out/deep/page.html",
      "an older report, which is longer than the one that takes its place: ".repeat(9),
    )
    const written = await project.dag("results", "--html", "out/deep/page.html", "--force")
    assert.strictEqual(written.code, 0, written.stderr)
    assert.match(written.stdout, /^written +size\n.*\/project\/out\/deep\/page\.html +\d+ B\n$/u)
    assert.strictEqual(project.read("out/deep/page.html"), page(195, "up to date"))
    const all = await project.dag("results", "--to", "all", "--json")
    const files = JSON.parse(all.stdout) as ReadonlyArray<{ readonly file: string; readonly size: number }>
    assert.deepStrictEqual(
      files.map(({ file }) => file),
      ["report.html", "figures/total.bin", "totals.parquet"].map((name) => project.path("all", name)),
    )
    // No file half written stays.
    assert.deepStrictEqual(project.files("all"), files.map(({ file }) => file).toSorted())
    for (const { file, size } of files) assert.strictEqual(statSync(file).size, size)
    assert.deepStrictEqual([...readFileSync(project.path("all/figures/total.bin"))], [195])
    const [table] = JSON.parse((await project.dag("ls", "total", "--json")).stdout) as ReadonlyArray<
      { readonly outputs: { readonly totals: { readonly digest: string } } }
    >
    const { digest = "" } = table?.outputs.totals ?? {}
    const stored = readFileSync(project.path("artifacts/objects", digest.slice(0, 2), digest.slice(2)))
    assert.isTrue(stored.equals(readFileSync(project.path("all/totals.parquet"))))
  })

  it("row 16: refuses to write over files that have other content, before it writes any", async () => {
    await project.dag("run")
    await project.dag("results", "--to", "all")
    const files = project.files("all")
    const before = files.map((file) => readFileSync(file))
    // The same again loses nothing.
    assert.strictEqual((await project.dag("results", "--to", "all")).code, 0)
    rmSync(project.path("all/figures/total.bin"))
    project.write("all/totals.parquet", "my own notes")
    for (const words of [["--to", "all"], ["--html", "all/totals.parquet"]]) {
      const refused = await project.dag("results", ...words)
      assert.strictEqual(refused.code, 1)
      assert.match(
        refused.stderr,
        /^error: 1 file is there with other content: \S+all\/totals\.parquet\n {2}help: .*--force.*\n$/u,
      )
      assert.deepStrictEqual(project.files("all"), files.filter((file) => !file.endsWith(".bin")))
      assert.strictEqual(project.read("all/totals.parquet"), "my own notes")
    }
    assert.strictEqual((await project.dag("results", "--to", "all", "--force")).code, 0)
    assert.deepStrictEqual(files.map((file) => readFileSync(file)), before)
  })

  slowly("says when they are older than what they depend on, and to the page too", async () => {
    await project.dag("run")
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    const older = /These results are older than what they depend on: "dag plan"/u
    assert.match((await project.dag("results")).stdout, older)
    assert.match((await project.dag("results", "--html", "page.html")).stdout, older)
    assert.strictEqual(project.read("page.html"), page(195, "older"))
    const json = await project.dag("results", "--json")
    assert.deepStrictEqual(JSON.parse(json.stdout), { totals: [{ total: 195, tables: 3 }] })
    assert.match(json.stderr, older)
  })

  it("names what it cannot write, and leaves what was there", async () => {
    await project.dag("run")
    mkdirSync(project.path("folder"))
    const before = project.read("numbers.txt")
    for (
      const [words, named] of [
        [["--html", "folder"], "folder: cannot be written: it is a folder"],
        [["--to", "numbers.txt"], "numbers.txt/report.html: cannot be written: "],
        [["--html", "/dev/null"], "/dev/null: cannot be written: it is no file"],
        [["--html", ""], "--html: is empty"],
        [["--to", " "], "--to: is empty"],
        [["--html", "/proc/none/page.html"], "/proc/none/page.html: cannot be written: "],
      ] as const
    ) {
      const ended = await project.dag("results", ...words)
      assert.strictEqual(ended.code, named.startsWith("--") ? 2 : 1, words.join(" "))
      assert.include(ended.stderr, named)
      assert.match(ended.stderr, /^error: .*\n {2}help: .*\n$/u)
    }
    assert.strictEqual(project.read("numbers.txt"), before)
  })

  it("tells what a report cannot do as an error, and what its author did not foresee as a bug", async () => {
    await project.dag("run")
    const foreseen = await project.start(["results", "--to", "all"], { RIG_FIGURE: "input" }).ended
    assert.strictEqual(foreseen.code, 1)
    assert.strictEqual(foreseen.stderr, "error: no font for the figure\n  help: install a font\n")
    const bug = await project.start(["results", "--to", "all"], { RIG_FIGURE: "bug" }).ended
    assert.strictEqual(bug.code, 1)
    assert.match(bug.stderr, /^bug: Error: an axis is undefined/u)
  })

  it("takes one of its flags at a time", async () => {
    for (
      const words of [["--html", "a", "--to", "b"], ["--ceilings", "--html", "a"], ["--to", "b", "--ceilings"], [
        "--details",
        "--html",
        "a",
      ]]
    ) {
      const ended = await project.dag("results", ...words)
      assert.strictEqual(ended.code, 2)
      assert.match(ended.stderr, /^error: --\w+: cannot be given together with --\w+\n {2}help: .*\n$/u)
    }
  })

  slowly("prints what the numbers do not show, of one cell or of all, for machines too", async () => {
    await project.dag("run")
    assert.strictEqual((await project.dag("results", "--details")).stdout, "Half of it is 97.5\n")
    assert.strictEqual((await project.dag("results", "--details", "195")).stdout, "Half of it is 97.5, in full 195\n")
    assert.strictEqual((await project.dag("results", "195", "--details")).stdout, "Half of it is 97.5, in full 195\n")
    const json = await project.dag("results", "--details", "195", "--json")
    assert.deepStrictEqual(JSON.parse(json.stdout), { totals: [{ total: 195, tables: 3 }] })
    for (
      const [words, error] of [
        [["--details", "7"], "error: 7: names no total\n  help: name a total\n"],
        [
          ["195"],
          "error: 195: names a cell, but results are printed whole\n"
          + "  help: add --details to see the cell in full: dag results --details '195'\n",
        ],
      ] as const
    ) {
      const ended = await project.dag("results", ...words)
      assert.strictEqual(ended.code, 1)
      assert.strictEqual(ended.stderr, error)
    }
  })

  slowly("has ceilings as far as they were worked out", async () => {
    const none = await project.dag("results", "--ceilings")
    assert.strictEqual(none.code, 1)
    assert.match(none.stderr, /has no ceilings yet \([^\n]+\)\n {2}help: work them out: dag run clip --profile main/u)
    await project.dag("run", "clip/step0")
    const some = await project.dag("results", "--ceilings")
    assert.strictEqual(
      some.stdout,
      "At best: 2 3 4\n\nNot worked out yet: clip/step1, clip/step2. To work them out: dag run clip --profile main\n",
    )
    await project.dag("run", "clip")
    assert.strictEqual((await project.dag("results", "--ceilings")).stdout, "At best: 2 3 4 11 12 13 50 50 50\n")
    project.edit("params.yaml", "by: 1\n", "by: 2\n")
    const older = await project.dag("results", "--ceilings")
    assert.match(older.stdout, /^At best: 2 3 4 [^]*Older than what they depend on: clip\/step0\. /u)
    const json = await project.dag("results", "--ceilings", "--json")
    const value = JSON.parse(json.stdout) as { readonly numbers: ReadonlyArray<object>; readonly older: unknown }
    assert.lengthOf(value.numbers, 9)
    assert.deepStrictEqual(value.older, ["clip/step0"])
    const absent = await project.dag("results", "--ceilings", "--profile", "heavy")
    assert.include(absent.stderr, "profile \"heavy\" has no node of stage \"clip\"")
  })

  slowly("are computed again where they were made with other columns", async () => {
    await project.dag("run")
    project.edit("schemas/totals.ts", "tables: Schema.Int }", "tables: Schema.Int, more: Schema.Int }")
    project.edit("stages/total/stage.ts", "tables: inputs.numbers.length }", "tables: inputs.numbers.length, more: 1 }")
    const refused = await project.dag("results")
    assert.strictEqual(refused.code, 1)
    assert.match(
      refused.stderr,
      /total\/all: was made when its output "totals" had other columns\n {2}help: .*dag run/u,
    )
    assert.include((await project.dag("run")).stdout, "\"more\":1")
  })
})
