import { assert, describe, it } from "@effect/vitest"
import { readFileSync, rmSync } from "node:fs"
import type { Ancestor } from "../../../pipeline/status/lineage.ts"
import { sharedProject } from "../../rig/project.ts"

describe("dag export --official", () => {
  const project = sharedProject()
  const names = (): ReadonlyArray<string> =>
    project.files("out").map((file) => file.slice(project.path("out").length + 1)).toSorted()

  it("writes what nodes were given, by their names or by what the experiment calls their runs", async () => {
    await project.dag("run")
    const one = await project.dag("export", "--official", "step1", "--to", "out")
    assert.strictEqual(one.code, 0, one.stderr)
    assert.deepStrictEqual(names(), ["clip/step1.txt"])
    const added = await project.dag("show", "add/step1", "--json")
    const rows = (JSON.parse(added.stdout) as ReadonlyArray<object>).map((row) => JSON.stringify(row))
    assert.strictEqual(readFileSync(project.path("out/clip/step1.txt"), "utf8"), `{"to":50} ${rows.join(" ")}\n`)
    assert.match(one.stderr, /note: clip\/step1 has many numbers/u)

    const all = await project.dag("export", "--official", "--to", "out", "--json")
    assert.deepStrictEqual(names(), ["clip/step0.txt", "clip/step1.txt", "clip/step2.txt"])
    assert.lengthOf(JSON.parse(all.stdout) as ReadonlyArray<unknown>, 3)
    // One whose form asks for more does not keep the others from being written.
    const half = await project.dag("export", "--official", "--to", "out/half", "--gold", "half")
    assert.strictEqual(half.code, 0)
    assert.match(half.stdout, /^2 files of 2 nodes in /u)
    assert.match(half.stderr, /note: clip\/step0 left out: step0 has no ids/u)
    const same = await project.dag("export", "--official", "clip", "step2", "--to", "out")
    assert.strictEqual(same.code, 0)
  })

  it("writes the others where what one was given is gone from the store, names that one, and fails", async () => {
    await project.dag("run")
    const { lineage } = JSON.parse((await project.dag("lineage", "add/step1", "--json")).stdout) as {
      readonly lineage: ReadonlyArray<Ancestor>
    }
    const digest = lineage[0]?.record.outputs["numbers"]?.digest ?? ""
    rmSync(project.path("artifacts/objects", digest.slice(0, 2), digest.slice(2)))
    const { code, stdout, stderr } = await project.dag("export", "--official", "--to", "out")
    assert.strictEqual(code, 1)
    assert.match(stdout, /^2 files of 2 nodes in /u)
    assert.match(stderr, /note: clip\/step1 left out: /u)
    assert.deepStrictEqual(names(), ["clip/step0.txt", "clip/step2.txt"])
  })

  it("says what has not run, what is not scored so, and what the form lacks", async () => {
    const early = await project.dag("export", "--official", "step1", "--to", "out")
    assert.strictEqual(early.code, 1)
    assert.match(early.stderr, /clip\/step1 has not run yet/u)
    assert.match(early.stderr, /help: run first: dag run clip\/step1 --profile main/u)
    await project.dag("run", "clip/step0")
    const some = await project.dag("export", "--official", "--to", "out")
    assert.strictEqual(some.code, 0)
    assert.match(some.stderr, /2 nodes of 3 left out: they have not run yet/u)
    assert.deepStrictEqual(names(), ["clip/step0.txt"])

    const other = await project.dag("export", "--official", "add/step0", "--to", "out")
    assert.match(other.stderr, /no official program scores anything[^]*name nodes such as clip\/step0/u)
    const unknown = await project.dag("export", "--official", "step9", "--to", "out")
    assert.strictEqual(unknown.code, 1)
    assert.match(unknown.stderr, /step9: names no run and no node[^]*name runs such as step0, step1, step2\n/u)
    const gold = await project.dag("export", "--official", "step0", "--to", "out", "--gold", "nowhere")
    assert.match(gold.stderr, /--gold: there is no such folder/u)
    const both = await project.dag("export", "--official", "--curves", "--to", "out")
    assert.match(both.stderr, /--curves and --official write different things/u)
  })
})
