import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { sharedProject } from "../../rig/project.ts"

describe("dag export", () => {
  const project = sharedProject()
  const profile = ["--profile", "weights"] as const

  /** The file in the store of one of a checkpoint's files. */
  const objectOf = async (node: string, file: string): Promise<string> => {
    const { stdout } = await project.dag("show", node, "--json", ...profile)
    const rows = JSON.parse(stdout) as ReadonlyArray<
      { readonly name: string; readonly blob: { readonly digest: string } }
    >
    const digest = rows.find(({ name }) => name === file)?.blob.digest ?? assert.fail(`${node} has no ${file}`)
    return project.path("artifacts/objects", digest.slice(0, 2), digest.slice(2))
  }

  const flip = (file: string): void => {
    const bytes = readFileSync(file)
    bytes[7] = (bytes[7] ?? 0) ^ 1
    writeFileSync(file, bytes)
  }

  it("row 3: refuses a checkpoint with a damaged file before it writes any of it", async () => {
    await project.dag("run", ...profile)
    const object = await objectOf("weigh/one", "model.bin")
    flip(object)
    const refused = await project.dag("export", "weigh/one", "--to", "out", ...profile)
    assert.strictEqual(refused.code, 1)
    assert.match(refused.stderr, /^error: \S+: object [0-9a-f]{64} .*\n {2}help: .*\n$/u)
    assert.deepStrictEqual(project.files("out"), [])
    assert.isTrue(existsSync(object), "what is damaged stays for whoever looks into it")
    // What is whole can be had.
    assert.strictEqual((await project.dag("export", "weigh/other", "--to", "out", ...profile)).code, 0)
    const copies = project.files("out").map((file) => readFileSync(file))
    const [config, weights] = [await objectOf("weigh/other", "config.json"), await objectOf("weigh/other", "model.bin")]
    assert.deepStrictEqual(copies, [readFileSync(config), readFileSync(weights)])
  })

  it("row 3: shows no row of a table that is damaged", async () => {
    await project.dag("run", ...profile)
    const whole = await project.dag("show", "read/numbers", ...profile)
    const object = whole.stdout.split("\n")[1] ?? ""
    flip(object)
    const refused = await project.dag("show", "read/numbers", ...profile)
    assert.deepStrictEqual([refused.code, refused.stdout], [1, ""])
    assert.isTrue(existsSync(object))
    const exported = await project.dag("export", "read/numbers", "--to", "out", ...profile)
    assert.deepStrictEqual([exported.code, project.files("out")], [1, []])
  })

  it("row 16: refuses to write one checkpoint over another, before it writes any of its files", async () => {
    await project.dag("run", ...profile)
    await project.dag("export", "weigh/one", "--to", "out", ...profile)
    const one = project.read("out/model.bin")
    // The same again loses nothing.
    assert.strictEqual((await project.dag("export", "weigh/one", "--to", "out", ...profile)).code, 0)
    project.write("out/config.json", "{}")
    const refused = await project.dag("export", "weigh/other", "--to", "out", ...profile)
    assert.strictEqual(refused.code, 1)
    assert.match(
      refused.stderr,
      /^error: 2 files are there with other content: \S+config\.json, \S+model\.bin\n {2}help: .*--force.*\n$/u,
    )
    assert.deepStrictEqual([project.read("out/model.bin"), project.read("out/config.json")], [one, "{}"])
    assert.strictEqual((await project.dag("export", "weigh/other", "--to", "out", "--force", ...profile)).code, 0)
    assert.notStrictEqual(project.read("out/model.bin"), one)
    assert.lengthOf(project.files("out"), 2)
  })
})
