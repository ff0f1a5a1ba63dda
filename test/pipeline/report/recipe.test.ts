import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Digest } from "../../../pipeline/base/digest.ts"
import { digestOfCode } from "../../../pipeline/identity/code.ts"
import { columnsDigest, keyOf } from "../../../pipeline/identity/fingerprint.ts"
import { PreImage } from "../../../pipeline/identity/pre-image.ts"
import { rootOf } from "../../../pipeline/report/proof/leaves.ts"
import { leafHash, pathTo, rootOver } from "../../../pipeline/report/proof/merkle.ts"
import { Leaf } from "../../../pipeline/store/signatures.ts"
import { repository } from "../../rig/project.ts"

const page = readFileSync(join(repository, "docs/audit.md"), "utf8")

/** The blocks of JSON of the example that the page calls so. */
const blocks = (name: string): ReadonlyArray<string> =>
  [...page.matchAll(new RegExp(`^\`\`\`json ${name}\n(.*)\n\`\`\`$`, "gmu"))].flatMap(([, text]) => text ?? [])

const block = (name: string): string => blocks(name)[0] ?? assert.fail(`the page has no example of ${name}`)

const sha256 = (...parts: ReadonlyArray<string | Uint8Array>): string =>
  parts.reduce<ReturnType<typeof createHash>>((hash, part) => hash.update(part), createHash("sha256")).digest("hex")

describe("the recipe of docs/audit.md", () => {
  it("gives the digests of its example with nothing but a sha256", () => {
    const columns = sha256(`redag/schema/1\n${block("schema")}`)
    const code = sha256(`redag/code/2\n${block("code")}`)
    assert.include(page, `Their digest is \`${columns}\``)
    assert.include(page, `Its digest is \`${code}\``)
    assert.include(block("pre-image"), `"code":"${code}"`)
    assert.include(block("pre-image"), `"outputs":{"totals":"${columns}"}`)
    const key = sha256(`redag/action/1\n${block("pre-image")}`)
    assert.include(page, `| sha256sum\n${key}\n`)
    const [last, first] = blocks("leaf")
    assert.include(last, `"key":"${key}"`)
    const [left, right] = [first, last].map((leaf) => sha256(Uint8Array.of(0), `redag/leaf/1\n${leaf}`))
    assert.include(page, `the root is \`${sha256(Uint8Array.of(1), Buffer.from(`${left}${right}`, "hex"))}\``)
  })

  it("is what the engine does", () => {
    const Totals = Schema.Struct({ total: Schema.Int }).annotate({ identifier: "totals" })
    assert.include(page, `Their digest is \`${columnsDigest(Totals)}\``)
    const code = Schema.decodeUnknownSync(
      Schema.fromJsonString(Schema.Struct({
        program: Digest,
        packages: Schema.Record(Schema.String, Schema.Struct({ version: Schema.String, manifest: Schema.String })),
        sources: Schema.Null,
      })),
    )(block("code"))
    assert.include(page, `Its digest is \`${digestOfCode(code)}\``)
    const key = keyOf(Schema.decodeUnknownSync(Schema.fromJsonString(PreImage))(block("pre-image")))
    assert.include(page, `| sha256sum\n${key}\n`)
    const leaves = blocks("leaf").map((text) => Schema.decodeUnknownSync(Schema.fromJsonString(Leaf))(text))
    assert.include(page, `the root is \`${rootOf(leaves.toReversed())}\``)
  })
})

describe("the tree of leaves", () => {
  // The tree hashes that Certificate Transparency's own tests expect of these entries.
  const entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
  const hashes = entries.map((hexadecimal) => leafHash(Buffer.from(hexadecimal, "hex").toString("latin1")))

  it("is that of RFC 6962", () => {
    assert.strictEqual(rootOver([]), sha256(""))
    assert.strictEqual(rootOver(hashes.slice(0, 1)), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
    assert.strictEqual(rootOver(hashes.slice(0, 2)), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")
    assert.strictEqual(rootOver(hashes), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
  })

  it("leads from each leaf to the root, whatever their count", () => {
    const root = (index: number, count: number, hash: string, path: ReadonlyArray<string>): string => {
      const last = path.at(-1)
      if (last === undefined) return hash
      let half = 1
      while (half * 2 < count) half *= 2
      return index < half
        ? sha256(Uint8Array.of(1), Buffer.from(root(index, half, hash, path.slice(0, -1)) + last, "hex"))
        : sha256(Uint8Array.of(1), Buffer.from(last + root(index - half, count - half, hash, path.slice(0, -1)), "hex"))
    }
    for (let count = 1; count <= hashes.length; count++) {
      const some = hashes.slice(0, count)
      for (const [index, hash] of some.entries()) {
        assert.strictEqual(root(index, count, hash, pathTo(index, some)), rootOver(some))
      }
    }
  })
})
