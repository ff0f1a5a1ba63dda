import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { homedir, hostname } from "node:os"
import { join } from "node:path"
import { Project } from "../../rig/project.ts"

const project = new Project()
const succeeds = async (...words: ReadonlyArray<string>) => {
  const ended = await project.dag(...words)
  assert.strictEqual(ended.code, 0, ended.stderr)
  return ended
}
const fails = async (...words: ReadonlyArray<string>) => {
  const ended = await project.dag(...words)
  assert.strictEqual(ended.code, 1, ended.stdout)
  return ended
}
/** Where the forms are written. */
const to = (form: string) => project.path(`out/${form}`)
const nodes = [
  "read/numbers",
  "add/step0",
  "add/step1",
  "add/step2",
  "clip/step0",
  "clip/step1",
  "clip/step2",
  "total/all",
]

beforeAll(async () => {
  project.write(
    "package.json",
    JSON.stringify({ name: "counting", license: "CC0-1.0", description: "Adds numbers", author: { name: "N. Body" } }),
  )
  await succeeds("run")
  for (const form of ["openlineage", "prov", "mlflow"]) await succeeds("export", `--${form}`, "--to", to(form))
  await succeeds("export", "--ro-crate", "--agent", "A. Person", "--to", to("ro-crate"))
})
afterAll(async () => {
  await project.end()
  project.remove()
})

/** Every file below a folder, by its path in it. */
const filesIn = (folder: string): ReadonlyMap<string, Buffer> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name))]),
  )

interface Dataset {
  readonly name: string
  readonly facets: Readonly<Record<string, { readonly inputs?: ReadonlyArray<{ readonly name: string }> }>>
}
interface Event {
  readonly eventType: string
  readonly eventTime: string
  readonly run: { readonly runId: string }
  readonly job: { readonly name: string }
  readonly inputs: ReadonlyArray<Dataset>
  readonly outputs: ReadonlyArray<Dataset>
}
const events = () =>
  readFileSync(join(to("openlineage"), "openlineage.ndjson"), "utf8").trim().split("\n")
    .map((line) => JSON.parse(line) as Event)

describe("dag export of provenance", () => {
  it("writes START and COMPLETE of every node as OpenLineage, each after those that it takes from", () => {
    const found = events()
    assert.deepStrictEqual(new Set(found.map(({ job }) => job.name)), new Set(nodes))
    const made = new Set<string>()
    for (const [index, event] of found.entries()) {
      const other = found[index % 2 === 0 ? index + 1 : index - 1]
      assert.strictEqual(event.run.runId, other?.run.runId)
      assert.match(event.run.runId, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u)
      assert.strictEqual(event.eventType, index % 2 === 0 ? "START" : "COMPLETE")
      for (const { name } of event.inputs) assert.isTrue(name === "numbers.txt" || made.has(name), name)
      for (const { name } of event.outputs) made.add(name)
    }
    assert.strictEqual(new Set(found.map(({ run }) => run.runId)).size, nodes.length)
  })

  it("says in the lineage facet of every output what dag lineage says", async () => {
    for (const { eventType, job, outputs } of events()) {
      if (eventType !== "COMPLETE") continue
      const { stdout } = await succeeds("lineage", job.name, "--depth", "0", "--json")
      const { lineage: [own] } = JSON.parse(stdout) as {
        readonly lineage: ReadonlyArray<{
          readonly sources: ReadonlyArray<{ readonly wired: string }>
          readonly record: { readonly files: ReadonlyArray<{ readonly name: string }> }
        }>
      }
      const wired = own?.sources.map((source) => source.wired) ?? []
      const files = own?.record.files.map(({ name }) => name) ?? []
      for (const { facets } of outputs) {
        const from = facets["lineage"]?.inputs?.map(({ name }) => name.replace(/:.*$/u, "")) ?? []
        assert.deepStrictEqual(from, [...wired, ...files], job.name)
      }
    }
  })

  it("copies the tables into the crate, each of the bytes that its name says, and names the files from outside", () => {
    const files = filesIn(to("ro-crate"))
    const { "@graph": graph } = JSON.parse(String(files.get("ro-crate-metadata.json"))) as {
      readonly "@graph": ReadonlyArray<Readonly<Record<string, unknown>>>
    }
    const tables = [...files].filter(([name]) => name.startsWith("tables/"))
    assert.isAbove(tables.length, 3)
    for (const [name, bytes] of tables) {
      assert.strictEqual(name, `tables/${createHash("sha256").update(bytes).digest("hex")}.parquet`)
      assert.isTrue(graph.some((entity) => entity["@id"] === name))
    }
    const ids = graph.map((entity) => entity["@id"])
    assert.strictEqual(new Set(ids).size, ids.length)
    const actions = graph.filter((entity) => entity["@type"] === "CreateAction")
    assert.deepStrictEqual(new Set(actions.map(({ name }) => name)), new Set([...nodes, "profile main"]))
    assert.isTrue(actions.every(({ agent }) => JSON.stringify(agent) === "{\"@id\":\"#agent\"}"))
    const numbers = graph.find(({ name }) => name === "numbers.txt")
    assert.deepInclude(numbers, { "@type": "CreativeWork", license: "CC0", publisher: "the office of numbers" })
  })

  it("refers in the crate to nothing that the crate does not hold", () => {
    const text = readFileSync(join(to("ro-crate"), "ro-crate-metadata.json"), "utf8")
    const { "@graph": graph } = JSON.parse(text) as {
      readonly "@graph": ReadonlyArray<Readonly<Record<string, unknown>>>
    }
    const ids = new Set(graph.map((entity) => entity["@id"]))
    const referred = graph.flatMap((entity) =>
      [...JSON.stringify(entity).matchAll(/\{"@id":"([^"]*)"\}/gu)].map(([, id]) => id)
    )
    const outside = ["https://w3id.org/ro/crate/1.1", "https://www.typescriptlang.org/"]
    assert.deepStrictEqual([...new Set(referred)].filter((id) => !ids.has(id)).map(String).toSorted(), outside)
  })

  it("names neither the machine, its folders nor its user in any form", () => {
    for (const form of ["openlineage", "prov", "ro-crate"]) {
      for (const [name, bytes] of filesIn(to(form))) {
        for (const secret of [project.root, homedir(), hostname()].filter((each) => each.length > 3)) {
          assert.isFalse(bytes.includes(secret), `${form}/${name} holds ${secret}`)
        }
      }
    }
  })

  it("writes the same bytes again", async () => {
    for (const form of ["openlineage", "prov", "mlflow"]) {
      const before = filesIn(to(form))
      await succeeds("export", `--${form}`, "--to", to(form))
      assert.deepStrictEqual(filesIn(to(form)), before)
    }
  })

  it("says which nodes are older than what is declared, and fails where none has run", async () => {
    project.write("numbers.txt", "1\n2\n4\n")
    const { stderr } = await succeeds("export", "--prov", "--to", to("older"))
    assert.match(stderr, /8 nodes of 8 are not up to date: written as they last ran/u)
    const none = await fails("export", "--prov", "--to", to("none"), "--profile", "heavy", "heavy")
    assert.match(none.stderr, /none of the nodes has run yet/u)
    assert.isFalse(existsSync(to("none")))
    const both = await fails("export", "--prov", "--mlflow", "--to", to("none"))
    assert.match(both.stderr, /--prov and --mlflow write different things/u)
  })
})
