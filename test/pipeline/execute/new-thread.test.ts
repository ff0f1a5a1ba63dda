import { spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { threadAhead } from "../../../pipeline/execute/new-thread.ts"
import { repository } from "../../rig/project.ts"

const build = mkdtempSync(join(tmpdir(), "redag-thread-"))
writeFileSync(
  join(build, "thread.mjs"),
  `import { parentPort } from "node:worker_threads"
parentPort.on("message", (message) => parentPort.postMessage(message + 1))
`,
)
afterAll(() => rmSync(build, { recursive: true }))

describe("a thread that is started ahead", () => {
  it("is given once, and hears what it is told from the beginning", async () => {
    const ahead = threadAhead(build)
    const thread = ahead()
    expect(ahead()).toBeUndefined()
    thread?.postMessage(1, [])
    expect(thread === undefined ? [] : await once(thread, "message")).toEqual([2])
    await thread?.terminate()
  })

  it("lets a process end that does not need it", () => {
    const module = pathToFileURL(join(repository, "pipeline/execute/new-thread.ts")).href
    const program = `import { threadAhead } from ${JSON.stringify(module)}\nthreadAhead(${JSON.stringify(build)})`
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" })
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
  })
})
