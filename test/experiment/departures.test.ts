import { readFileSync } from "node:fs"
import { afterEach, assert, describe, it } from "vitest"
import definition from "../../dag.config.ts"
import { corpora } from "../../experiment/corpora.ts"
import { type DepartureName, departureNames } from "../../experiment/departures.ts"
import { InputError } from "../../pipeline/base/errors.ts"
import { expand } from "../../pipeline/graph/expand.ts"
import type { Graph, Ref } from "../../pipeline/graph/node.ts"
import { repository } from "../rig/project.ts"

const before = process.env["DAG_DEPARTURES"]
afterEach(() => {
  if (before === undefined) delete process.env["DAG_DEPARTURES"]
  else process.env["DAG_DEPARTURES"] = before
})

const graphOf = (profile: string, departures?: string): Graph => {
  if (departures === undefined) delete process.env["DAG_DEPARTURES"]
  else process.env["DAG_DEPARTURES"] = departures
  return expand(definition, profile, repository)
}

/** Where a reference leads, without the place of its node among the others. */
const outputName = ({ node, output }: Ref<unknown>): string => `${node}:${output}`

/** Every param of a node by its path, and every input by its role, as text. */
const told = (graph: Graph): ReadonlyMap<string, ReadonlyMap<string, string>> => {
  const flat = (value: unknown, path: string): ReadonlyArray<readonly [string, string]> =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
      ? Object.entries(value).flatMap(([key, inner]) => flat(inner, `${path}.${key}`))
      : [[path, JSON.stringify(value)]]
  return new Map([...graph.nodes.values()].map(({ name, params, inputs }) => [
    name,
    new Map([
      ...flat(params, "param"),
      ...[...inputs].map(([role, wire]) =>
        [`input.${role}`, JSON.stringify(wire._tag === "Files" ? wire.set.names : wire.refs.map(outputName))] as const
      ),
    ]),
  ]))
}

/** Where two graphs differ: "stage/corpus: path", each once; the names of protocols aside. */
const differences = (one: Graph, other: Graph): ReadonlyArray<string> => {
  const [first, second] = [told(one), told(other)]
  const found = new Set<string>()
  const placeOf = (name: string): string => {
    const [stage = "", ...rest] = name.split("/")
    const corpus = rest.find((part) => ["cdr", "dce", "chemprot", "ddi"].includes(part)) ?? ""
    return `${stage} ${corpus}`.trim()
  }
  for (const name of new Set([...first.keys(), ...second.keys()])) {
    const [a, b] = [first.get(name), second.get(name)]
    if (a === undefined || b === undefined) {
      found.add(`${placeOf(name)}: node`)
      continue
    }
    for (const path of new Set([...a.keys(), ...b.keys()])) {
      if (a.get(path) !== b.get(path) && path !== "param.protocol") found.add(`${placeOf(name)}: ${path}`)
    }
  }
  return [...found].sort()
}

const each = (corpora: ReadonlyArray<string>, ...paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.flatMap((path) => {
    const [stage = "", rest = ""] = path.split(": ")
    return corpora.map((corpus) => `${stage} ${corpus}: ${rest}`)
  }).sort()
const all = ["cdr", "chemprot", "dce", "ddi"]
const decoding = ["numBeams", "noRepeatNgramSize", "earlyStopping"]

/** What each departure changes in the paper's grid, and nothing else. */
const expected: Readonly<Record<DepartureName, ReadonlyArray<string>>> = {
  "drugner-documents": [
    "ingest ddi: node",
    ...each(
      ["ddi"],
      "split: input.documents",
      "template: input.documents",
      "score: input.documents",
      "score: input.warnings",
    ),
    "ceiling ddi: input.documents",
    "ceiling ddi: input.warnings",
    "aggregate: input.warnings",
  ].sort(),
  "authors-split": each(
    ["dce", "ddi"],
    "split: input.ids",
    "split: param.method.fraction",
    "split: param.method.method",
    "split: param.method.seed",
  ),
  "greatest-mention": each(["cdr"], "template: param.rendering.concept"),
  "composite-names": each(["cdr"], "template: param.rendering.composites"),
  "file-order": each(["cdr"], "template: param.rendering.order"),
  "lower-cased-gold": each(["chemprot"], "template: param.rendering.letters"),
  "no-sentence-filter": each(["chemprot"], "template: param.rendering.reach"),
  "merged-classes": each(
    ["dce"],
    "template: param.template.labels.COMB",
    "template: param.template.labels.NEG",
    "template: param.template.merge.NEG",
    "extract: param.template.labels.COMB",
    "extract: param.template.labels.NEG",
    "extract: param.extraction.labels",
    "finetune: param.validation.template.labels.COMB",
    "finetune: param.validation.template.labels.NEG",
    "finetune: param.validation.extraction.labels",
  ),
  "ordered-duplicates": [
    ...each(["dce", "ddi"], "template: param.rendering.repeats"),
    ...each(["ddi"], "finetune: param.validation.matching.arguments", "score: param.measure.matching.arguments"),
  ].sort(),
  "repeated-clauses": each(["cdr", "dce", "ddi"], "template: param.rendering.clauses"),
  "shuffled-clauses": each(
    ["chemprot", "dce", "ddi"],
    "template: param.rendering.order",
    "template: param.rendering.order.seed",
  ),
  "no-end-token": each(all, "finetune: param.endOfSequence"),
  "shared-length": each(all, "finetune: param.sharedTokens", "generate: param.sharedTokens"),
  "inherited-decoding": each(
    all,
    "generate: param.decoding",
    "finetune: param.validation.decoding",
    ...decoding.flatMap((name) => [`generate: param.decoding.${name}`, `finetune: param.validation.decoding.${name}`]),
  ),
  "prompt-kept": each(all, "extract: param.prompt", "finetune: param.validation.prompt"),
  "core-words": each(all, "extract: param.reading.search", "finetune: param.validation.reading.search"),
  "blanks-kept": each(all, "extract: param.reading.blanks", "finetune: param.validation.reading.blanks"),
  "variants-counted": each(
    ["cdr"],
    "score: param.measure.matching.variants",
    "finetune: param.validation.matching.variants",
  ),
  "unknown-ignored": each(
    ["chemprot", "ddi"],
    "score: param.measure.matching.unknown",
    "finetune: param.validation.matching.unknown",
  ),
  "pooled-counters": each(
    ["chemprot", "dce", "ddi"],
    "score: input.evaluations",
    "finetune: param.validation.counters",
  ),
  "leakage-compared": ["aggregate: param.leaked"],
}

describe("departures in the paper's grid", () => {
  const paper = graphOf("paper")
  for (const name of departureNames) {
    it(`${name} changes what it is about, and no more`, () => {
      assert.deepStrictEqual(differences(paper, graphOf("authors", name)), expected[name])
    })
  }

  it("stand in the table of docs/protocols.md, all of them in their order, with the corpora that they concern", () => {
    const page = readFileSync(new URL("../../docs/protocols.md", import.meta.url), "utf8")
    const rows = [...page.matchAll(/^\| `([\w-]+)` \| .* \| ([^|]*) \|$/gmu)]
    assert.deepStrictEqual(rows.map(([, name]) => name), [...departureNames])
    assert.include(page, `in ${departureNames.length} ways`)
    for (const [, name, on = ""] of rows) {
      const named = corpora.filter((corpus) => corpus.departures.some((each) => each === name)).map(({ title }) =>
        title
      )
      assert.deepStrictEqual(on.split(", ").toSorted(), named.length === 0 ? ["all"] : named.toSorted(), name)
    }
  })

  it("authors is all of them", () => {
    const authors = graphOf("authors")
    assert.deepStrictEqual(differences(authors, graphOf("authors", departureNames.join(","))), [])
    assert.deepStrictEqual(differences(paper, authors), [...new Set(Object.values(expected).flat())].sort())
  })

  it("leave models with an encoder alone where only the others depart", () => {
    for (const name of ["no-end-token", "shared-length", "prompt-kept"]) {
      const departed = told(graphOf("authors", name))
      for (const [node, params] of told(paper)) {
        if (!/^(finetune|generate|extract)\/(T5|Flan|SciFive|BART|BioBART|In-BoXBART)/u.test(node)) continue
        assert.deepStrictEqual([...departed.get(node) ?? []], [...params], node)
      }
    }
  })

  it("leave the official evaluation to the documents that were annotated", () => {
    const { nodes } = graphOf("authors")
    const documents = (node: string): unknown => {
      const wire = nodes.get(node)?.inputs.get("documents")
      return wire?._tag === "Artifacts" ? wire.refs.map((ref) => ref.node) : undefined
    }
    assert.deepStrictEqual(documents("score/T5-Small/ddi/full"), ["ingest/ddi/test", "ingest/ddi/test-drugner"])
    assert.deepStrictEqual(documents("score/official/T5-Small/ddi/full"), ["ingest/ddi/test"])
  })

  it("give a protocol its name", () => {
    const nameOf = (profile: string, departures?: string): unknown =>
      Reflect.get(graphOf(profile, departures).nodes.get("score/T5-Small/cdr/full")?.params ?? {}, "protocol")
    assert.strictEqual(nameOf("paper"), "paper")
    assert.strictEqual(nameOf("authors"), "authors")
    assert.strictEqual(nameOf("authors", "prompt-kept, pooled-counters"), "paper + prompt-kept + pooled-counters")
  })

  it("that are not known, none, or asked of the paper's own profile are refused", () => {
    for (
      const [profile, text, message] of [
        ["authors", "prompts-kept", /no departure "prompts-kept"/u],
        ["authors", " , ", /names no departure/u],
        ["paper", "prompt-kept", /profiles of the authors' code/u],
      ] as const
    ) {
      assert.throws(() => graphOf(profile, text), InputError, message)
    }
  })
})
