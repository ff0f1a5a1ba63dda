import { assert, beforeEach, describe, it } from "@effect/vitest"
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { sharedProject } from "../../rig/project.ts"

describe("dag verify and dag gc of a remote", () => {
  const project = sharedProject()
  const remote = project.beside("remote-care")
  const filesIn = (folder: string) =>
    readdirSync(`${remote}/${folder}`, { recursive: true, withFileTypes: true })
      .flatMap((entry) => (entry.isFile() ? [`${entry.parentPath}/${entry.name}`] : [])).toSorted()
  const push = () => project.dag("push", "add/step1", "--remote", remote)
  beforeEach(async () => {
    rmSync(remote, { recursive: true, force: true })
    assert.strictEqual((await project.dag("run", "add/step1", "--yes")).code, 0)
    assert.strictEqual((await push()).code, 0)
  })

  it("find what is damaged and what is gone, and a push mends both", async () => {
    assert.strictEqual((await project.dag("verify", "--remote", remote, "--content")).code, 0)
    const [record = ""] = filesIn("actions")
    const [object = "", other = ""] = filesIn("objects")
    writeFileSync(record, "of another program")
    truncateSync(object, 1)
    rmSync(other)
    const found = await project.dag("verify", "--remote", remote)
    assert.strictEqual(found.code, 3)
    assert.match(found.stdout, /^damaged .*actions\//mu)
    assert.match(found.stdout, /^incomplete .*(?:which is not there|with another size than it has)$/mu)
    // Nobody knows what a damaged record keeps.
    assert.strictEqual((await project.dag("gc", "--remote", remote, "--older-than", "0s", "--yes")).code, 1)
    assert.strictEqual((await push()).code, 0)
    assert.strictEqual((await project.dag("verify", "--remote", remote, "--content")).code, 0)
  })

  it("leave the lease of somebody who works for long, and remove that of one who has died", async () => {
    const [long, now] = [new Date(Date.now() - 3 * 3_600_000), new Date()]
    const claimed = (key: string, owner: string, heard: Date): string => {
      const process = `${remote}/processes/${owner}.json`
      const lease = `${remote}/leases/${key.repeat(64)}.00000001.json`
      for (const folder of ["processes", "leases"]) mkdirSync(`${remote}/${folder}`, { recursive: true })
      const claim = { owner, nonce: key, node: "heavy", host: "other", run: null, since: long.toISOString() }
      writeFileSync(lease, JSON.stringify(claim))
      writeFileSync(process, "{}")
      utimesSync(lease, long, long)
      utimesSync(process, heard, heard)
      return lease
    }
    const living = claimed("a", "00000001-1-1-1-00000001", now)
    claimed("b", "00000002-1-1-1-00000002", long)
    assert.strictEqual((await project.dag("gc", "--remote", remote, "--older-than", "0s", "--yes")).code, 0)
    assert.deepStrictEqual(filesIn("leases"), [living])
    assert.lengthOf(filesIn("processes"), 1)
  })

  it("find packs that are damaged, say something else than the records, or hold what is not there; a push replaces them", async () => {
    const [pack = ""] = filesIn("packs")
    writeFileSync(pack, "x", { flag: "a" })
    const damaged = await project.dag("verify", "--remote", remote)
    assert.match(damaged.stdout, /^damaged .*packs\//mu)
    // A pack keeps nothing, and is in no collection's way.
    assert.strictEqual((await project.dag("gc", "--remote", remote, "--dry-run")).code, 0)
    assert.strictEqual((await push()).code, 0)
    assert.strictEqual((await project.dag("verify", "--remote", remote)).code, 0)

    const [record = "", other = ""] = filesIn("actions")
    const bytes = readFileSync(record)
    rmSync(record)
    writeFileSync(record.replace(".json", ".copy.json"), bytes)
    const gone = await project.dag("verify", "--remote", remote)
    assert.match(gone.stdout, /^incomplete .*packs\/.* which actions\/ has not$/mu)
    assert.match(gone.stdout, /^foreign .*copy\.json/mu)
    rmSync(record.replace(".json", ".copy.json"))
    assert.strictEqual((await push()).code, 0)
    assert.strictEqual((await project.dag("verify", "--remote", remote)).code, 0)
    rmSync(other)
    rmSync(`${remote}/packs`, { recursive: true })
    assert.strictEqual((await push()).code, 0)
    assert.strictEqual((await project.dag("verify", "--remote", remote)).code, 0)
  })

  it("leave what was written within the last hour, whatever age is named", async () => {
    const before = [...filesIn("actions"), ...filesIn("objects")]
    project.edit("numbers.txt", "1", "11")
    const { code, stdout } = await project.dag("gc", "--remote", remote, "--older-than", "0s", "--yes")
    assert.strictEqual(code, 0)
    assert.include(stdout, "Removed 0 files")
    assert.deepStrictEqual([...filesIn("actions"), ...filesIn("objects")], before)
  })

  it("remove what nothing wants, from the packs too", async () => {
    const before = new Set([...filesIn("actions"), ...filesIn("objects")])
    for (const file of before) utimesSync(file, new Date(0), new Date(0))
    project.edit("numbers.txt", "1", "11")
    assert.strictEqual((await project.dag("run", "add/step1", "--yes")).code, 0)
    assert.strictEqual((await push()).code, 0)
    const all = filesIn("actions").length
    assert.strictEqual((await project.dag("gc", "--remote", remote, "--dry-run")).code, 0)
    assert.lengthOf(filesIn("actions"), all)
    assert.strictEqual((await project.dag("gc", "--remote", remote, "--yes")).code, 0)
    assert.deepStrictEqual([...filesIn("actions"), ...filesIn("objects")].filter((file) => before.has(file)), [])
    assert.strictEqual((await project.dag("verify", "--remote", remote, "--content")).code, 0)
    // Nobody takes in a record that is gone: a store of its own has what the remote has.
    const { stdout } = await project.start(["plan", "add/step1", "--remote", remote, "--json"], {
      DAG_STORE: project.beside("care-other"),
    }).ended
    assert.notInclude(stdout, "\"WillRun\"")
    rmSync(project.beside("care-other"), { recursive: true, force: true })
  })
})
