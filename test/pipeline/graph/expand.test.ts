import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import config from "../../../dag.config.ts"
import { InputError } from "../../../pipeline/base/errors.ts"
import type { Builder } from "../../../pipeline/graph/builder.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import { type Ref, sources } from "../../../pipeline/graph/node.ts"
import { selectNodes } from "../../../pipeline/graph/select.ts"
import { one, type Resources, stage } from "../../../pipeline/graph/stage.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"
import { repository } from "../../rig/project.ts"

const countBy = (names: Iterable<string>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

describe("the paper's profile", () => {
  it("has the paper's grid", () => {
    const started = performance.now()
    const graph = expand(config, "paper", repository)
    process.stdout.write(`paper: ${graph.nodes.size} nodes in ${(performance.now() - started).toFixed(1)} ms\n`)
    const nodes = [...graph.nodes.values()]
    const stages = countBy(nodes.map(({ stage }) => stage.name))
    const finetuned = nodes.filter(({ stage }) => stage.name === "finetune").map(({ name }) => name.split("/").slice(1))
    const models = new Set(finetuned.map((parts) => parts[0]))
    assert.strictEqual(models.size, 19)
    // Every model on all of each of the four corpora, and nothing of that by seed.
    const full = finetuned.filter((parts) => parts[2] === "full")
    assert.deepStrictEqual(countBy(full.map((parts) => parts[1] ?? "")), { cdr: 19, dce: 19, chemprot: 19, ddi: 19 })
    assert.isTrue(full.every((parts) => parts.length === 3))
    // Few shots on CDR and DCE only, 16 and 64, five seeds, for the models with an encoder.
    const few = finetuned.filter((parts) => parts[2] !== "full")
    const withEncoder = new Set(few.map((parts) => parts[0])).size
    assert.deepStrictEqual(countBy(few.map((parts) => `${parts[1]} ${parts[2]}`)), {
      "cdr 16": 5 * withEncoder,
      "cdr 64": 5 * withEncoder,
      "dce 16": 5 * withEncoder,
      "dce 64": 5 * withEncoder,
    })
    assert.deepStrictEqual(countBy(few.map((parts) => parts[3] ?? "")), {
      seed0: 4 * withEncoder,
      seed1: 4 * withEncoder,
      seed2: 4 * withEncoder,
      seed3: 4 * withEncoder,
      seed4: 4 * withEncoder,
    })
    // Each model that is finetuned generates, is read and is scored as the paper and as the corpus's own evaluation
    // score; one table holds them all, with the sources of the four test sets and the warnings about what was read.
    for (const name of ["generate", "extract"]) assert.strictEqual(stages[name], finetuned.length, name)
    assert.strictEqual(stages["score"], 2 * finetuned.length)
    assert.strictEqual(stages["aggregate"], 1)
    const table = graph.nodes.get("aggregate/table1")
    const portions = stages["ingest"] ?? 0
    assert.strictEqual(table === undefined ? 0 : sources(table).length, 2 * finetuned.length + 4 + portions + 4)
  })

  it("has every node after the nodes that it takes input from", () => {
    for (const profile of Object.keys(config.profiles)) {
      const seen = new Set<string>()
      for (const node of expand(config, profile, repository).nodes.values()) {
        for (const source of sources(node)) assert.isTrue(seen.has(source), `${node.name} before ${source}`)
        seen.add(node.name)
      }
    }
  })
})

const Row = Schema.Struct({ n: Schema.Int }).annotate({ identifier: "rows" })
const Params = Schema.Struct({ x: Schema.Number })
const link = stage({
  name: "link",
  params: Params,
  inputs: { from: one(Row) },
  outputs: { rows: Row },
  resources: ({ x }): Resources => ({ cpu: x, memory: 10, gpu: 0 }),
  run: () => assert.fail("expanding runs nothing"),
})

const expanded = (profile: (dag: Builder) => void) =>
  expand(experiment({ defaultProfile: "p", profiles: { p: profile } }), "p", ".")

const failure = (profile: (dag: Builder) => void): InputError => {
  try {
    expanded(profile)
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
  return assert.fail("nothing was thrown")
}

describe("expansion", () => {
  it("orders a chain of ten thousand nodes that is declared back to front", () => {
    const length = 10_000
    const { nodes } = expanded((dag) => {
      for (let index = length; index > 0; index--) {
        const from = index === 1 ? dag.add(seed, { name: "0", params: {}, inputs: {} }).rows : undefined
        const input = from ?? dag.ref(link, String(index - 1), "rows")
        dag.add(link, { name: String(index), params: { x: 1 }, inputs: { from: input } })
      }
    })
    assert.strictEqual([...nodes.keys()].at(-1), `link/${length}`)
  })

  it("selects by name where a reference of another profile leads, which has its node in another place", () => {
    let held: Ref<typeof Row.Type> | undefined
    const add = (dag: Builder, name: string) => dag.add(seed, { name, params: {}, inputs: {} }).rows
    const definition = experiment({
      defaultProfile: "a",
      profiles: {
        a: (dag) => {
          held = add(dag, "first")
        },
        b: (dag) => {
          for (const name of ["other", "first"]) add(dag, name)
          if (held !== undefined) dag.add(link, { name: "last", params: { x: 1 }, inputs: { from: held } })
        },
      },
    })
    expand(definition, "a", ".")
    const graph = expand(definition, "b", ".")
    const facts = { state: () => new Set<never>() }
    const names = (selector: string) => [...selectNodes(graph, { include: [selector], exclude: [] }, facts)]
    assert.deepStrictEqual(names("+link/last"), ["seed/first", "link/last"])
    assert.deepStrictEqual(names("seed/first+"), ["seed/first", "link/last"])
    assert.deepStrictEqual(names("seed/other+"), ["seed/other"])
  })

  it("names the whole cycle, and not what leads into it", () => {
    const error = failure((dag) => {
      dag.add(link, { name: "in", params: { x: 1 }, inputs: { from: dag.ref(link, "a", "rows") } })
      dag.add(link, { name: "a", params: { x: 1 }, inputs: { from: dag.ref(link, "b", "rows") } })
      dag.add(link, { name: "b", params: { x: 1 }, inputs: { from: dag.ref(link, "c", "rows") } })
      dag.add(link, { name: "c", params: { x: 1 }, inputs: { from: dag.ref(link, "a", "rows") } })
    })
    assert.strictEqual(error.message, "form a cycle: link/a -> link/c -> link/b -> link/a")
  })

  it("refuses two stages of one name, since keys and workers would take one for the other", () => {
    const other = stage({ ...link, run: () => assert.fail("another") })
    const error = failure((dag) => {
      const { rows } = dag.add(seed, { name: "0", params: {}, inputs: {} })
      dag.add(link, { name: "a", params: { x: 1 }, inputs: { from: rows } })
      dag.add(other, { name: "b", params: { x: 1 }, inputs: { from: rows } })
    })
    assert.strictEqual(error.field, "link/b stage")
  })

  it("row 19: refuses names that lead out of a folder, or are not seen as what they are", () => {
    for (
      const name of [
        "../../x",
        "a/../../x",
        "..",
        ".",
        "/x",
        "a//b",
        "",
        " ",
        "a/",
        "a\\b",
        "a\u001B[2J",
        "a\u202Eb",
        "x".repeat(201),
      ]
    ) {
      const node = failure((dag) => dag.add(seed, { name, params: {}, inputs: {} }))
      assert.match(node.field ?? "", /^node "seed\/[^\p{Cc}\u202E]*"$/u, name)
      assert.strictEqual(node.file, "dag.config.ts")
      const { rows: _, ...outputs } = seed.outputs
      const other = failure((dag) => dag.add({ ...seed, outputs, name }, { name: "a", params: {}, inputs: {} }))
      assert.match(other.field ?? "", /^stage "/u, name)
      assert.throws(
        () => expand(experiment({ defaultProfile: "p", profiles: { p: () => {}, [name]: () => {} } }), "p", "."),
        InputError,
      )
    }
    // A profile is a file in the store, and a stage a folder: of one part each.
    assert.throws(
      () => expand(experiment({ defaultProfile: "a/b", profiles: { "a/b": () => {} } }), "a/b", "."),
      InputError,
    )
    // Words that every object has are no profiles.
    for (const word of ["constructor", "toString", "__proto__"]) {
      assert.throws(() => expand(experiment({ defaultProfile: "p", profiles: { p: () => {} } }), word, "."), InputError)
    }
    // Names of any language, with spaces or signs that no shell reads, are names.
    for (const name of ["0", "cdr/16/seed0", "BioGPT-Large", "données, 2", "試験", "a..b", ".a"]) {
      assert.isTrue(expanded((dag) => dag.add(seed, { name, params: {}, inputs: {} })).nodes.has(`seed/${name}`))
    }
  })

  it("refuses resources that no machine can lend, with the node and the field", () => {
    const wrong: ReadonlyArray<readonly [resources: Partial<Resources>, field: string]> = [
      [{ gpu: 1, share: 0 }, "share"],
      [{ gpu: 1, share: 1.5 }, "share"],
      [{ gpu: 0.5 }, "gpu"],
      [{ gpu: -1 }, "gpu"],
      [{ timeout: 0 }, "timeout"],
      [{ timeout: -5 }, "timeout"],
      [{ timeout: Number.NaN }, "timeout"],
      [{ cpu: Number.NaN }, "cpu"],
      [{ memory: -1 }, "memory"],
      [{ retries: { transient: -1 } }, "retries.transient"],
      [{ retries: { memory: 0.5 } }, "retries.memory"],
      [{ retries: { time: -2 } }, "retries.time"],
    ]
    for (const [resources, field] of wrong) {
      const error = failure((dag) => dag.add(seed, { name: "a", params: {}, inputs: {}, resources }))
      assert.strictEqual(error.field, `seed/a resources.${field}`)
    }
    // What a stage makes of its params is looked at as what a node says is.
    const made = failure((dag) => {
      const { rows } = dag.add(seed, { name: "0", params: {}, inputs: {} })
      dag.add(link, { name: "a", params: { x: -3 }, inputs: { from: rows } })
    })
    assert.strictEqual(made.field, "link/a resources.cpu")
    // What no type checker has seen may lack one.
    const partly: typeof seed = { ...seed, resources: () => JSON.parse("{\"cpu\":1,\"memory\":256}") as Resources }
    const lacking = failure((dag) => dag.add(partly, { name: "a", params: {}, inputs: {} }))
    assert.strictEqual(lacking.field, "seed/a resources.gpu")
    assert.include(lacking.message, "is not given")
    const least = { cpu: 0.1, gpu: 1, share: 1, timeout: 0.5, retries: { transient: 0 } }
    assert.isTrue(
      expanded((dag) => dag.add(seed, { name: "a", params: {}, inputs: {}, resources: least })).nodes.has("seed/a"),
    )
  })

  it("takes resources from the stage's params, and from the node where it says so", () => {
    const { nodes } = expanded((dag) => {
      const { rows } = dag.add(seed, { name: "0", params: {}, inputs: {} })
      dag.add(link, { name: "a", params: { x: 3 }, inputs: { from: rows }, resources: { memory: 99 } })
    })
    assert.deepStrictEqual(nodes.get("link/a")?.resources, { cpu: 3, memory: 99, gpu: 0 })
  })
})

const seed = stage({
  name: "seed",
  params: Schema.Struct({}),
  inputs: {},
  outputs: { rows: Row },
  run: () => assert.fail("expanding runs nothing"),
})
