import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { join } from "node:path"
import { Project } from "../rig/project.ts"
import { noReaders, readBy } from "./reader.ts"

const project = new Project()
const to = (form: string) => project.path(`out/${form}`)
const nodes = [
  "add/step0",
  "add/step1",
  "add/step2",
  "clip/step0",
  "clip/step1",
  "clip/step2",
  "read/numbers",
  "total/all",
]

describe.skipIf(noReaders !== undefined)(
  `what others read${noReaders === undefined ? "" : ` (skipped: ${noReaders})`}`,
  () => {
    beforeAll(async () => {
      project.write(
        "package.json",
        JSON.stringify({
          name: "counting",
          license: "CC0-1.0",
          author: "N. Body",
          repository: "https://example.org/counting",
        }),
      )
      for (
        const words of [
          ["run"],
          ["export", "--ro-crate", "--agent", "A. Person", "--to", to("ro-crate")],
          ...["openlineage", "prov", "mlflow"].map((form) => ["export", `--${form}`, "--to", to(form)]),
        ]
      ) {
        const { code, stderr } = await project.dag(...words)
        assert.strictEqual(code, 0, stderr)
      }
    })
    afterAll(async () => {
      await project.end()
      project.remove()
    })

    it("roc-validator finds nothing that Provenance Run Crate requires, and five things that it recommends", async () => {
      const { required, recommended } = (await readBy("crate.py", to("ro-crate"))) as {
        readonly required: ReadonlyArray<string>
        readonly recommended: ReadonlyArray<string>
      }
      assert.deepStrictEqual(required, [])
      // A publisher, more of the author, and the workflow's file, which has no address but its path.
      assert.isAtMost(recommended.length, 5, recommended.join("\n"))
    })

    it("openlineage-python builds every event, and its lineage facets name the inputs of each output", async () => {
      const found = await readBy("events.py", join(to("openlineage"), "openlineage.ndjson")) as ReadonlyArray<{
        readonly job: string
        readonly inputs: ReadonlyArray<string>
        readonly outputs: Readonly<Record<string, { readonly from: ReadonlyArray<string>; readonly rows: number }>>
        readonly entries: Readonly<Record<string, ReadonlyArray<string>>>
      }>
      assert.deepStrictEqual(found.map(({ job }) => job).toSorted(), nodes)
      for (const { inputs, outputs, entries } of found) {
        for (const [name, { from }] of Object.entries(outputs)) {
          assert.deepStrictEqual(from, inputs)
          assert.deepStrictEqual(entries[name], inputs)
        }
      }
      assert.strictEqual(found.find(({ job }) => job === "read/numbers")?.outputs["read/numbers:numbers"]?.rows, 3)
    })

    it("prov reads the document, and writes it as the same one", async () => {
      const { same, counts } = await readBy("prov_json.py", join(to("prov"), "prov.json")) as {
        readonly same: boolean
        readonly counts: Readonly<Record<string, number>>
      }
      assert.isTrue(same)
      assert.deepStrictEqual(counts, {
        Entity: 9,
        Activity: 8,
        Agent: 1,
        Usage: 10,
        Generation: 8,
        Derivation: 10,
        Association: 8,
      })
    })

    it("mlflow lists runs with params, metrics and artifacts", async () => {
      const found = await readBy("runs.py", to("mlflow")) as ReadonlyArray<{
        readonly experiment: string
        readonly name: string
        readonly status: string
        readonly params: Readonly<Record<string, string>>
        readonly metrics: Readonly<Record<string, ReadonlyArray<readonly [step: number, value: number]>>>
        readonly artifacts: ReadonlyArray<string>
      }>
      assert.deepStrictEqual(found.map(({ name }) => name).toSorted(), nodes)
      assert.isTrue(
        found.every(({ experiment, status }) => experiment === "counting, profile main" && status === "FINISHED"),
      )
      const clip = found.find(({ name }) => name === "clip/step0")
      assert.deepStrictEqual(clip?.params, { "redag.stage": "clip", "to": "50" })
      assert.include(clip?.artifacts ?? [], "numbers.parquet")
      assert.isAbove(clip?.metrics["redag.seconds"]?.[0]?.[1] ?? -1, -1)
    })
  },
)
