import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { runIsolated } from "../../../pipeline/doctor/check.ts"
import { eventually, isAlive } from "../../rig/project.ts"

describe("a check in a process of its own", () => {
  /** A program that does as the code says, whatever the check. */
  const program = (code: string): string => {
    const folder = mkdtempSync(join(tmpdir(), "redag-check-"))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, "program.mjs")
    writeFileSync(path, code)
    return path
  }

  it("is broken, and ended, when it gives no answer in time", async () => {
    const folder = mkdtempSync(join(tmpdir(), "redag-check-"))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const told = join(folder, "pid")
    const path = program(
      `import { writeFileSync } from "node:fs"
      process.on("SIGTERM", () => {})
      writeFileSync(${JSON.stringify(told)}, String(process.pid))
      for (;;);`,
    )
    const finding = await Effect.runPromise(runIsolated(path, "spin", 400))
    assert.deepStrictEqual(finding, { status: "broken", detail: "gave no answer within 0.4 s" })
    // Where the machine is so busy that it had not begun, nothing is left to end.
    const pid = existsSync(told) ? Number(readFileSync(told, "utf8")) : 0
    if (pid > 0) await eventually("its process ends", () => (isAlive(pid) ? undefined : true))
  })

  it("is ended once it has answered, though it would go on", async () => {
    const path = program("process.send({ status: \"usable\", detail: `${process.pid}` })\nsetInterval(() => {}, 1000)")
    const { status, detail } = await Effect.runPromise(runIsolated(path, "lingering"))
    assert.strictEqual(status, "usable")
    await eventually("its process ends", () => (isAlive(Number(detail)) ? undefined : true))
  })

  it("gives the line of what it printed that says why", async () => {
    const path = program(
      "process.stderr.write(\"loading\\nterminate called\\n  what():  no device\\nAborted\\n\", () => process.abort())",
    )
    const { detail } = await Effect.runPromise(runIsolated(path, "native"))
    assert.strictEqual(detail, "its process was killed by SIGABRT: what():  no device")
  })
})
