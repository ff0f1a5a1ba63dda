import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { corporaFiles, corporaFolder, tokenizerFile } from "../../bundled/make.ts"
import { miniNames, tokenizerJson } from "../../bundled/making/tokenizer.ts"

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
