import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { NotCanonical } from "../../../pipeline/base/canonical.ts"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import { files, many, one, stage } from "../../../pipeline/graph/stage.ts"
import { keyOf, keyOfNode, preImageOf, type ResolvedInput } from "../../../pipeline/identity/fingerprint.ts"

const Row = Schema.Struct({ value: Schema.Int }).annotate({ identifier: "a \"quoted\" name" })
const Other = Schema.Struct({ text: Schema.String }).annotate({ identifier: "other" })

const params = Schema.Record(Schema.String, Schema.Unknown)
const source = stage({
  name: "source",
  params,
  inputs: { raw: files },
  outputs: { rows: Row, other: Other },
  run: () => Effect.succeed({ rows: [], other: [] }),
})
const sink = stage({
  name: "sink",
  params,
  // Not in the order of their names.
  inputs: { z: many(Row), a: one(Other), "10": many(Row) },
  outputs: {},
  run: () => Effect.succeed({}),
})

const nodes = (given: object) =>
  expand(
    {
      defaultProfile: "main",
      profiles: {
        main: (dag) => {
          const { rows, other } = dag.add(source, {
            name: "one",
            params: { ...given },
            inputs: { raw: { title: "files", base: "data", names: ["x"] } },
          })
          dag.add(sink, { name: "two", params: { ...given }, inputs: { z: [rows, rows], a: other, "10": [] } })
        },
      },
    },
    "main",
    "/nowhere",
  ).nodes

const inputsOf: Readonly<Record<string, ReadonlyMap<string, ResolvedInput>>> = {
  "source/one": new Map([["raw", {
    _tag: "Files",
    files: [{ name: "ü \"x\".txt", path: "/somewhere/x", digest: digestOf("x"), size: 1 }],
  }]]),
  "sink/two": new Map<string, ResolvedInput>([
    ["z", { _tag: "Artifacts", artifact: "a \"quoted\" name", digests: [digestOf("1"), digestOf("2")] }],
    ["a", { _tag: "Artifacts", artifact: "other", digests: [digestOf("3")] }],
    ["10", { _tag: "Artifacts", artifact: "a \"quoted\" name", digests: [] }],
  ]),
}

describe("the key of a node", () => {
  const cases: ReadonlyArray<object> = [
    {},
    { b: 1, a: [null, true, 1e21, -0, 0.1], 10: "x", 9: { z: {}, y: [] } },
    { "ключ\n\"": "\u2028 \\ / 𝒳 \u0000", "": "" },
  ]
  for (const [index, given] of cases.entries()) {
    it(`is that of its pre-image, for params ${index}`, () => {
      for (const [name, node] of nodes(given)) {
        const inputs = inputsOf[name] ?? new Map()
        assert.strictEqual(keyOfNode(node, inputs, digestOf("code")), keyOf(preImageOf(node, inputs, digestOf("code"))))
      }
    })
  }

  it("is none where no key can hold a param", () => {
    for (const [name, node] of nodes({ value: Number.NaN })) {
      assert.throws(() => keyOfNode(node, inputsOf[name] ?? new Map(), digestOf("code")), NotCanonical)
    }
  })
})
