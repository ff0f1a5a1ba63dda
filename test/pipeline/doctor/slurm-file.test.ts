import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { InputError } from "../../../pipeline/base/errors.ts"
import { checkFile } from "../../../pipeline/doctor/slurm-file.ts"
import { partitionsIn } from "../../../pipeline/execute/slurm/partitions.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import { stage } from "../../../pipeline/graph/stage.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"

const heavy = stage({
  name: "heavy",
  params: Schema.Struct({}),
  inputs: {},
  outputs: { rows: Schema.Struct({ n: Schema.Int }).annotate({ identifier: "rows" }) },
  resources: () => ({ cpu: 1, memory: 1000, gpu: 0 }),
  run: () => Effect.die("nothing is run here"),
})

const graph = expand(
  experiment({
    defaultProfile: "p",
    profiles: {
      p: (dag) => {
        for (const name of ["a", "b"]) dag.add(heavy, { name, params: {}, inputs: {} })
      },
    },
  }),
  "p",
  ".",
)

/** Two compute nodes of 2 CPUs. */
const partitions = partitionsIn("main*|1:00:00|n1|2|8000|(null)|idle\nmain*|1:00:00|n2|2|8000|(null)|idle\n")

const root = mkdtempSync(join(tmpdir(), "redag-doctor-yaml-"))
afterAll(() => rmSync(root, { recursive: true }))

const check = (text: string) => {
  writeFileSync(join(root, "slurm.yaml"), text)
  return checkFile(root, ["p"], [graph], partitions)
}

describe("what dag doctor says of slurm.yaml", () => {
  it("names the field by which a node would never start, also where rules select only some nodes", () => {
    const rule = "rules:\n  - nodes: heavy/a\n    partition: main\n"
    assert.deepStrictEqual(check(`defaults:\n  partition: gone\n${rule}`), {
      status: "broken",
      detail: "slurm.yaml:2 defaults.partition: there is no partition \"gone\"; there are main (for heavy/b)",
      help: "ask for what the cluster has: such jobs would never start",
    })
    assert.include(
      check(`${rule}    share: 4\n`).detail,
      "slurm.yaml:4 rules[0].share: 4 CPUs: no node of partition main has more than 2 (for heavy/a)",
    )
    assert.include(check("defaults:\n  time: 2h\n").detail, "slurm.yaml:2 defaults.time: time 02:00:00: ")
  })

  it("is usable where no node takes a field that asks for too much", () => {
    assert.strictEqual(
      check("defaults:\n  partition: gone\nrules:\n  - nodes: stage=heavy\n    partition: main\n").status,
      "usable",
    )
    rmSync(join(root, "slurm.yaml"))
    assert.deepStrictEqual(checkFile(root, ["p"], [graph], partitions), {
      status: "usable",
      detail: "there is none: jobs ask for what nodes say that they need",
    })
  })

  it("refuses what dag run refuses", () => {
    assert.throws(() => check("rules:\n  - nodes: stage=heavi\n    cpus: 1\n"), InputError, "selects no node")
    assert.throws(() => check("profiles: [q]\n"), InputError, "there is no profile \"q\"")
  })
})
