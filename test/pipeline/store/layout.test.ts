import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { layoutOf } from "../../../pipeline/store/layout.ts"
import { repository } from "../../rig/project.ts"

describe("the layout of a store", () => {
  const layout = layoutOf("/store")

  it("finds by a file's name what the file was named after", () => {
    for (const folder of [layout.records, layout.code, layout.heads, layout.jobs, layout.logs, layout.runs]) {
      const path = folder.path("a.b-1")
      assert.isTrue(path.startsWith(`${folder.folder}/`))
      assert.strictEqual(folder.nameOf(path.slice(folder.folder.length + 1)), "a.b-1")
      assert.isUndefined(folder.nameOf("a.b-1.part"))
    }
  })

  it("spreads objects over folders by the beginning of their digest", () => {
    const digest = digestOf("bytes")
    assert.strictEqual(layout.object(digest), join(layout.objects, digest.slice(0, 2), digest.slice(2)))
  })

  it("is known to one file of the engine alone", () => {
    const names = "objects|actions|code|runs|heads|logs|pending|unfinished|tmp"
    const naming = new RegExp(`\\bjoin\\([^)]*"(?:${names})"`, "u")
    const folder = join(repository, "pipeline")
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && naming.test(readFileSync(join(folder, file), "utf8")))
    assert.deepStrictEqual(files, ["store/layout.ts"])
  })
})
