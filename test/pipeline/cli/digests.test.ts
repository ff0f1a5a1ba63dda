import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { stateText } from "../../../pipeline/graph/hashing.ts"
import { envelop } from "../../../pipeline/store/envelope.ts"
import { eventually, sharedProject } from "../../rig/project.ts"

const GB = 2 ** 30

describe("digests of files on the command line", () => {
  const project = sharedProject()

  /** Says of a file that it has a digest, as if it had been hashed. */
  const pretend = (name: string, content: string): void => {
    const path = project.path(name)
    const row = [path, stateText(statSync(path, { bigint: true })), digestOf(content)]
    mkdirSync(project.path("artifacts/index"), { recursive: true })
    writeFileSync(project.path("artifacts/index/digests.json"), envelop(JSON.stringify([row])))
  }

  it("a plan says how far the hashing of much is, once; not where it prints for machines", async () => {
    truncateSync(project.path("numbers.txt"), GB)
    const json = await project.dag("plan", "--json")
    assert.strictEqual(json.code, 0, json.stderr)
    assert.notInclude(json.stderr, "hashing")
    truncateSync(project.path("numbers.txt"), GB + 1)
    const first = await project.dag("plan")
    assert.match(first.stderr, /^note: hashing the numbers \(1\.1 GB\): [\d.]+ MB done$/mu)
    const second = await project.dag("plan")
    assert.notInclude(second.stderr, "hashing")
    assert.strictEqual(second.stdout, first.stdout)
    assert.include(second.stderr, "nothing has run")
  })

  it("Ctrl-C ends the hashing at once, and leaves nothing half written", async () => {
    truncateSync(project.path("numbers.txt"), 2000 * GB)
    const plan = project.start(["plan"])
    let heard = ""
    plan.process.stderr?.on("data", (text: string) => (heard += text))
    await eventually("hashing", () => (heard.includes("hashing") ? true : undefined))
    plan.process.kill("SIGINT")
    const { code } = await plan.ended
    assert.strictEqual(code, 130)
    assert.deepStrictEqual(project.files("artifacts/tmp"), [])
  })

  it("a stage reads what is there, whatever is remembered, and the next run has found that out", async () => {
    const before = await project.dag("run", "read/numbers")
    assert.strictEqual(before.code, 0, before.stdout)
    project.write("numbers.txt", "4\n5\n6\n")
    // That the memory says of the new file what it does not hold.
    pretend("numbers.txt", "7\n8\n9\n")
    const wrong = await project.dag("run", "read/numbers")
    assert.strictEqual(wrong.code, 1)
    assert.match(wrong.stdout, /numbers\.txt: changed while it was being read\n\s+help: run again/u)
    const again = await project.dag("run", "read/numbers")
    assert.strictEqual(again.code, 0, again.stdout)
    const shown = await project.dag("show", "read/numbers", "--json")
    assert.deepStrictEqual(JSON.parse(shown.stdout), [{ value: 4 }, { value: 5 }, { value: 6 }])
  })

  it("verify counts the memory and believes nothing of it", async () => {
    await project.dag("run", "read/numbers")
    pretend("numbers.txt", "7\n")
    const { code, stdout } = await project.dag("verify")
    assert.strictEqual(code, 0, stdout)
    const recomputed = await project.dag("verify", "--recompute", "--json")
    assert.include(JSON.parse(recomputed.stdout).recomputed.map(({ node }: { node: string }) => node), "read/numbers")
    writeFileSync(project.path("artifacts/index/digests.json"), "damaged")
    assert.strictEqual((await project.dag("verify")).code, 0)
    assert.strictEqual((await project.dag("run", "read/numbers")).code, 0)
  })
})
