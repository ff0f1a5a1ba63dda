import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { findFiles, type Found } from "../../../pipeline/graph/files.ts"

/** Runs a function in a folder that holds these files. */
const below = <A>(files: Readonly<Record<string, string | Uint8Array>>, use: (base: string) => A): A => {
  const base = mkdtempSync(join(tmpdir(), "redag-test-"))
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(base, name)), { recursive: true })
      writeFileSync(join(base, name), content)
    }
    return use(base)
  } finally {
    rmSync(base, { recursive: true })
  }
}

const namesOf = (found: Found): ReadonlyArray<string> =>
  found._tag === "Found" ? found.files.map(({ name }) => name) : assert.fail(`absent: ${found.names.join(", ")}`)

describe("files", () => {
  it("brat-appledouble: a file whose name begins with a dot is meant only by a pattern that begins with one", () => {
    below({ "d/d1.ann": "a", "d/._d1.ann": "b", "d/.d1.ann": "c" }, (base) => {
      const find = (name: string) => namesOf(findFiles({ title: "t", base, names: [name] }))
      assert.deepStrictEqual(find("d/*.ann"), ["d/d1.ann"])
      assert.deepStrictEqual(find("d/*"), ["d/d1.ann"])
      assert.deepStrictEqual(find("d/._*"), ["d/._d1.ann"])
      assert.deepStrictEqual(find("d/.d1.ann"), ["d/.d1.ann"])
    })
  })
})
