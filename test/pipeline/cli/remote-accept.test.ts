import { assert, beforeEach, describe, it } from "@effect/vitest"
import { renameSync, rmSync, writeFileSync } from "node:fs"
import { type Project, sharedProject } from "../../rig/project.ts"

describe("dag accept with a remote behind the store", () => {
  const one = sharedProject()
  const two = sharedProject()
  const remote = one.beside("remote-accept")
  const there = ["--remote", remote]
  beforeEach(() => {
    rmSync(remote, { recursive: true, force: true })
  })

  /** The same cosmetic change to the code on both machines. */
  const change = (project: Project): void => project.edit("params.yaml", "by: 10\n", "by: 11\n")

  it("brings it to all who read there, and takes it back for all, also after the remote was away", async () => {
    assert.strictEqual((await one.dag("run", "--yes", ...there)).code, 0)
    change(one)
    change(two)
    const accepted = await one.dag("accept", "add/step1", "--reason", "rounded later", ...there)
    assert.strictEqual(accepted.code, 0, accepted.stderr)

    const planned = await two.dag("plan", "--exit-code", ...there)
    assert.strictEqual(planned.code, 0, planned.stdout)
    assert.match(
      planned.stderr,
      /1 accepted change came from the remote and counts here: add\/step1 \(rounded later\)/u,
    )

    renameSync(remote, `${remote}-away`)
    writeFileSync(remote, "no folder")
    const offline = await one.dag("accept", "--remove", "add/step1", ...there)
    assert.strictEqual(offline.code, 0, offline.stderr)
    assert.match(offline.stderr, /it counts for those who read the remote until dag push reaches it from here/u)
    rmSync(remote)
    renameSync(`${remote}-away`, remote)
    // What is only remembered may be removed: this is not.
    rmSync(one.path("artifacts/index"), { recursive: true })
    assert.strictEqual((await one.dag("push", ...there)).code, 0)

    const again = await two.dag("plan", ...there)
    assert.match(again.stderr, /1 accepted change was taken back by others, and counts here no more: add\/step1/u)
    assert.include(again.stdout, "add/step1")
    assert.strictEqual((await two.dag("accept", "--list", ...there)).stdout, "Nothing was accepted.\n")
    assert.strictEqual((await one.dag("accept", "--list", ...there)).stdout, "Nothing was accepted.\n")

    // Accepted again, and taken back where no remote is named.
    assert.strictEqual((await one.dag("accept", "add/step1", "--reason", "said again", ...there)).code, 0)
    const alone = await one.dag("accept", "--remove", "add/step1")
    assert.strictEqual(alone.code, 0, alone.stderr)
    assert.include(alone.stderr, `this store had ${remote} behind it, and no remote is named now`)
    rmSync(one.path("artifacts/index"), { recursive: true })
    assert.strictEqual((await one.dag("accept", "--list", ...there)).stdout, "Nothing was accepted.\n")
    assert.strictEqual((await two.dag("plan", "--exit-code", ...there)).code, 0)
    assert.strictEqual((await one.dag("push", ...there)).code, 0)
    assert.strictEqual((await two.dag("accept", "--list", ...there)).stdout, "Nothing was accepted.\n")
  })
})
