import type { ResultTables } from "../../../experiment/results/tables.ts"
import { type Digest, digestOf } from "../../../pipeline/base/digest.ts"
import type { Provenance } from "../../../pipeline/report/results.ts"
import type { Ancestor } from "../../../pipeline/status/lineage.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"
import { trainingCurves } from "./training-curves.ts"

const digest = digestOf

const code = {
  program: digest("program"),
  sources: null,
  parts: { "stages/score/stage.ts: score": digest("stage"), "stages/score/score.ts: scoreAll": digest("score") },
  coarse: [],
  packages: {
    effect: { version: "4.1.0", manifest: digest("effect") },
    "onnxruntime-node": { version: "1.30.0", manifest: digest("onnxruntime-node") },
  },
}

/** An action of a node, as the store keeps it; `from` are those that made its inputs. */
const action = (
  stage: string,
  node: string,
  params: Readonly<Record<string, unknown>>,
  from: Readonly<Record<string, ReadonlyArray<Ancestor>>>,
  files: ReadonlyArray<string> = [],
): Ancestor => {
  const outputOf = (ancestor: Ancestor): Digest => ancestor.record.outputs["output"]?.digest ?? digest("nothing")
  const record: ActionRecord = {
    key: digest(`key ${node}`),
    preImage: {
      format: "redag 1",
      stage,
      params,
      inputs: Object.fromEntries([
        ...Object.entries(from).map(([role, ancestors]) =>
          [role, { _tag: "Artifacts", artifact: role, digests: ancestors.map(outputOf) }] as const
        ),
        ...(files.length === 0
          ? []
          : [["corpus", { _tag: "Files", files: files.map((name) => ({ name, digest: digest(name) })) }] as const]),
      ]),
      code: digest(`code ${stage}`),
      outputs: { output: digest("columns") },
    },
    node,
    files: files.map((name) => ({
      role: "corpus",
      name,
      path: `/corpora/${name}`,
      digest: digest(name),
      size: 71_000,
    })),
    outputs: { output: { artifact: stage, digest: digest(`output ${node}`), size: 4321, rows: 50, varies: false } },
    blobs: [],
    counts: stage === "score" ? { F1: 41.2 } : {},
    log: null,
    started: "2026-11-20T08:15:30.000Z",
    milliseconds: 65_000,
    resources: { cpu: 1, memory: 512, gpu: 0 },
    peakMemory: null,
    environment: {
      host: "bench",
      platform: "linux x64",
      processor: "two cores",
      versions: { node: "24.21.0" },
      commit: digest("commit").slice(0, 40),
      dirty: false,
    },
  }
  return {
    id: node,
    node,
    ranAs: undefined,
    accepted: undefined,
    record,
    code,
    sources: Object.entries(from).flatMap(([role, ancestors]) =>
      ancestors.map((ancestor) => {
        const { node, key } = ancestor.record
        return {
          role,
          digest: outputOf(ancestor),
          wired: node,
          bytes: "now",
          maker: { id: node, node, key },
          first: undefined,
        } as const
      })
    ),
  }
}

/** Of results that nothing is missing in. */
export const complete: Pick<Provenance, "absent" | "upToDate"> = { absent: [], upToDate: true }

/** Where the numbers of tables came from, had they been run: each cell's nodes, and what they stand on. */
export const provenanceOf = (tables: ResultTables, profile = "paper"): Provenance => {
  const ancestors = new Map<string, Ancestor>()
  const add = (...given: Parameters<typeof action>): Ancestor => {
    const [, node] = given
    const made = ancestors.get(node) ?? action(...given)
    ancestors.set(node, made)
    return made
  }
  const scores: Array<Ancestor> = []
  for (const { model, corpus, setting, runs, measure, label } of tables.results) {
    if (measure !== "strict" || label !== "micro") continue
    const files = Array.from({ length: corpus === "ddi" ? 191 : 2 }, (_, index) => `${corpus}/Test/${index}.xml`)
    const documents = add("ingest", `ingest/${corpus}/test`, { format: "any", portion: "test" }, {}, files)
    const template = {
      source: `Find all instances in ${corpus}:\n\n{text}\n\n`,
      clause: "the relation between {head} and {tail} is {label}",
      separator: "; ",
      end: ".",
    }
    const examples = add("template", `template/${corpus}/test`, { template }, { documents: [documents] })
    const pretrained = add("pretrained", `pretrained/${model}`, { parts: "all" }, {}, [
      "config.json",
      "model.safetensors",
    ])
    for (const seed of setting === "full" ? [null] : Array.from({ length: runs }, (_, index) => index)) {
      const name = [model, corpus, setting, ...(seed === null ? [] : [`seed${seed}`])].join("/")
      const shots = add("sample", `sample/${corpus}/${setting}/${seed}`, { seed }, { examples: [examples] })
      const checkpoint = add("finetune", `finetune/${name}`, { learningRate: 5e-5, template }, {
        model: [pretrained],
        shots: [shots],
      })
      const generations = add("generate", `generate/${name}`, { batchSize: 8 }, {
        checkpoint: [checkpoint],
        examples: [examples],
      })
      const relations = add("extract", `extract/${name}`, { template }, { generations: [generations] })
      const cell = { model, corpus, setting, seed }
      for (const protocol of ["paper", "official"]) {
        const node = protocol === "paper" ? `score/${name}` : `score/official/${name}`
        scores.push(
          add("score", node, { cell, partition: "test", protocol }, {
            documents: [documents],
            examples: [examples],
            relations: [relations],
          }),
        )
      }
    }
  }
  const table = add("aggregate", "aggregate/table1", { resamples: 10_000, seeds: 5 }, { scores })
  const lineage = (node: string): Promise<ReadonlyArray<Ancestor>> => {
    const found = new Map<string, Ancestor>()
    const queue = [ancestors.get(node)]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (found.has(next.record.key)) continue
      found.set(next.record.key, next)
      for (const { maker } of next.sources) {
        const source = maker === undefined ? undefined : ancestors.get(maker.id)
        if (source !== undefined) queue.push(source)
      }
    }
    return Promise.resolve([...found.values()])
  }
  return {
    profile,
    flags: profile === "paper" ? "" : `--profile ${profile}`,
    upToDate: true,
    absent: [],
    accepted: [],
    root: () => digestOf("all that they were made by"),
    records: new Map([...ancestors].map(([name, { record }]) => [name, record])),
    lineage: (node) => lineage(node === "" ? table.record.node : node),
    curves: new Map(
      [...ancestors.keys()].filter((node) => node.startsWith("finetune/")).map((node) =>
        [node, () => Promise.resolve(trainingCurves(node))] as const
      ),
    ),
  }
}
