import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { corporaFiles, corporaFolder, tokenizerFile } from "../../../bundled/make.ts"
import { pretrainingFiles } from "../../../stages/compose/pretraining.ts"
import { miniNames, tokenizerJson } from "../../../stages/compose/vocabulary.ts"

const files = corporaFiles()

/** The paths of all files below a folder, with "/" between their parts. */
const pathsBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))

describe("the committed files", () => {
  it("are the files that the script writes, and no other", () => {
    assert.deepStrictEqual([...pathsBelow(corporaFolder)].sort(), files.map((file) => file.path).sort())
    for (const file of files) {
      assert.strictEqual(readFileSync(join(corporaFolder, file.path), "utf8"), file.text, file.path)
    }
  })

  it.each(miniNames)("include the tokenizer of %s that the script writes", (name) => {
    assert.strictEqual(readFileSync(tokenizerFile(name), "utf8"), tokenizerJson(name))
  })

  it("are small", () => {
    assert.isBelow(files.reduce((size, file) => size + file.text.length, 0), 2_000_000)
  })
})

describe("the pretraining files", () => {
  it("are the same bytes for the same seed and others for another", () => {
    const first = pretrainingFiles({ documents: 20, seed: 3 })
    assert.deepStrictEqual(pretrainingFiles({ documents: 20, seed: 3 }), first)
    assert.notDeepEqual(pretrainingFiles({ documents: 20, seed: 4 }), first)
  })

  it("carry the names of the official distribution, as the bundled files do", () => {
    const shared = (paths: readonly string[]): readonly string[] =>
      paths.filter((path) => !path.startsWith("ddi/")).sort()
    const pretraining = pretrainingFiles({ documents: 2, seed: 3 }).map((file) => file.path)
    assert.deepStrictEqual(shared(pretraining), shared(files.map((file) => file.path)))
  })
})
