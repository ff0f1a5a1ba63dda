import { assert, describe, it } from "@effect/vitest"
import { sharedProject } from "../../rig/project.ts"

const profile = ["--profile", "wide"] as const

describe("what is printed of many nodes", () => {
  const project = sharedProject()

  /** A profile of 15 nodes: one reads, six add, six clip, one weighs with many words, one sums. */
  const widen = () =>
    project.edit(
      "dag.config.ts",
      "    main,\n",
      `    main,
    wide: (dag) => {
      const from = numbers(dag)
      const clipped = [1, 2, 3, 4, 5, 6].map((by) => {
        const added = dag.add(add, { name: \`plus\${by}\`, params: { by }, inputs: { numbers: from } }).numbers
        return dag.add(clip, { name: \`plus\${by}\`, params: { to: 50 + by }, inputs: { numbers: added } }).numbers
      })
      dag.add(total, { name: "all", params: {}, inputs: { numbers: clipped } })
    },
`,
    )

  it("while a run goes on is a line a stage, the only node of its stage by name; --verbose has a line a node", async () => {
    widen()
    const folded = await project.dag("run", ...profile)
    assert.strictEqual(folded.code, 0, folded.stderr)
    const done = (text: string) => text.split("\n").filter((line) => line.startsWith("done"))
    assert.deepStrictEqual(done(folded.stdout).map((line) => line.replace(/ {2}[^ ]*\d\.\d s.*|, \d\.\d s.*/u, "")), [
      "done     read/numbers",
      "done     add  6 nodes",
      "done     clip  6 nodes",
      "done     total/all",
    ])
    project.edit("dag.config.ts", "params: { to: 50 + by }", "params: { to: 60 + by }")
    const verbose = await project.dag("run", "--verbose", ...profile)
    assert.lengthOf(done(verbose.stdout).filter((line) => /^done {5}clip\/plus\d {2}/u.test(line)), 6)
  })

  it("where some fail is how many of a stage were done, and each failure", async () => {
    const { code, stdout } = await project.behaving({ a: "stage" }, ["run", "-k", "--profile", "heavy"])
    assert.strictEqual(code, 1)
    assert.match(stdout, /^failed {3}heavy\/a\n {9}the loss is NaN$/mu)
    assert.match(stdout, /^done {5}heavy {2}1 of 3 nodes, .*, 1 failed$/mu)
    assert.match(stdout, /^blocked {2}heavy\/c {2}by heavy\/a$/mu)
  })

  it("as a lineage folds the actions of a stage, unless --all, and goes back as far as --depth says", async () => {
    widen()
    await project.dag("run", ...profile)
    const heads = (text: string) =>
      text.split("\n").filter((line) => /^\S/u.test(line)).map((line) => line.replace(/ {2}.*/u, ""))
    const folded = (await project.dag("lineage", "total", ...profile)).stdout
    assert.deepStrictEqual(heads(folded), ["total/all", "clip x 6", "add x 6", "read/numbers"])
    assert.include(folded, "  from     numbers: clip x 6: clip/plus1, clip/plus2, clip/plus3 and 3 more\n")
    assert.match(folded, /^clip x 6 .*\n {2}nodes {4}clip\/plus1, clip\/plus2, clip\/plus3 and 3 more$/mu)
    assert.include(folded, "params   that differ: to (6 values)")
    const all = (await project.dag("lineage", "total", "--all", ...profile)).stdout
    assert.lengthOf(heads(all), 14)
    assert.lengthOf(all.match(/^ {2}from {5}numbers: clip\/plus\d, sha256/gmu) ?? [], 6)
    const near = (await project.dag("lineage", "total", "--depth", "1", ...profile)).stdout
    assert.deepStrictEqual(heads(near), ["total/all", "clip x 6"])
    const self = JSON.parse((await project.dag("lineage", "total", "--depth", "0", "--json", ...profile)).stdout) as {
      readonly lineage: ReadonlyArray<{ readonly id: string }>
    }
    assert.deepStrictEqual(self.lineage.map(({ id }) => id), ["total/all"])
    assert.strictEqual((await project.dag("lineage", "total", "--depth=-1", ...profile)).code, 2)
  })

  it("as a graph has a box a stage or a node, for Mermaid and for Graphviz", async () => {
    widen()
    const stages = await project.dag("graph", ...profile)
    assert.strictEqual(
      stages.stdout,
      [
        "flowchart LR",
        "  n0[\"read\"]",
        "  n1[\"add x 6\"]",
        "  n2[\"clip x 6\"]",
        "  n3[\"total\"]",
        "  n0 -->|6| n1",
        "  n1 -->|6| n2",
        "  n2 -->|6| n3",
        "",
      ].join("\n"),
    )
    const nodes = await project.dag("graph", "clip/plus1", "total", "--by", "node", "--to", "dot", ...profile)
    assert.strictEqual(
      nodes.stdout,
      [
        "digraph dag {",
        "  rankdir=LR",
        "  node [shape=box]",
        "  \"clip/plus1\" [label=\"clip/plus1\"]",
        "  \"total/all\" [label=\"total/all\"]",
        "  \"clip/plus1\" -> \"total/all\"",
        "}",
        "",
      ].join("\n"),
    )
    const { boxes } = JSON.parse((await project.dag("graph", "--json", ...profile)).stdout) as {
      readonly boxes: ReadonlyArray<object>
    }
    assert.deepInclude(boxes, { name: "add", stage: "add", nodes: 6 })
    assert.strictEqual((await project.dag("graph", "--to", "png")).code, 2)
  })

  it("as rows is a table, of chosen columns where they are named, and CSV", async () => {
    await project.dag("run", "learn/a", "--profile", "learning")
    const show = (...words: ReadonlyArray<string>) => project.dag("show", "learn/a", "--profile", "learning", ...words)
    assert.include(
      (await show("--rows", "2")).stdout,
      "\nrow  step  loss  teacher\n  0     1     8  Ann\n  1     2     4  Ann\n",
    )
    assert.include(
      (await show("--rows", "1", "--from", "1", "--columns", "teacher,step")).stdout,
      "\nrow  teacher  step\n  1  Ann         2\n",
    )
    const csv = await show("--csv", "--columns", "step,teacher")
    const lines = csv.stdout.split("\r\n")
    assert.deepStrictEqual([lines.length, lines[0], lines[1], lines[40], lines[41]], [
      42,
      "step,teacher",
      "1,Ann",
      "40,Ann",
      "",
    ])
    const json = JSON.parse((await show("--json", "--rows", "1", "--columns", "loss")).stdout) as unknown
    assert.deepStrictEqual(json, [{ loss: 8 }])
    const wrong = await show("--columns", "los")
    assert.deepStrictEqual([wrong.code, wrong.stdout], [2, ""])
    assert.include(
      wrong.stderr,
      `error: --columns: there is no column "los"\n  help: name some of: step, loss, teacher\n`,
    )
    assert.strictEqual((await show("--csv", "--json")).code, 2)
  })
})
