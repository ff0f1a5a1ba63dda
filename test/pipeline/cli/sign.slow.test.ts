import { assert, describe, it } from "@effect/vitest"
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { tableOf } from "../../../pipeline/report/proof/rows.ts"
import { envelop } from "../../../pipeline/store/envelope.ts"
import { Total } from "../../rig/fixture/schemas/totals.ts"
import { forgeInStore } from "../../rig/forge.ts"
import { sharedProject } from "../../rig/project.ts"

describe("signed results", () => {
  const project = sharedProject()

  it("are signed, found to hold, and found to be older after an edit", async () => {
    await project.dag("run")
    const made = await project.dag("key", "new", "--to", "key.pem", "--json")
    assert.strictEqual(made.code, 0, made.stderr)
    const { id } = JSON.parse(made.stdout) as { readonly id: string }
    assert.strictEqual(statSync(project.path("key.pem")).mode & 0o777, 0o600)
    assert.include((await project.dag("key", "show", "key.pem.pub")).stdout, id)
    // A key that is there is never replaced.
    const before = project.read("key.pem")
    const there = await project.dag("key", "new", "--to", "key.pem")
    assert.strictEqual(there.code, 1)
    assert.include(there.stderr, "key.pem: is there already")
    assert.strictEqual(project.read("key.pem"), before)
    chmodSync(project.path("key.pem"), 0o644)
    const open = await project.dag("key", "show", "key.pem")
    assert.include(open.stdout, id)
    assert.include(open.stderr, "others can read the private key in key.pem: run chmod 600 key.pem")
    chmodSync(project.path("key.pem"), 0o600)
    assert.notInclude((await project.dag("key", "show", "key.pem")).stderr, "others can read")

    const signed = await project.dag("results", "--sign", "key.pem")
    assert.strictEqual(signed.code, 0, signed.stderr)
    assert.match(signed.stdout, /^Signed the results of --profile main, 8 nodes\.\n {2}root {2}[0-9a-f]{64}\n/u)
    const kept = project.files("artifacts/signatures").map((file) => readFileSync(file, "utf8"))
    assert.match(
      (await project.dag("results", "--sign", "key.pem")).stdout,
      /^Already signed at \d{4}-\S+Z: the results of/u,
    )
    assert.deepStrictEqual(project.files("artifacts/signatures").map((file) => readFileSync(file, "utf8")), kept)
    const holds = await project.dag("verify", "--key", "key.pem.pub")
    assert.strictEqual(holds.code, 0, holds.stdout)
    assert.match(
      holds.stdout,
      /signature {2}\S+ holds: 8 nodes of --profile main, signed by key \w+ at \S+; this is what they are now/u,
    )
    // Nobody else signed.
    await project.dag("key", "new", "--to", "other.pem")
    const [file = ""] = project.files("artifacts/signatures")
    const text = readFileSync(file, "utf8")
    const content = text.split("\n").slice(1, -2).join("\n")
    const pem = (name: string) => JSON.stringify(project.read(name)).slice(1, -1)
    for (
      const [what, forged] of [
        ["is not by the key", content.replace(pem("key.pem.pub"), pem("other.pem.pub"))],
        ["is of another root", content.replace(/"totals": "[0-9a-f]{64}"/u, `"totals": "${digestOf("forged")}"`)],
      ] as const
    ) {
      assert.notStrictEqual(forged, content)
      writeFileSync(file, envelop(forged))
      const found = await project.dag("verify")
      assert.strictEqual(found.code, 3, what)
      assert.include(found.stdout, what)
      assert.match(found.stdout, /\n\d+ files checked and sound, but a signature does not hold\b.*\n$/u)
    }
    writeFileSync(file, text)
    const none = await project.dag("verify", "--key", "other.pem.pub")
    assert.strictEqual(none.code, 3)
    assert.include(none.stdout, "signature  none by key")

    assert.include((await project.dag("results", "--sign", "params.yaml")).stderr, "does not hold a private key")

    project.edit("params.yaml", "by: 1", "by: 2")
    const stale = await project.dag("results", "--sign", "key.pem")
    assert.strictEqual(stale.code, 2)
    assert.include(stale.stderr, "older than what they depend on")
    const old = await project.dag("verify", "--key", "key.pem.pub")
    assert.strictEqual(old.code, 3)
    assert.match(old.stdout, /none by key \w+ can be compared: the results of --profile main are not in the store/u)
    await project.dag("run")
    assert.match((await project.dag("verify")).stdout, /holds: 8 nodes .*; 3 nodes made something else since/u)
    // Without a key nothing is asked of what was signed but that it holds; whoever names one asks about what is here now.
    assert.strictEqual((await project.dag("verify")).code, 0)
    const other = await project.dag("verify", "--key", "key.pem.pub")
    assert.strictEqual(other.code, 3)
    assert.match(other.stdout, /are now, which have the root [0-9a-f]{64}: 1 signature by it is of other results/u)
    const json = await project.dag("verify", "--key", "key.pem.pub", "--json")
    assert.include((JSON.parse(json.stdout) as { readonly signedNow: object }).signedNow, { holds: false })
    await project.dag("results", "--sign", "key.pem")
    const again = await project.dag("verify", "--key", "key.pem.pub")
    assert.strictEqual(again.code, 0, again.stdout)
    assert.match(again.stdout, /the results of --profile main as they are now are signed by key \w+: root /u)
    // A signature of what is gone vouches for nothing.
    rmSync(project.path("artifacts/actions"), { recursive: true })
    const gone = await project.dag("verify", "--key", "key.pem.pub")
    assert.strictEqual(gone.code, 3)
    assert.match(gone.stdout, /are not in the store as they would be now/u)
  })

  it("show a forged table whose own digests are all right, which only making it again would show otherwise", async () => {
    await project.dag("run")
    await project.dag("key", "new", "--to", "key.pem")
    await project.dag("results", "--sign", "key.pem")
    const bytes = await tableOf(Total, [{ total: 999, tables: 3 }])
    forgeInStore(project, "total/all", "totals", { bytes, rows: 1 })
    // The table is printed, and each file proves itself.
    assert.include((await project.dag("results")).stdout, "999")
    const found = await project.dag("verify")
    assert.strictEqual(found.code, 3)
    assert.match(found.stdout, /signature {2}\S+ says what total\/all made, by key .* other outputs of that action/u)
    rmSync(project.path("artifacts/signatures"), { recursive: true })
    assert.strictEqual((await project.dag("verify")).code, 0)
    const again = await project.dag("verify", "--recompute")
    assert.strictEqual(again.code, 3)
    assert.match(again.stdout, /differs +total\/all/u)
    assert.strictEqual((await project.dag("verify", "--key", "key.pem.pub")).code, 3)
  })
})
