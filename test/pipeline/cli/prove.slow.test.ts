import { afterAll, afterEach, assert, beforeAll, describe, it } from "@effect/vitest"
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { linesOf, tableOf } from "../../../pipeline/report/proof/rows.ts"
import { Numbers } from "../../rig/fixture/schemas/numbers.ts"
import { Total } from "../../rig/fixture/schemas/totals.ts"
import { forgeInStore } from "../../rig/forge.ts"
import { Project } from "../../rig/project.ts"
import { chance, excuse, forgeries, forgeRows, forgeRunner, forgeTable, ProofFolder } from "../../rig/tamper.ts"

describe("dag prove", () => {
  const project = new Project()
  let proof: ProofFolder
  beforeAll(async () => {
    // What counts its executions in a file cannot be executed without one.
    for (const stage of ["total", "clip", "add"]) {
      const file = `stages/${stage}/stage.ts`
      project.write(file, project.read(file).split("\n").filter((line) => !/\bcount\b/u.test(line)).join("\n"))
    }
    // A role for files that has none here keeps nothing from being executed again.
    project.edit("stages/total/stage.ts", "import { many,", "import { files, many,")
    project.edit("stages/total/stage.ts", "numbers: many(Numbers) }", "numbers: many(Numbers), more: files }")
    project.edit(
      "dag.config.ts",
      "inputs: { numbers: clipped } })\n}",
      "inputs: { numbers: clipped, more: { title: \"none\", base: dag.root, names: [] } } })\n}",
    )
    await project.dag("run")
    await project.dag("key", "new", "--to", "key.pem")
    const signed = await project.dag("results", "--sign", "key.pem")
    assert.strictEqual(signed.code, 0, signed.stderr)
    const made = await project.dag("prove", "total/all", "--to", "cell.zip")
    assert.strictEqual(made.code, 0, made.stderr)
    assert.match(made.stdout, /^cell\.zip: 8 actions, .*\n {2}root {8}[0-9a-f]{64}, over 8 nodes, 1 signature\n/u)
    assert.match(made.stdout, /made again {2}by whoever verifies it: total\/all, /u)
    assert.include(made.stdout, "not again   read/numbers: it reads files")
    assert.include(made.stdout, "  archive     not signed: with --sign KEY")
    const packed = await project.dag("prove", "total/all", "--to", "signed.zip", "--sign", "key.pem")
    assert.match(packed.stdout, /\n {2}archive {5}signed by the key [0-9a-f]{64}\n/u)
    proof = new ProofFolder(project.beside("proof"), project.path("signed.zip"))
  })
  afterEach(() => proof.restore())
  afterAll(() => project.remove())

  it("has the same bytes each time, names no path of the machine, and says what it checked and what not", async () => {
    await project.dag("prove", "total/all", "--to", "again.zip")
    assert.isTrue(readFileSync(project.path("again.zip")).equals(readFileSync(project.path("cell.zip"))))
    assert.isBelow(statSync(project.path("cell.zip")).size, 2_000_000)
    for (const name of proof.names) assert.notInclude(proof.read(name).toString("latin1"), project.root, name)

    const { code, stdout } = proof.verify("--key", project.path("key.pem.pub"))
    assert.strictEqual(code, 0, stdout)
    assert.match(stdout, /8 actions by their keys; 4 programs; the wires between them; .* over 8 nodes/u)
    assert.match(
      stdout,
      /Signed at \S+ by the key [0-9a-f]{64}, as the results of --profile main\. Whose key that is, you have to know\./u,
    )
    assert.match(stdout, /Executed again: total\/all, clip\/step0, /u)
    assert.match(stdout, /Not checked: that read\/numbers makes what its record says/u)
    assert.match(stdout, /\nAll that was checked is right\.\n$/u)
    assert.include(proof.verify("--no-run").stdout, "Not checked: that the programs make these tables (--no-run).")
    assert.match(stdout, /Not checked, but signed: that the programs, params and wires are those/u)
    assert.match(proof.verify().stdout, /Not checked: that the programs, params and wires are those/u)
  })

  it("does nothing where its options are not understood or a key cannot be read", () => {
    const key = project.path("key.pem.pub")
    for (
      const options of [
        ["--key=/nonexistent"],
        ["--key", project.path("params.yaml")],
        ["--keys", key],
        ["--norun"],
        ["--key"],
        [key],
      ]
    ) {
      const { code, stdout } = proof.verify(...options)
      assert.strictEqual(code, 2, options.join(" "))
      assert.match(stdout, /^NOT CHECKED, and should be: .*\nNothing wrong was found, but not all was checked\.\n$/u)
    }
    assert.strictEqual(proof.verify("--no-run", `--key=${key}`).code, 0)
  })

  it("refuses a link and whatever the manifest does not name, before anything is executed", () => {
    const at = (name: string) => join(proof.folder, name)
    const file = (path: string) => writeFileSync(path, "")
    const folder = (path: string) => mkdirSync(path)
    const additions = [
      { name: "evil", says: /WRONG: evil is a link/u, add: (path: string) => symlinkSync("/", path) },
      { name: "tables/evil", says: /WRONG: tables\/evil is a link/u, add: (path: string) => symlinkSync("/etc", path) },
      { name: "extra.txt", says: /WRONG: extra\.txt is none of the proof's/u, add: file },
      { name: "constructor", says: /WRONG: constructor is none of the proof's/u, add: file },
      { name: "more", says: /WRONG: more\/ is none of the proof's/u, add: folder },
      {
        name: "other",
        says: /WRONG: other\/y is none of the proof's/u,
        add: (path: string) => {
          folder(path)
          file(join(path, "y"))
        },
      },
    ]
    for (const { name, says, add } of additions) {
      add(at(name))
      const { code, stdout } = proof.verify()
      rmSync(at(name), { recursive: true })
      assert.strictEqual(code, 1, name)
      assert.match(stdout, says)
      assert.notInclude(stdout, "Executed again")
    }
    // A file that the manifest names, which stands elsewhere.
    rmSync(at("README.txt"))
    symlinkSync(project.path("key.pem"), at("README.txt"))
    const linked = proof.verify()
    rmSync(at("README.txt"))
    proof.write("README.txt", "")
    assert.strictEqual(linked.code, 1)
    assert.match(linked.stdout, /WRONG: README\.txt is a link/u)
  })

  it("is found to be forged whatever is changed, in a sentence that says what", () => {
    const random = chance(7)
    for (const [kind, forge] of Object.entries(forgeries)) {
      for (let time = 0; time < 3; time++) {
        const { what, says } = forge(proof, random)
        const { code, stdout, wrong } = proof.verify()
        proof.restore()
        assert.strictEqual(code, 1, `${kind}: ${what}\n${stdout}`)
        assert.match(wrong.join("\n"), says, `${kind}: ${what}`)
      }
    }
    const { what, says } = forgeRows(proof, random)
    const { wrong } = proof.verify()
    proof.restore()
    assert.match(wrong.join("\n"), says, what)
    assert.strictEqual(proof.verify("--no-run").code, 0)
  })

  it("shows a forged table of which every digest fits: by the signature, and without one by the program", async () => {
    const rows = [{ total: 999, tables: 3 }]
    const table = { bytes: await tableOf(Total, rows), lines: linesOf(rows) }
    for (const keepSignature of [true, false]) {
      const { says } = forgeTable(proof, "total/all", "totals", table, keepSignature)
      const { code, stdout, wrong } = proof.verify()
      // Without executing anything and without a signature, nobody can tell.
      const unseen = proof.verify("--no-run").code
      proof.restore()
      assert.strictEqual(code, 1, stdout)
      assert.match(wrong.join("\n"), says)
      assert.strictEqual(unseen, keepSignature ? 1 : 0)
    }
  })

  it("does not pass what a forger says cannot be executed again, or calls the table of other cells", async () => {
    const rows = [{ total: 999, tables: 3 }]
    forgeTable(proof, "total/all", "totals", { bytes: await tableOf(Total, rows), lines: linesOf(rows) }, false)
    excuse(proof, "total/all", "it is too long")
    const said = proof.verify()
    assert.strictEqual(said.code, 2, said.stdout)
    assert.include(said.stdout, "NOT CHECKED, and should be: that total/all makes what its record says: it is too long")
    proof.restore()
    const honest = proof.manifest
    const own = honest.actions.filter(({ node }) => node === "total/all")
    proof.publish({ ...honest, actions: own, table: "total/all" })
    const alone = proof.verify()
    assert.strictEqual(alone.code, 1)
    assert.match(alone.wrong.join("\n"), /total\/all: what it takes as "numbers" was made by no action of the proof/u)
  })

  it("shows a number only of what is made again", () => {
    const numbers = [{ node: "total/all", output: "totals", where: {}, columns: ["total"] }]
    proof.publish({ ...proof.manifest, numbers })
    const honest = proof.verify()
    assert.strictEqual(honest.code, 0, honest.stdout)
    assert.match(honest.stdout, /^total\/all: total \d+ /mu)
    excuse(proof, "total/all", "it is too long")
    const { code, wrong } = proof.verify()
    assert.strictEqual(code, 1)
    assert.deepStrictEqual(wrong, ["total/all: numbers are shown of a table that no program makes again here"])
  })

  it("is not forged where its archive is signed: neither rows with a runner that finds them right, nor the manifest", () => {
    const key = ["--key", project.path("key.pem.pub")]
    assert.match(proof.verify(...key).stdout, /The archive was signed at \S+ by the key [0-9a-f]{64}\./u)
    const { what, says } = forgeRunner(proof, chance(3))
    const forged = proof.verify(...key)
    assert.strictEqual(forged.code, 1, what)
    assert.match(forged.wrong.join("\n"), says)
    // Without the signature that does not fit.
    proof.publish(proof.manifest)
    const stripped = proof.verify(...key)
    assert.strictEqual(stripped.code, 2)
    assert.match(
      stripped.stdout,
      /NOT CHECKED, and should be: that rows\/, run\/ and the manifest are what was packed/u,
    )
    // Who asks for no key is told what nobody vouches for.
    assert.include(proof.verify().stdout, "word of run/ in this very archive, which nobody signed")
    proof.restore()
    const { manifest } = proof
    proof.publish({ ...manifest, profile: "paper" })
    assert.deepStrictEqual(proof.verify().wrong, ["a signature is of another profile"])
    proof.restore()
    // A signature of the root is none of the archive, nor the other way round.
    const [ofRoot] = JSON.parse(proof.read("signatures.json").toString()) as ReadonlyArray<object>
    proof.write("manifest.dsse.json", JSON.stringify(ofRoot))
    assert.include(proof.verify(...key).wrong, "a signature is of another archive")
  })

  it("does not show what a manifest makes up: columns, rows, tables, actions, or nothing at all", () => {
    const { manifest } = proof
    const numbers = { node: "total/all", output: "totals", where: {}, columns: ["total"] }
    const [action] = manifest.actions
    const twice = manifest.actions.flatMap((each) => (each === action ? [each, each] : [each]))
    const values = { ...numbers, node: "read/numbers", output: "numbers", columns: ["value"] }
    const made: ReadonlyArray<readonly [ProofFolder["manifest"], RegExp]> = [
      [{ ...manifest, numbers: [{ ...numbers, columns: ["total 99.9"] }] }, /has no column total 99\.9/u],
      [{ ...manifest, numbers: [values] }, /has \d+ rows of \{\}, and one is to be shown/u],
      [{ ...manifest, actions: twice }, /two actions are said to be of the same node/u],
      [{ ...manifest, nodes: [], numbers: [], actions: [] }, /no node is named that it proves/u],
    ]
    for (const [forged, says] of made) {
      proof.publish(forged)
      const { code, stdout, wrong } = proof.verify()
      proof.restore()
      assert.strictEqual(code, 1, stdout)
      assert.match(wrong.join("\n"), says)
      assert.notInclude(stdout, "(total")
    }
  })

  it("executes a program of the proof without rights: it reads nothing outside, writes nothing and starts nothing", () => {
    const attacks = {
      "it reads": `await import("node:fs").then((fs) => fs.readFileSync("/etc/hostname"))`,
      "it writes": `await import("node:fs").then((fs) => fs.writeFileSync(${
        JSON.stringify(project.beside("leak"))
      }, ""))`,
      "it starts": `await import("node:child_process").then((processes) => processes.execSync("true"))`,
    }
    for (const [what, attack] of Object.entries(attacks)) {
      // Whoever forges the bundle has its code executed: it is in no key.
      proof.write("run/runner.mjs", `${attack}\nconsole.log(JSON.stringify({ what: "output", problem: null }))\n`)
      proof.publish(proof.manifest)
      const { code, stdout } = proof.verify()
      proof.restore()
      assert.strictEqual(code, 2, `${what}\n${stdout}`)
      assert.match(stdout, /the programs could not be executed: .*Access to this API has been restricted/u, what)
    }
    assert.throws(() => statSync(project.beside("leak")))
  })

  it("prints no control character of a name, and reads no file outside", () => {
    const { manifest } = proof
    proof.publish({ ...manifest, nodes: ["total/all", "\u001b[2Jevil\u202e"] })
    const evil = proof.verify("--no-run")
    proof.restore()
    assert.strictEqual(evil.code, 1)
    for (const sign of ["\u001b", "\u202e"]) assert.notInclude(evil.stdout, sign)
    assert.include(evil.stdout, "\\u{1b}[2Jevil")
    for (const name of ["../../project/key.pem", "/etc/passwd", "tables/../../x"]) {
      const files = { ...manifest.files, [name]: "0" }
      const text = JSON.stringify({ ...manifest, files })
      proof.write("manifest.json", text)
      proof.write("manifest.sha256", "")
      const outside = proof.verify("--no-run")
      proof.restore()
      assert.strictEqual(outside.code, 1)
    }
  })

  it("refuses what is not up to date, and a name of nothing", async () => {
    assert.include((await project.dag("prove", "nothing", "--to", "x.zip")).stderr, "names no node")
    project.edit("params.yaml", "by: 1\n", "by: 2\n")
    const old = await project.dag("prove", "add/step0", "--to", "x.zip")
    assert.strictEqual(old.code, 1)
    assert.match(old.stderr, /add\/step0: is not up to date.*\n {2}help: run it first: dag run add\/step0/u)
    project.edit("params.yaml", "by: 2\n", "by: 1\n")
  })

  it("does not pass a forged table in the middle from which all the rest was honestly made, whatever excuse it has", async () => {
    forgeInStore(project, "clip/step0", "numbers", { bytes: await tableOf(Numbers, [{ value: 999 }]), rows: 1 })
    const run = await project.dag("run")
    assert.strictEqual(run.code, 0, run.stderr)
    const made = await project.dag("prove", "total/all", "--to", "forged.zip")
    assert.strictEqual(made.code, 0, made.stderr)
    const forged = new ProofFolder(project.beside("forged"), project.path("forged.zip"))
    const { code, wrong } = forged.verify()
    assert.strictEqual(code, 1)
    assert.deepStrictEqual(wrong, ["clip/step0: numbers: the program makes another table than the record says"])
    const why = "it took 10001 ms, too long for a quick look"
    excuse(forged, "clip/step0", why)
    const excused = forged.verify()
    assert.strictEqual(excused.code, 2, excused.stdout)
    assert.include(
      excused.stdout,
      `NOT CHECKED, and should be: that clip/step0 makes what its record says: ${why}`,
    )
    // Nor where the program is left out that would show that it can be made again.
    const { key } = forged.manifest.actions.find(({ node }) => node === "clip/step0") ?? assert.fail("no action")
    const code0 = JSON.parse(forged.read(`code/${forged.record(key).preImage.code}.json`).toString()) as {
      readonly program: string
    }
    forged.remove(`programs/${code0.program}.mjs`)
    for (const node of ["clip/step1", "clip/step2"]) excuse(forged, node, "its program is not in this build")
    assert.strictEqual(forged.verify().code, 2)
  })
})
