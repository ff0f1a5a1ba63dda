import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, it } from "vitest"
import { needlessKinds } from "./edit.ts"
import { repository } from "./files.ts"

it("no edit of a sample makes a key stale, or needless without a reason that is documented", async () => {
  const node = join(repository, "node_modules/.bin/node")
  const { stdout } = await promisify(execFile)(node, [join(import.meta.dirname, "main.ts"), "--sample", "31"])
  assert.match(stdout, /^in all +\d{2} +0 +0 +\d+$/mu, stdout)
})

it("the kinds of edits that run nodes without need are those that the page for authors of stages lists", () => {
  const page = readFileSync(join(repository, "docs/add-a-stage.md"), "utf8")
  for (const kind of needlessKinds) assert.include(page.replaceAll(/\s+/gu, " "), kind)
})
