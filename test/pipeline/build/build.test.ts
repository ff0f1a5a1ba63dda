import { assert, describe, it } from "@effect/vitest"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { build } from "../../../pipeline/build/build.ts"
import { repository } from "../../rig/project.ts"

describe("a build", () => {
  it("is of the sources as they are when it is done, whenever in it they were edited", async () => {
    const root = mkdtempSync(join(tmpdir(), "redag-build-"))
    try {
      cpSync(join(repository, "test/rig/fixture"), root, { recursive: true })
      const config = join(root, "dag.config.ts")
      const text = readFileSync(config, "utf8")
      const mark = (name: string) => writeFileSync(config, `${text}\nconsole.log("mark ${name}")\n`)
      mark("first")
      const started = Date.now()
      await build(root, repository)
      const whole = Date.now() - started
      for (const part of [0.2, 0.4, 0.6, 0.8]) {
        mark(`before ${part}`)
        const [{ id }] = await Promise.all([
          build(root, repository),
          sleep(part * whole).then(() => mark(`within ${part}`)),
        ])
        const made = join(root, "dist", id)
        const code = readdirSync(made).filter((name) => name.endsWith(".mjs"))
          .map((name) => readFileSync(join(made, name), "utf8")).join("\n")
        const written = /mark [a-z]+ [\d.]+/u.exec(readFileSync(config, "utf8"))?.[0] ?? ""
        // An edit after the build is the next one's.
        const [last] = code.match(/mark [a-z]+ [\d.]+/u) ?? []
        if (last !== written) assert.notStrictEqual((await build(root, repository)).id, id)
      }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})
