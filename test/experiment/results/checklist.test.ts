import { assert, describe, it } from "@effect/vitest"
import { digestOf, type ProvenanceAction } from "redag"
import { reproducibility } from "../../../experiment/results/checklist.ts"

const action = (node: string, more: Partial<ProvenanceAction>): ProvenanceAction => ({
  id: node,
  node,
  ranFor: undefined,
  key: digestOf(node),
  stage: node.slice(0, node.indexOf("/")),
  params: {},
  code: digestOf("code"),
  takes: [],
  reads: [],
  makes: [],
  blobs: [],
  started: "2026-01-01T00:00:00.000Z",
  ended: "2026-01-01T00:06:00.000Z",
  resources: { cpu: 1, memory: 256, gpu: 0 },
  peakMemory: null,
  environment: { platform: "linux-x64", processor: "A", versions: { node: "24.0.0" }, commit: null, dirty: false },
  packages: [["effect", "4.1.0"]],
  warnings: [],
  accepted: undefined,
  ...more,
})

const finetune = (seed: number, rate: number, gpu: number) =>
  action(`finetune/t5/cdr/16/seed${seed}`, {
    params: { seed, learningRate: rate },
    resources: { cpu: 1, memory: 256, gpu },
    ended: "2026-01-01T02:00:00.000Z",
  })

describe("dag checklist", () => {
  const answers = new Map(
    reproducibility({
      project: {
        name: "it",
        version: undefined,
        description: undefined,
        licence: undefined,
        repository: undefined,
        author: undefined,
      },
      profile: "demo",
      actions: [
        action("ingest/cdr/train", {
          reads: [{
            role: "corpus",
            name: "train.txt",
            digest: digestOf("train"),
            size: 5,
            source: { where: "the publisher", licence: "CC0", bytes: 5 },
          }],
          makes: [
            {
              output: "documents",
              artifact: "documents",
              digest: digestOf("a"),
              size: 9,
              rows: 1200,
              columns: undefined,
            },
            { output: "warnings", artifact: "warnings", digest: digestOf("b"), size: 9, rows: 0, columns: undefined },
          ],
        }),
        finetune(0, 0.1, 1),
        finetune(1, 0.1, 0),
        finetune(2, 0.2, 0),
      ],
    }).map(({ asks, ...rest }) => [asks, rest]),
  )
  const says = (asks: string) => answers.get(asks)?.says ?? []

  it("names files with licences, and splits without empty tables", () => {
    assert.deepStrictEqual(says("Which data were used, and under which licences?"), [
      `train.txt, sha256 ${digestOf("train").slice(0, 10)}: CC0; from the publisher`,
    ])
    assert.deepStrictEqual(says("How large are the splits?"), ["ingest/cdr/train: 1,200 documents"])
  })

  it("counts how many trainings have each value, and the runs of each setting", () => {
    assert.deepStrictEqual(says("Which hyperparameters were used?"), ["learningRate: 0.1 (2), 0.2 (1)"])
    const seeds = "Which seeds were used, and how many runs are there of each setting?"
    assert.deepStrictEqual(says(seeds), ["seeds 0, 1, 2", "finetune/t5/cdr/16: 3 runs"])
    assert.lengthOf(answers.get(seeds)?.nodes ?? [], 3)
  })

  it("adds up hours, those on GPUs apart, and says nothing where nothing is known", () => {
    assert.include(
      says("How much computing did it take, and on which machines?"),
      "in all: 6.1 h of executions that count now, without those that failed or came before them, of which 2.0 h on GPUs",
    )
    assert.deepStrictEqual(says("How much energy did it take?"), [])
    assert.deepStrictEqual(says("How is variance reported?"), [])
  })
})
