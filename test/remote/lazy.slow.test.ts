import { readFileSync } from "node:fs"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { copyOfExperiment, shrinkDemo } from "../rig/experiment.ts"
import type { Project, Variables } from "../rig/project.ts"
import { type Moto, noMoto, startMoto } from "./moto.ts"

/** What the tests look at of a record. */
interface ActionRecord {
  readonly key: string
  readonly node: string
  readonly preImage: { readonly inputs: Readonly<Record<string, { readonly digests?: ReadonlyArray<string> }>> }
  readonly outputs: Readonly<Record<string, { readonly digest: string }>>
  readonly blobs: ReadonlyArray<{ readonly digest: string; readonly size: number }>
}

const recordsIn = (project: Project): ReadonlyArray<ActionRecord> =>
  project.files("artifacts/actions").map((file) =>
    (JSON.parse(readFileSync(file, "utf8")) as { readonly content: ActionRecord }).content
  )

describe.skipIf(noMoto !== undefined)(`a finished demo in a bucket${noMoto === undefined ? "" : `: ${noMoto}`}`, () => {
  const profile = ["--profile", "demo"]
  let one: Project
  let two: Project
  let moto: Moto
  let variables: Variables
  beforeAll(async () => {
    one = copyOfExperiment()
    two = copyOfExperiment()
    for (const project of [one, two]) shrinkDemo(project)
    moto = await startMoto()
    variables = { ...moto.variables, DAG_REMOTE: await moto.newAddress() }
    const ran = await one.dag("run", "aggregate", ...profile, "--yes")
    assert.strictEqual(ran.code, 0, ran.stdout + ran.stderr)
    const pushed = await one.start(["push", ...profile, "--json"], variables).ended
    assert.strictEqual(pushed.code, 0, pushed.stderr)
  })
  afterAll(async () => {
    one.remove()
    two.remove()
    await moto.stop()
  })

  /** The digests of the objects that were read since the log was cleared. */
  const objectsRead = (): ReadonlyArray<string> =>
    moto.proxy.log.flatMap(({ method, path }) => {
      const [, first, rest] = /\/objects\/([0-9a-f]{2})\/([0-9a-f]{62})$/u.exec(path) ?? []
      return method === "GET" && first !== undefined && rest !== undefined ? [first + rest] : []
    })

  it("shows its table in an empty project by at most 20 requests and 3 MB, and no byte of a checkpoint", async () => {
    moto.proxy.clearLog()
    const shown = await two.start(["results", ...profile], variables).ended
    assert.strictEqual(shown.code, 0, shown.stderr)
    assert.strictEqual(shown.stdout, (await one.dag("results", ...profile)).stdout)
    const { log } = moto.proxy
    assert.isAtMost(log.length, 20, log.map(({ method, path }) => `${method} ${path}`).join("\n"))
    assert.isBelow(log.reduce((sum, { received }) => sum + received, 0), 3_000_000)
    const blobs = new Set(recordsIn(one).flatMap((record) => record.blobs.map(({ digest }) => digest)))
    assert.isAbove(blobs.size, 0)
    assert.deepStrictEqual(objectsRead().filter((digest) => blobs.has(digest)), [])
  })

  it("gives an edit of a template the objects that its stale nodes read, and no other", async () => {
    two.edit("stages/template/cdr.yaml", "chemicals and diseases", "chemicals and disorders")
    const before = new Map(recordsIn(two).map((record) => [record.key, record]))
    moto.proxy.clearLog()
    const ran = await two.start(["run", "aggregate", ...profile, "--yes", "--json", "--no-push"], variables).ended
    assert.strictEqual(ran.code, 0, ran.stderr)
    const executed = new Set(
      [...ran.stdout.matchAll(/"NodeSucceeded","node":"[^"]+","key":"([0-9a-f]{64})"/gu)].map(([, key]) => key ?? ""),
    )
    assert.isAbove(executed.size, 3)
    assert.isBelow(executed.size, before.size)

    const makers = new Map(
      [...before.values()].flatMap((record) =>
        Object.values(record.outputs).map(({ digest }) => [digest, record] as const)
      ),
    )
    /** The tables that nodes took, and blobs that the makers of those tables made. */
    const readable = new Set<string>()
    const tables = new Set<string>()
    for (const { key, preImage } of recordsIn(two)) {
      if (!executed.has(key)) continue
      for (const digest of Object.values(preImage.inputs).flatMap(({ digests = [] }) => digests)) {
        readable.add(digest)
        if (makers.has(digest)) tables.add(digest)
        for (const blob of makers.get(digest)?.blobs ?? []) readable.add(blob.digest)
      }
    }
    const read = objectsRead()
    assert.deepStrictEqual(read.filter((digest) => !readable.has(digest)), [])
    // The checkpoint that they begin from is one of them; what trainings made of it, which is made anew, is not.
    assert.isAbove(read.filter((digest) => !tables.has(digest)).length, 0)
    const blobsOf = (stage: string) =>
      new Set(
        [...before.values()].flatMap(({ node, blobs }) =>
          node.startsWith(`${stage}/`) ? blobs.map(({ digest }) => digest) : []
        ),
      )
    const trained = blobsOf("finetune").difference(blobsOf("pretrained"))
    assert.isAbove(trained.size, 0)
    assert.deepStrictEqual(read.filter((digest) => trained.has(digest)), [])
    const again = await two.start(["run", "aggregate", ...profile, "--yes"], variables).ended
    assert.match(again.stdout, /0 nodes executed/u)
  })
})
