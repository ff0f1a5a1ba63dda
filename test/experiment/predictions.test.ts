import { existsSync, readdirSync, symlinkSync } from "node:fs"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { copyOfExperiment, shrinkDemo } from "../rig/experiment.ts"
import { slowly } from "../rig/often.ts"
import type { Ended, Project } from "../rig/project.ts"

/** What `dag score --json` prints, as far as it is looked at. */
interface Facts {
  readonly predictions: ReadonlyArray<{
    readonly name: string
    readonly sha256: string
    readonly warnings: ReadonlyArray<string>
    readonly results: ReadonlyArray<
      { readonly measure: string; readonly label: string; readonly f1: number; readonly flags: ReadonlyArray<string> }
    >
  }>
  readonly ceilings: ReadonlyArray<{ readonly of: string; readonly measure: string; readonly f1: number }>
  readonly comparisons: ReadonlyArray<{ readonly system: string; readonly model: string; readonly adjusted: number }>
}

interface Planned {
  readonly node: string
  readonly state: string
  readonly key?: string
}

describe("somebody's predictions", () => {
  let project: Project
  let right = ""
  const ids: Array<string> = []
  beforeAll(() => {
    project = copyOfExperiment()
    shrinkDemo(project)
    const gold = project.read("bundled/corpora/cdr/CDR_TestSet.PubTator.txt").split("\n")
    for (const line of gold) {
      const [, id] = /^(\d+)\|t\|/u.exec(line) ?? []
      if (id !== undefined) ids.push(id)
    }
    const relations = Map.groupBy(gold.filter((line) => /^\d+\tCID\t/u.test(line)), (line) => line.split("\t")[0])
    const lineOf = (id: string) => ({
      document: id,
      relations: (relations.get(id) ?? []).map((line) => {
        const [, , chemical, disease] = line.split("\t")
        return { label: "CID", arguments: [{ id: chemical }, { id: disease }] }
      }),
    })
    right = ids.map((id) => `${JSON.stringify(lineOf(id))}\n`).join("")
    project.write("mine/right.jsonl", right)
    project.write("mine/silent.jsonl", ids.slice(1).map((id) => `{"document":"${id}","text":"."}\n`).join(""))
  })
  afterAll(() => project.remove())

  const dag = (...args: ReadonlyArray<string>): Promise<Ended> =>
    project.start([...args, "--profile", "demo"], { DAG_CORPORA: "" }).ended
  const score = async (...files: ReadonlyArray<string>): Promise<Facts> => {
    const ended = await dag(
      "score",
      ...files.flatMap((file) => ["--predictions", `mine/${file}`]),
      "--corpus",
      "cdr",
      "--json",
    )
    assert.strictEqual(ended.code, 0, ended.stdout + ended.stderr)
    return JSON.parse(ended.stdout) as Facts
  }
  const plan = async (): Promise<ReadonlyMap<string, Planned>> =>
    new Map(
      (JSON.parse((await dag("plan", "--json")).stdout) as ReadonlyArray<Planned>).map((each) => [each.node, each]),
    )
  const runs = (): ReadonlyArray<string> => {
    const folder = project.path("artifacts/runs")
    return existsSync(folder) ? readdirSync(folder) : []
  }

  it("score as they are, without a training, and a second time without an execution", async () => {
    const { predictions: [mine, silent], ceilings, comparisons } = await score("right.jsonl", "silent.jsonl")
    assert.deepStrictEqual(
      mine?.results.filter(({ label }) => label === "micro").map(({ measure, f1 }) => [measure, f1]),
      [["strict", 100], ["concept pairs", 100]],
    )
    assert.deepStrictEqual(mine?.results[0]?.flags, [])
    assert.deepStrictEqual(silent?.results[0]?.flags, ["missing documents"])
    assert.strictEqual(silent?.results[0]?.f1, 0)
    assert.include(silent?.warnings[0] ?? "", `1 of ${ids.length} test documents`)
    assert.sameMembers([...new Set(ceilings.map(({ of }) => of))], ["texts", "relations"])
    assert.deepStrictEqual(comparisons, [])
    const before = runs()
    await score("right.jsonl", "silent.jsonl")
    assert.deepStrictEqual(runs(), before)
    assert.strictEqual(
      [...(await plan()).values()].filter(({ node }) => node.startsWith("finetune/"))
        .filter(({ state }) => state === "fresh").length,
      0,
    )
  })

  it("end with 1 where lines are bad, with 6 where there is no file, with 2 where a flag is wrong", async () => {
    project.write("mine/bad.jsonl", `${right}{"document":\n{"document":"${ids[0] ?? ""}","text":"."}\n`)
    const bad = await dag("score", "--predictions", "mine/bad.jsonl", "--corpus", "cdr")
    assert.strictEqual(bad.code, 1, bad.stderr)
    assert.include(bad.stderr, `bad.jsonl:${ids.length + 1}: the line is not JSON`)
    assert.include(bad.stderr, `bad.jsonl:${ids.length + 2}: document ${ids[0] ?? ""} is there twice, first in line 1`)
    assert.strictEqual((await dag("score", "--predictions", "mine/none", "--corpus", "cdr")).code, 6)
    symlinkSync("loop", project.path("mine/loop"))
    for (const [name, words] of [["loop", "a link leads back to itself"], [".", "mine/. is a folder"]] as const) {
      const ended = await dag("score", "--predictions", `mine/${name}`, "--corpus", "cdr")
      assert.include([1, 2], ended.code)
      assert.include(ended.stderr, words)
      assert.notInclude(ended.stderr, "bug")
    }
    const blank = await dag("score", "--predictions", "mine/right.jsonl", "--corpus", "cdr", "--name", "a ")
    assert.include(blank.stderr, "--name")
    assert.include(blank.stderr, "so that selectors can name the row")
    const unknown = await dag("score", "--predictions", "mine/right.jsonl", "--corpus", "cdf")
    assert.strictEqual(unknown.code, 2, unknown.stderr)
    assert.include(unknown.stderr, "--corpus")
    assert.strictEqual((await dag("score", "--predictions", "mine/right.jsonl")).code, 2)
    const absent = await dag("score", "--predictions", "mine/right.jsonl", "--corpus", "drugprot")
    assert.strictEqual(absent.code, 2, absent.stderr)
    assert.match(absent.stderr, /name one that has: more$/mu)
    assert.include((await dag("help", "score")).stdout.replaceAll(/\s+/gu, " "), "biored, drugprot")
    const column = await dag("score", "--predictions", "mine/right.jsonl", "--corpus", "ddi", "--setting", "16")
    assert.include(column.stderr, "the corpus DDI has no column \"16\"")
  })

  slowly("are rows of the table where the project declares them, and no key of the others changes", async () => {
    const before = await plan()
    const declare = (text: string): void => project.write("experiment/rows.yaml", text)
    const own = project.read("experiment/rows.yaml")
    declare(
      "predictions:\n  - { name: right-system, profiles: [demo], corpus: cdr, file: mine/right.jsonl }\n",
    )
    const after = await plan()
    const added = [...after.keys()].filter((node) => !before.has(node))
    assert.sameMembers(added, [
      "predictions/right-system/cdr/full",
      "score/right-system/cdr/full",
      "score/official/right-system/cdr/full",
    ])
    for (const [node, { key }] of before) {
      if (!node.startsWith("aggregate/")) assert.strictEqual(after.get(node)?.key, key, node)
    }
    // What "dag score" made of the same file is what the row needs.
    assert.deepStrictEqual(added.map((node) => after.get(node)?.state), ["fresh", "will-run", "will-run"])
    const run = await dag("run", "-y", "stage=score,model=right-system")
    assert.strictEqual(run.code, 0, run.stderr)
    const { stdout } = await dag("results")
    assert.match(stdout, /right-systemᵉ .*100\.0/u)
    assert.include(stdout, "ᵉ predictions from a file: not trained here")
    const again = await dag("score", "--predictions", "mine/silent.jsonl", "--corpus", "cdr", "--name", "Right-System")
    assert.strictEqual(again.code, 2, again.stderr)
    assert.include(again.stderr, "\"Right-System\" is another row, in experiment/rows.yaml")
    // Of what "dag score" made, dag gc would remove what no row has, once it is old.
    const gc = await project.start(["gc", "--dry-run", "--older-than", "0s", "--json"], { DAG_CORPORA: "" }).ended
    assert.strictEqual(gc.code, 0, gc.stderr)
    const { removed } = JSON.parse(gc.stdout) as { readonly removed: ReadonlyArray<{ readonly node?: string }> }
    const gone = new Set(removed.flatMap(({ node = "" }) => (node.startsWith("predictions/") ? [node] : [])))
    assert.include([...gone], "predictions/asked/silent/cdr/full")
    assert.notInclude([...gone].join(" "), "right")
    const lineage = await dag("lineage", "score/right-system/cdr/full")
    assert.match(lineage.stdout, /file {5}file: right\.jsonl, .*sha256 [0-9a-f]{64}/u)

    declare("predictions:\n  - { name: T5-small, profiles: [demo], corpus: cdr, file: x }\n")
    const taken = await dag("plan")
    assert.include(taken.stderr, "experiment/rows.yaml:2")
    assert.include(taken.stderr, "predictions[0].name")
    declare("predictions:\n  - name: a\n    profiles: [demo]\n    corpus: ddi\n    setting: \"16\"\n    file: x\n")
    assert.include((await dag("plan")).stderr, "experiment/rows.yaml:5")
    declare(own)
    assert.deepStrictEqual(
      new Map([...await plan()].map(([node, { key }]) => [node, key])),
      new Map([...before].map(([node, { key }]) => [node, key])),
    )
  })
})
