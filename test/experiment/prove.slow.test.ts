import { statSync } from "node:fs"
import { afterAll, afterEach, assert, beforeAll, describe, it } from "vitest"
import { linesOf, tableOf } from "../../pipeline/report/proof/rows.ts"
import { Score } from "../../schemas/scores.ts"
import { copyOfExperiment } from "../rig/experiment.ts"
import { forgeInStore } from "../rig/forge.ts"
import type { Project } from "../rig/project.ts"
import { chance, excuse, forgeries, forgeRows, forgeRunner, forgeTable, ProofFolder } from "../rig/tamper.ts"

const cells = ["t5-mini/cdr/16", "bart-mini/cdr/16", "t5-mini/dce/16"]

describe("proofs of three cells of the demo", () => {
  let project: Project
  const proofs: Array<ProofFolder> = []
  beforeAll(async () => {
    project = copyOfExperiment()
    const run = await project.dag("run", ...cells.map((cell) => `score/${cell}`), "--profile", "demo")
    assert.strictEqual(run.code, 0, run.stdout + run.stderr)
    await project.dag("key", "new", "--to", "key.pem")
    const signed = await project.dag("results", "--profile", "demo", "--sign", "key.pem", "--partial")
    assert.strictEqual(signed.code, 0, signed.stderr)
    for (const [index, cell] of cells.entries()) {
      const made = await project.dag("prove", cell, "--profile", "demo", "--to", `${index}.zip`, "--sign", "key.pem")
      assert.strictEqual(made.code, 0, made.stderr)
      assert.include(made.stdout, "1 signature")
      assert.isBelow(statSync(project.path(`${index}.zip`)).size, 2_000_000)
      proofs.push(new ProofFolder(project.beside(`proof${index}`), project.path(`${index}.zip`)))
    }
  })
  /** A proof of a store in which one seed has the relations of the other, with all that honestly follows from them. */
  const forgedFromTheMiddle = async () => {
    const [own, other] = [0, 1].map((seed) => {
      const node = `extract/t5-mini/cdr/16/seed${seed}`
      const { key } = proofs[0]?.manifest.actions.find((action) => action.node === node) ?? assert.fail(node)
      return { node, made: proofs[0]?.record(key).outputs["relations"] ?? assert.fail(node) }
    })
    if (own === undefined || other === undefined) assert.fail("two seeds")
    const { digest, rows } = other.made
    const bytes = proofs[0]?.read(`tables/${digest}.parquet`) ?? assert.fail(digest)
    forgeInStore(project, own.node, "relations", { bytes, rows })
    const run = await project.dag("run", "score/t5-mini/cdr/16", "--profile", "demo")
    assert.strictEqual(run.code, 0, run.stderr)
    await project.dag("results", "--profile", "demo")
    const made = await project.dag("prove", "t5-mini/cdr/16", "--profile", "demo", "--to", "forged.zip")
    assert.strictEqual(made.code, 0, made.stderr)
    return new ProofFolder(project.beside("forged"), project.path("forged.zip"))
  }
  afterEach(() => {
    for (const proof of proofs) proof.restore()
  })
  afterAll(() => project.remove())

  it("extract and score again, and say the numbers of the table", async () => {
    const { results } = JSON.parse((await project.dag("results", "--profile", "demo", "--json")).stdout) as {
      readonly results: ReadonlyArray<
        Readonly<Record<"model" | "corpus" | "setting" | "measure" | "label" | "f1", unknown>>
      >
    }
    for (const [index, cell] of cells.entries()) {
      const { code, stdout } = proofs[index]?.verify("--key", project.path("key.pem.pub")) ?? assert.fail(cell)
      assert.strictEqual(code, 0, stdout)
      const row = results.find((each) =>
        `${String(each.model)}/${String(each.corpus)}/${String(each.setting)}` === cell && each.measure === "strict"
        && each.label === "micro"
      )
      assert.include(stdout, `aggregate/table1: f1 ${String(row?.f1)}, `)
      const seeds = [...stdout.matchAll(/^score\/\S+: seed \d, f1 ([\d.]+),/gmu)].map(([, f1]) => Number(f1))
      assert.approximately(seeds.reduce((sum, f1) => sum + f1, 0) / seeds.length * 100, Number(row?.f1), 1e-9)
      for (const seed of [0, 1]) {
        assert.match(
          stdout,
          new RegExp(`Executed again: .*score/${cell}/seed${seed}, .*extract/${cell}/seed${seed}`, "u"),
        )
        assert.include(stdout, `score/${cell}/seed${seed}: seed ${seed}, f1 `)
        assert.include(stdout, `Not checked: that generate/${cell}/seed${seed} makes what its record says`)
      }
      assert.isFalse(proofs[index]?.names.some((name) => proofs[index]?.read(name).includes(project.root)))
    }
  })

  it("are found to be forged in 1,000 ways of 1,000, each in a sentence", async () => {
    const random = chance(2026)
    const kinds = Object.entries(forgeries)
    let found = 0
    const judge = (what: string, says: RegExp, proof: ProofFolder) => {
      const { code, stdout, wrong } = proof.verify()
      proof.restore()
      assert.strictEqual(code, 1, `${what}\n${stdout}`)
      assert.match(wrong.join("\n"), says, what)
      found++
    }
    for (let index = 0; index < 968; index++) {
      const proof = proofs[index % proofs.length] ?? assert.fail("no proof")
      const [kind, forge] = kinds[Math.floor(index / proofs.length) % kinds.length] ?? assert.fail("no forgery")
      const { what, says } = forge(proof, random)
      judge(`${index} ${kind}: ${what}`, says, proof)
    }
    for (let index = 0; index < 16; index++) {
      const proof = proofs[index % proofs.length] ?? assert.fail("no proof")
      const { what, says } = forgeRows(proof, random)
      judge(`row ${index}: ${what}`, says, proof)
    }
    for (let index = 0; index < 4; index++) {
      const proof = proofs[index % proofs.length] ?? assert.fail("no proof")
      const { what, says } = forgeRunner(proof, random)
      judge(`runner ${index}: ${what}`, says, proof)
      const { manifest } = proof
      const columns = ["f1 99.9, precision 99.9"]
      proof.publish({ ...manifest, numbers: manifest.numbers.map((each) => ({ ...each, columns })) })
      judge(`columns ${index}`, /has no column f1 99\.9/u, proof)
    }
    for (const [index, cell] of cells.entries()) {
      for (const keepSignature of [true, false]) {
        const proof = proofs[index] ?? assert.fail(cell)
        const node = `score/${cell}/seed0`
        const { key } = proof.manifest.actions.find((action) => action.node === node) ?? assert.fail(node)
        const digest = proof.record(key).outputs["scores"]?.digest
        const rows = proof.read(`rows/${digest}.jsonl`).toString().trim().split("\n")
          .map((line) => ({ ...JSON.parse(line) as Score, f1: 0.999 }))
        const table = { bytes: await tableOf(Score, rows), lines: linesOf(rows) }
        const { what, says } = forgeTable(proof, node, "scores", table, keepSignature)
        judge(what, says, proof)
      }
    }
    const forged = await forgedFromTheMiddle()
    judge(
      "relations that nobody extracted",
      /^extract\/t5-mini\/cdr\/16\/seed0: relations: the program makes another/u,
      forged,
    )
    // The excuse is the forger's own word: that the program could be executed again shows in its text.
    excuse(forged, "extract/t5-mini/cdr/16/seed0", "it took 10001 ms, too long for a quick look")
    const { code, stdout } = forged.verify()
    assert.strictEqual(code, 2, stdout)
    assert.match(
      stdout,
      /NOT CHECKED, and should be: that extract\/t5-mini\/cdr\/16\/seed0 makes what its record says/u,
    )
    found++
    assert.strictEqual(found, 1000)
    for (const proof of proofs) assert.strictEqual(proof.verify().code, 0)
  })
})
