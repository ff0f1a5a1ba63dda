import { assert, describe, it } from "@effect/vitest"
import { readdirSync, rmSync, statSync } from "node:fs"
import { treeOf } from "../../rig/flips.ts"
import { slowly } from "../../rig/often.ts"
import { type Project, sharedProject } from "../../rig/project.ts"

interface Collected {
  readonly removed: ReadonlyArray<{ readonly path: string; readonly node?: string; readonly bytes: number }>
}

const done = async (project: Project, ...words: ReadonlyArray<string>): Promise<string> => {
  const { code, stdout, stderr } = await project.dag(...words)
  assert.strictEqual(code, 0, `${words.join(" ")}\n${stdout}${stderr}`)
  return stdout
}

const collect = async (project: Project, ...words: ReadonlyArray<string>): Promise<Collected["removed"]> =>
  (JSON.parse(await done(project, "gc", "--json", ...words)) as Collected).removed

/** Files that are gone, but for those that live as long as a process. */
const gone = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ReadonlyArray<string> =>
  [...before.keys()].filter((path) => !after.has(path) && !path.startsWith("processes/"))

describe("dag gc", () => {
  const project = sharedProject()
  const tree = () => treeOf(project.path("artifacts"))

  it("names with --dry-run exactly what it then removes, and leaves a finished table fresh and verifiable", async () => {
    await done(project, "run", "--yes")
    await done(project, "run", "--yes", "--profile", "heavy")
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    await done(project, "run", "--yes")
    const results = await done(project, "results", "--json")
    const before = tree()
    const named = await collect(project, "--older-than", "0s", "--dry-run")
    assert.deepStrictEqual(gone(before, tree()), [])
    const removed = await collect(project, "--older-than", "0s")
    assert.deepStrictEqual(removed, named)
    assert.sameMembers(removed.map(({ path }) => path), [...gone(before, tree())])
    assert.includeMembers(removed.map(({ node }) => node ?? ""), ["add/step1", "clip/step1", "total/all"])
    assert.match(await done(project, "verify"), /^Sound: /mu)
    assert.match(await done(project, "plan"), /8 nodes: 0 will run, 8 up to date/u)
    assert.match(await done(project, "plan", "--profile", "heavy"), /5 nodes: 0 will run, 5 up to date/u)
    assert.strictEqual(await done(project, "results", "--json"), results)
    assert.deepStrictEqual(await collect(project, "--older-than", "0s"), [])
  })

  it("writes nothing at all with --dry-run, no heartbeat either", async () => {
    await done(project, "run", "--yes")
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    await done(project, "run", "--yes")
    rmSync(project.path("artifacts/processes"), { recursive: true })
    const before = tree()
    const times = () =>
      readdirSync(project.path("artifacts")).map((name) => [
        name,
        statSync(project.path("artifacts", name)).mtimeMs,
      ])
    const timesBefore = times()
    assert.isNotEmpty(await collect(project, "--older-than", "0s", "--dry-run"))
    assert.deepStrictEqual(tree(), before)
    assert.deepStrictEqual(times(), timesBefore)
  })

  slowly("keeps what runs used within the time that is given", async () => {
    await done(project, "run", "--yes")
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    await done(project, "run", "--yes")
    assert.deepStrictEqual(await collect(project), [])
    project.edit("params.yaml", "by: 11\n", "by: 10\n")
    assert.match(await done(project, "plan"), /8 nodes: 0 will run, 8 up to date/u)
    const refused = await project.dag("gc", "--older-than", "soon")
    assert.strictEqual(refused.code, 2)
    assert.include(refused.stderr, "\"soon\" is no age")
  })

  it("keeps what is pinned, with all that it depends on, until the pin is removed", async () => {
    await done(project, "run", "--yes")
    await done(project, "pin", "first", "total/all")
    assert.match(await done(project, "pin", "--list"), /^first +main +8 .* total\/all$/mu)
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    await done(project, "run", "--yes")
    const kept = await collect(project, "--older-than", "0s")
    assert.isTrue(kept.every(({ path }) => path.startsWith("runs/")), JSON.stringify(kept))
    project.edit("params.yaml", "by: 11\n", "by: 10\n")
    assert.match(await done(project, "plan"), /8 nodes: 0 will run, 8 up to date/u)
    await done(project, "pin", "first", "--remove")
    assert.includeMembers(
      (await collect(project, "--older-than", "0s")).map(({ node }) => node ?? ""),
      ["add/step1", "total/all"],
    )
  })

  it("releases checkpoints and leaves all up to date; what needs one later has it made again first, as the plan says", async () => {
    await done(project, "run", "--yes", "--profile", "trained")
    const shown = await done(project, "show", "apply/trained", "--json", "--profile", "trained")
    const released = await collect(project, "--checkpoints", "none")
    assert.deepStrictEqual(released.map(({ node }) => node), ["weigh/trained", "weigh/trained"])
    assert.match(await done(project, "verify"), /^Sound: /mu)
    assert.match(await done(project, "plan", "--profile", "trained"), /3 nodes: 0 will run, 3 up to date/u)
    assert.strictEqual(await done(project, "show", "apply/trained", "--json", "--profile", "trained"), shown)
    project.executions()
    assert.match(await done(project, "run", "--yes", "--profile", "trained"), /0 nodes executed/u)
    const exported = await project.dag("export", "weigh/trained", "--to", "out", "--profile", "trained")
    assert.strictEqual(exported.code, 1)
    assert.include(exported.stderr, "dag run --force weigh/trained --profile trained")

    project.edit("params.yaml", "by: 1\n", "by: 2\n")
    const plan = await done(project, "plan", "--profile", "trained")
    assert.match(plan, /^run +weigh\/trained\n +dag gc released what it made/mu)
    await done(project, "run", "--yes", "--profile", "trained")
    assert.deepStrictEqual(project.executions(), ["apply", "weigh t"])
    await done(project, "export", "weigh/trained", "--to", "out", "--profile", "trained")
    assert.match(await done(project, "verify"), /^Sound: /mu)
  })

  slowly("keeps the checkpoints that a node needs which is not up to date", async () => {
    await done(project, "run", "--yes", "--profile", "trained")
    project.edit("params.yaml", "by: 1\n", "by: 2\n")
    assert.deepStrictEqual(await collect(project, "--checkpoints", "none"), [])
  })

  it("takes nothing away from a run that goes on meanwhile", async () => {
    const run = project.start(["run", "--yes", "--profile", "heavy"], { RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }) })
    await project.process("heavy", "a")
    const before = tree()
    for (let round = 0; round < 3; round++) await collect(project, "--older-than", "0s", "--checkpoints", "none")
    // The other node ends meanwhile.
    const lost = gone(before, tree()).filter((path) => !/^(?:leases|logs|pending|tmp)\//u.test(path))
    project.open()
    const ended = await run.ended
    assert.strictEqual(ended.code, 0, ended.stdout + ended.stderr)
    assert.deepStrictEqual(lost, [])
    assert.match(await done(project, "verify"), /^Sound: /mu)
    assert.match(await done(project, "plan", "--profile", "heavy"), /5 nodes: 0 will run, 5 up to date/u)
  })

  it("keeps the beginning of an object of a remote until nobody went on with it for long, or all of it is here", async () => {
    await done(project, "run", "--yes")
    const object = [...tree().keys()].find((path) => path.startsWith("objects/")) ?? ""
    const [here, begun] = [object.slice("objects/".length).replace("/", ""), "0".repeat(64)]
    for (const digest of [here, begun]) project.write(`artifacts/partial/${digest}`, "some bytes")
    assert.match(await done(project, "verify"), /^partial object +2 /mu)
    const paths = async (...words: ReadonlyArray<string>) =>
      (await collect(project, ...words)).map(({ path }) => path).filter((path) => path.startsWith("partial/"))
    assert.deepStrictEqual(await paths(), [`partial/${here}`])
    assert.deepStrictEqual(await paths("--older-than", "0s"), [`partial/${begun}`])
    project.write("artifacts/partial/other", "")
    const verified = await project.dag("verify")
    assert.match(verified.stdout, /foreign +partial\/other has a name that no partial object of a store has/u)
    rmSync(project.path("artifacts/partial"), { recursive: true })
  })

  it("removes nothing where a record is damaged: nobody knows what it keeps", async () => {
    await done(project, "run", "--yes")
    const record = [...tree().keys()].find((path) => path.startsWith("actions/")) ?? ""
    project.write(`artifacts/${record}`, "{ torn")
    const before = tree()
    const refused = await project.dag("gc", "--older-than", "0s")
    assert.strictEqual(refused.code, 1)
    assert.match(refused.stderr, /nobody knows what it keeps[\s\S]*run dag repair/u)
    assert.deepStrictEqual(gone(before, tree()), [])
  })

  slowly(
    "says which profiles and settings keep something, and leaves what repair moved away but for --quarantine",
    async () => {
      await done(project, "run", "--yes")
      const object = [...tree().keys()].find((path) => path.startsWith("objects/")) ?? ""
      project.write(`artifacts/${object}`, "other bytes")
      await done(project, "repair")
      await done(project, "run", "--yes")
      const { stdout } = await project.start(["gc", "--older-than", "0s"], { DAG_LEASE_SECONDS: "20" }).ended
      assert.match(stdout, /^Kept: what profiles main, heavy, .* have with .*DAG_LEASE_SECONDS=20/mu)
      const moved = [...tree().keys()].filter((path) => path.startsWith("quarantine/"))
      assert.lengthOf(moved, 2)
      await collect(project, "--older-than", "0s", "--quarantine")
      assert.isEmpty([...tree().keys()].filter((path) => path.startsWith("quarantine/")))
    },
  )

  it("does not replace a pin without --replace, and says what it pins that is not up to date", async () => {
    await done(project, "run", "--yes")
    await done(project, "pin", "first")
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    const refused = await project.dag("pin", "first")
    assert.strictEqual(refused.code, 1)
    assert.include(refused.stderr, "is a pin already")
    const replaced = await project.dag("pin", "first", "--replace")
    assert.strictEqual(replaced.code, 0, replaced.stderr)
    assert.match(replaced.stderr, /not up to date, and pinned as last made: .*add\/step1/u)
  })
})
