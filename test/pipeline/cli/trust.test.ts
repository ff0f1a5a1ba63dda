import { afterAll, assert, beforeAll, beforeEach, describe, it } from "@effect/vitest"
import { readFileSync, writeFileSync } from "node:fs"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { linesOf, tableOf } from "../../../pipeline/report/proof/rows.ts"
import { envelop } from "../../../pipeline/store/envelope.ts"
import { damagedIn, made } from "../../rig/damaged-store.ts"
import { Total } from "../../rig/fixture/schemas/totals.ts"
import { damage, randomFrom } from "../../rig/flips.ts"
import { eventually, isAlive, Project } from "../../rig/project.ts"
import { forgeTable, ProofFolder } from "../../rig/tamper.ts"

/** One case each of what the slow suites try at length. */
describe("a finished experiment", () => {
  const project = new Project()
  const store = project.path("artifacts")
  const records = () => project.files("artifacts/actions").map((file) => readFileSync(file, "utf8"))
  const printed = async (...words: ReadonlyArray<string>): Promise<string> => {
    const { code, stdout, stderr } = await project.dag(...words)
    assert.strictEqual(code, 0, stdout + stderr)
    return stdout
  }

  beforeAll(async () => {
    // What counts its executions in a file cannot be executed without one, as a verifier does.
    for (const stage of ["total", "clip", "add"]) {
      const file = `stages/${stage}/stage.ts`
      project.write(file, project.read(file).split("\n").filter((line) => !/\bcount\b/u.test(line)).join("\n"))
    }
    await printed("run", "--yes")
    await printed("key", "new", "--to", "key.pem")
    await printed("results", "--sign", "key.pem")
  })
  beforeEach(() => void project.executions())
  afterAll(async () => {
    await project.end()
    project.remove()
  })

  it("has a proof that holds, and that does not where a table is another, be all digests right", async () => {
    await printed("prove", "total/all", "--to", "proof.zip", "--sign", "key.pem")
    const proof = new ProofFolder(project.beside("proof"), project.path("proof.zip"))
    const key = ["--key", project.path("key.pem.pub")]
    const honest = proof.verify(...key)
    assert.strictEqual(honest.code, 0, honest.stdout)
    assert.match(honest.stdout, /\nAll that was checked is right\.\n$/u)

    const rows = [{ total: 999, tables: 3 }]
    const table = { bytes: await tableOf(Total, rows), lines: linesOf(rows) }
    for (const keepSignature of [true, false]) {
      const { says } = forgeTable(proof, "total/all", "totals", table, keepSignature)
      // Where it is signed, nothing has to be executed to see it.
      const { code, stdout, wrong } = proof.verify(...(keepSignature ? ["--no-run"] : []))
      proof.restore()
      assert.strictEqual(code, 1, stdout)
      assert.match(wrong.join("\n"), says)
    }
  })

  it("has a signature that holds, and that does not where it names another result", async () => {
    assert.match(await printed("verify", "--key", "key.pem.pub"), /^signature +\S+ holds: 8 nodes of --profile main/mu)
    const [file = ""] = project.files("artifacts/signatures")
    const text = readFileSync(file, "utf8")
    const content = text.split("\n").slice(1, -2).join("\n")
    const forged = content.replace(/"totals": "[0-9a-f]{64}"/u, `"totals": "${digestOf("forged")}"`)
    assert.notStrictEqual(forged, content)
    writeFileSync(file, envelop(forged))
    const { code, stdout } = await project.dag("verify")
    writeFileSync(file, text)
    assert.strictEqual(code, 3)
    assert.include(stdout, "is of another root")
    assert.match(stdout, /files checked and sound, but a signature does not hold\b/u)
  })

  it("is as it was after repair and run, where a bit of it was changed", async () => {
    const before = made(store)
    const object = /objects\/\S+/u.exec(await printed("show", "read/numbers"))?.[0] ?? ""
    damage(store, object, randomFrom(3), false)
    assert.deepStrictEqual(await damagedIn(project), [object])
    assert.match(await printed("repair"), /^1 file moved to quarantine\//mu)
    await printed("run", "--yes")
    assert.deepStrictEqual(project.executions(), ["read"])
    assert.deepStrictEqual(made(store), before)
    await printed("verify")
  })

  it("is executed again where it is forced, and stays where it is frozen", async () => {
    const before = records()
    assert.match(
      await printed("run", "--force", "read/numbers", "--yes"),
      /^done +read\/numbers .*, made the same again$/mu,
    )
    assert.deepStrictEqual(project.executions(), ["read"])
    assert.deepStrictEqual(records(), before)
    const params = project.read("params.yaml")
    project.edit("params.yaml", "by: 10\n", "by: 11\n")
    const frozen = await printed("run", "--freeze", "add/step1", "--yes")
    project.write("params.yaml", params)
    assert.match(frozen, /^frozen +add\/step1 +stays as it last was$/mu)
    assert.deepStrictEqual(records(), before)
  })

  it("tries a node again whose process was killed, with twice the memory", async () => {
    const words = ["run", "--force", "heavy/a", "--yes", "--profile", "again"]
    const { code, stdout } = await project.behaving({ a: "killOnce" }, words, { RIG_ONCE: project.path("once") })
    assert.strictEqual(code, 0, stdout)
    assert.match(stdout, /^again +heavy\/a +with 0\.2 GB, attempt 2 of 2: its process was killed by SIGKILL/mu)
    assert.deepStrictEqual(project.executions(), ["heavy a", "heavy a"])
  })

  it("goes on after kill -9 of its run: only what was not finished is executed again", async () => {
    const words = ["run", "heavy/c", "--yes", "--profile", "heavy"]
    const run = project.start(words, { RIG_BEHAVIOUR: JSON.stringify({ c: "wait" }) })
    // What it takes as input has finished by then.
    const worker = await project.process("heavy", "c")
    run.process.kill("SIGKILL")
    assert.strictEqual((await run.ended).signal, "SIGKILL")
    await eventually("its worker ends", () => (isAlive(worker) ? undefined : true))
    project.executions()
    await printed(...words)
    assert.deepStrictEqual(project.executions(), ["heavy c"])
  })

  it("keeps what a node first made where another execution makes other bytes, and says so", async () => {
    const clocked = ["--profile", "clocked"]
    await printed("run", "--yes", ...clocked)
    const first = await printed("show", "clock/now", "--json", ...clocked)
    assert.strictEqual((await project.dag("run", "--force", "clock/now", "--yes", ...clocked)).code, 3)
    assert.strictEqual(await printed("show", "clock/now", "--json", ...clocked), first)
    assert.match(
      await printed("status", ...clocked),
      /^conflict clock\/now {2}executed another time it made other bytes/mu,
    )
    const audited = await project.dag("audit", "clock/now", ...clocked)
    assert.strictEqual(audited.code, 3)
    assert.match(audited.stdout, /clock\/now:numbers column value differs in 1 of 4 rows/u)
  })
})
