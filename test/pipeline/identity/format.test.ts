import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Digest, digestOf } from "../../../pipeline/base/digest.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import { many, stage } from "../../../pipeline/graph/stage.ts"
import { columnsDigest, format, keyOf, preImageOf, type ResolvedInput } from "../../../pipeline/identity/fingerprint.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import { layoutOf } from "../../../pipeline/store/layout.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"
import * as Store from "../../../pipeline/store/store.ts"

/**
 * The sha256 of what this format writes.
 *
 * Where one differs, the engine writes other bytes than before for the same stage and inputs: raise `format` in
 * pipeline/identity/fingerprint.ts, and put the digests that the failure prints here.
 */
const written = {
  format: "redag/2",
  digests: {
    "a table of every type of column": "d57a005d4a997716ac467498906acf3de8d3e32cf390f6c470da6fb621f466cf",
    "a table of several row groups": "0c4e9b7c15fb9426af6448684659237ce05ca3a4861706fec1e026387b2d67e2",
    "a table without rows": "487bdc2a5e31a2fac81dd16ee9ce03695b1dc0e62e9c6edba388bdacac153e23",
    "the columns of a table": "101092fb6af6f1d9c59916534b4c25c8ea4f3cbcff118f781830d63bd35f0890",
    "a key": "ee51488accbbfa1a4e0aa59ccf0ffde50f427375fc1b99ae9dc7882b22e4506a",
    "a record": "1100e29174b771f7d74ba00ccd995957c70bbbbd76600a80b8319937f4a59be8",
  },
}

const Row = Schema.Struct({
  text: Schema.String,
  perhapsText: Schema.NullOr(Schema.String),
  literal: Schema.Literals(["one", "other"]),
  integer: Schema.Int,
  perhapsInteger: Schema.NullOr(Schema.Int),
  real: Schema.Finite,
  perhapsReal: Schema.NullOr(Schema.Finite),
  boolean: Schema.Boolean,
  perhapsBoolean: Schema.NullOr(Schema.Boolean),
  texts: Schema.Array(Schema.String),
  perhapsIntegers: Schema.NullOr(Schema.Array(Schema.Int)),
  lists: Schema.Array(Schema.Array(Schema.Finite)),
  group: Schema.Struct({ name: Schema.String, value: Schema.NullOr(Schema.Finite) }),
  groups: Schema.Array(Schema.Struct({ name: Schema.String, parts: Schema.Array(Schema.Int) })),
}).annotate({ identifier: "everything" })

const full: typeof Row.Type = {
  text: "Wörter, \u{1f9ec}\n",
  perhapsText: "there",
  literal: "one",
  integer: Number.MAX_SAFE_INTEGER,
  perhapsInteger: -1,
  real: 0.1,
  perhapsReal: -0,
  boolean: true,
  perhapsBoolean: false,
  texts: ["", "a", "a"],
  perhapsIntegers: [1, 2, 3],
  lists: [[], [1.5], [-0, 5e-324]],
  group: { name: "g", value: 2.5 },
  groups: [{ name: "first", parts: [] }, { name: "second", parts: [7, 8] }],
}

const empty: typeof Row.Type = {
  ...full,
  text: "",
  perhapsText: null,
  literal: "other",
  integer: 0,
  perhapsInteger: null,
  real: 0,
  perhapsReal: null,
  perhapsBoolean: null,
  texts: [],
  perhapsIntegers: null,
  lists: [],
  group: { name: "", value: null },
  groups: [],
}

const Numbers = Schema.Struct({ number: Schema.Int, half: Schema.Finite, name: Schema.String })
  .annotate({ identifier: "numbers" })
const numbers = Array.from({ length: 20_000 }, (_, number) => ({ number, half: number / 2, name: `n${number % 7}` }))

const op = stage({
  name: "op",
  params: Schema.Struct({ text: Schema.String, list: Schema.Array(Schema.Finite), default: Schema.NullOr(Schema.Int) }),
  inputs: { from: many(Row) },
  outputs: { everything: Row, numbers: Numbers },
  run: () => Effect.succeed({ everything: [], numbers: [] }),
})

const digest = (letter: string): Digest => Digest.make(letter.repeat(64))

const preImage = () => {
  const graph = expand(
    {
      defaultProfile: "one",
      profiles: {
        one: (dag) => {
          dag.add(op, {
            name: "node",
            params: { text: "Wörter \u2028 \"", list: [1e21, 0.1, -0], default: null },
            inputs: { from: [] },
          })
        },
      },
    },
    "one",
    "/",
  )
  const node = graph.nodes.get("op/node")
  if (node === undefined) throw new Error("the node is not in its graph")
  const inputs = new Map<string, ResolvedInput>([
    ["from", { _tag: "Artifacts", artifact: "everything", digests: [digest("a"), digest("b")] }],
    ["files", { _tag: "Files", files: [{ name: "a/b.txt", path: "/a/b.txt", digest: digest("c"), size: 3 }] }],
  ])
  return preImageOf(node, inputs, digest("d"))
}

const record = (): ActionRecord => {
  const made = preImage()
  return {
    key: keyOf(made),
    preImage: made,
    node: "op/node",
    files: [{ role: "files", name: "a/b.txt", path: "/a/b.txt", digest: digest("c"), size: 3 }],
    outputs: { everything: { artifact: "everything", digest: digest("e"), size: 10, rows: 2, varies: false } },
    blobs: [{ digest: digest("f"), size: 5 }],
    counts: { read: 2, share: 0.25 },
    log: null,
    started: "2026-01-02T03:04:05.678Z",
    milliseconds: 12,
    resources: { cpu: 1, memory: 256, gpu: 0 },
    peakMemory: null,
    environment: {
      host: "host",
      platform: "linux-x64",
      processor: "processor",
      versions: { node: "24.0.0" },
      commit: null,
      dirty: false,
    },
  }
}

describe("what the engine writes", () => {
  it("is what its format says", async () => {
    const folder = mkdtempSync(join(tmpdir(), "redag-format-"))
    try {
      const program = Effect.gen(function*() {
        const store = yield* Store.Store
        const made = record()
        yield* store.publishRecord(made)
        return {
          "a table of every type of column": (yield* store.writeRows("everything", Row, [full, empty, full])).digest,
          "a table of several row groups": (yield* store.writeRows("numbers", Numbers, numbers)).digest,
          "a table without rows": (yield* store.writeRows("everything", Row, [])).digest,
          "the columns of a table": columnsDigest(Row),
          "a key": made.key,
          "a record": digestOf(readFileSync(layoutOf(folder).records.path(made.key))),
        }
      })
      const digests = await Effect.runPromise(
        program.pipe(Effect.provide(Store.layer(folder).pipe(Layer.provideMerge(Disk.layer)))),
      )
      const help = format === written.format
        ? "raise `format` in pipeline/identity/fingerprint.ts, then put it and these digests into this test"
        : "put the new format and these digests into this test"
      assert.deepStrictEqual({ format, digests }, written, `the engine writes other bytes than before: ${help}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
