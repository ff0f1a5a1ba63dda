import { assert, it } from "@effect/vitest"
import { gzipSync } from "node:zlib"
import { bundledPage } from "../../pipeline/build/page.ts"
import { repository } from "../rig/project.ts"

it("has a script of at most 150 kB, as it is sent in gzip", async () => {
  const { script } = await bundledPage(repository)
  assert.isAtMost(gzipSync(script).length, 150_000)
  assert.notMatch(script, /\beval\(|new Function\(/u)
})
