import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type Digest, digestOf, digestOfValue } from "../../../pipeline/base/digest.ts"
import type { PreImage } from "../../../pipeline/identity/pre-image.ts"
import { type Change, differencesOf } from "../../../pipeline/status/diff.ts"
import type { Version, Versions, Wires } from "../../../pipeline/status/version.ts"

/** One node of a small experiment. */
interface Spec {
  readonly name: string
  readonly param: number
  readonly version: number
  readonly file: number | null
  /** Names of nodes that come before it. */
  readonly from: ReadonlyArray<string>
}

interface Made {
  readonly key: string
  readonly content: string
}

/** What each node would make, worked out without the engine: `limit` lets different work make the same. */
const make = (specs: ReadonlyArray<Spec>, limit: number): ReadonlyMap<string, Made> => {
  const made = new Map<string, Made>()
  for (const { name, param, version, file, from } of specs) {
    const inputs = from.map((source) => made.get(source)?.content ?? "")
    const value = (inputs.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) + param + version + (file ?? 0))
      % limit
    const key = JSON.stringify([param, version, file, inputs])
    // Without a limit no two nodes make the same.
    made.set(name, { key, content: limit === Infinity ? `${value} ${name} ${key.length} ${key}` : `${value}` })
  }
  return made
}

/** The same as the store would tell of it. */
const stateOf = (specs: ReadonlyArray<Spec>, limit: number, wired: boolean): Versions => {
  const made = make(specs, limit)
  return new Map(specs.map(({ name, param, version, file, from }): readonly [string, Version] => {
    const preImage: PreImage = {
      format: "redag/1",
      stage: "op",
      params: { inner: { param } },
      inputs: {
        from: {
          _tag: "Artifacts",
          artifact: "values",
          digests: from.map((source) => digestOf(made.get(source)?.content ?? "")),
        },
        text: { _tag: "Files", files: file === null ? [] : [{ name: "f", digest: digestOf(String(file)) }] },
      },
      code: digestOf(`version ${version}`),
      outputs: { values: digestOf("columns") },
    }
    const parts = { "stage.ts: op": String(version) }
    const code = { program: digestOf(String(version)), packages: {}, sources: null, parts, coarse: [] }
    const { key, content } = made.get(name) ?? { key: "", content: "" }
    const wires: Wires = new Map([["from", from]])
    const result = { _tag: "Made", key: digestOf(key), preImage, code, outputs: { values: digestOf(content) } } as const
    return [name, wired ? { ...result, wires } : result]
  }))
}

const nothing = () => undefined
const same = (one: ReadonlyArray<unknown>, other: ReadonlyArray<unknown>) =>
  JSON.stringify(one) === JSON.stringify(other)

/** Where changes enter, and what follows, by the specs alone. */
const expected = (before: ReadonlyArray<Spec>, after: ReadonlyArray<Spec>, limit: number) => {
  const [old, now] = [make(before, limit), make(after, limit)]
  const was = new Map(before.map((spec) => [spec.name, spec]))
  const entering: Array<string> = []
  const following: Array<string> = []
  const equal: Array<string> = []
  for (const spec of after) {
    const { name } = spec
    const former = was.get(name)
    if (former === undefined) continue
    if (old.get(name)?.key === now.get(name)?.key) {
      equal.push(name)
      continue
    }
    const inputsDiffer = !same(
      former.from.map((each) => old.get(each)?.content),
      spec.from.map((each) => now.get(each)?.content),
    )
    const changes = [
      ...(former.param === spec.param ? [] : [`${name} param`]),
      ...(inputsDiffer && !same(former.from, spec.from) ? [`${name} from`] : []),
      ...(former.file === spec.file ? [] : [`${name} file`]),
      ...(former.version === spec.version ? [] : [`${name} code`]),
    ]
    entering.push(...changes)
    if (changes.length === 0) following.push(name)
  }
  return { entering: entering.sort(), following, equal }
}

const words: Partial<Record<Change["_tag"], string>> = {
  ParamChanged: "param",
  Rewired: "from",
  FileChanged: "file",
  PartChanged: "code",
}

const specs = fc.array(
  fc.record({
    keep: fc.boolean(),
    param: fc.nat(2),
    version: fc.nat(1),
    file: fc.option(fc.nat(1)),
    picks: fc.uniqueArray(fc.nat(8), { maxLength: 3 }),
    edit: fc.constantFrom("none", "none", "none", "param", "version", "file", "wires", "drop"),
    other: fc.nat(3),
  }),
  { minLength: 1, maxLength: 8 },
)

/** Two experiments that differ by an edit or two. */
const pairs = specs.map((drafts) => {
  const before: Array<Spec> = []
  const after: Array<Spec> = []
  for (const [index, { param, version, file, picks, edit, other }] of drafts.entries()) {
    const name = `op/n${index}`
    const pick = (from: ReadonlyArray<Spec>, shift: number) =>
      from.length === 0 ? [] : [...new Set(picks.map((each) => from[(each + shift) % from.length]?.name ?? ""))]
    const spec: Spec = { name, param, version, file, from: pick(before, 0) }
    const kept = spec.from.filter((source) => after.some((each) => each.name === source))
    before.push(spec)
    if (edit === "drop") continue
    after.push({
      ...spec,
      ...(edit === "param" ? { param: other } : {}),
      ...(edit === "version" ? { version: other % 2 } : {}),
      ...(edit === "file" ? { file: other === 0 ? null : other } : {}),
      from: edit === "wires" ? pick(after, other) : kept,
    })
  }
  return { before, after }
})

describe("differences of two states", () => {
  for (
    const [what, limit, wired] of [["declared wires", 3, true], ["makers found by content", Infinity, false]] as const
  ) {
    it(`are told where they enter, and only there, with ${what}`, () => {
      fc.assert(
        fc.property(pairs, ({ before, after }) => {
          const found = differencesOf(stateOf(before, limit, wired), stateOf(after, limit, wired), nothing)
          const { entering, following, equal } = expected(before, after, limit)
          const told = found.changed.flatMap(({ change, nodes }) =>
            nodes.map((node) => `${node} ${words[change._tag]}`)
          )
          assert.deepStrictEqual(told.sort(), entering)
          assert.deepStrictEqual(found.following, following)
          assert.deepStrictEqual(found.same, equal)
          assert.deepStrictEqual([found.open, found.unmade, found.otherBytes], [[], [], []])
          // Every node has one place.
          const names = new Set([...before, ...after].map(({ name }) => name))
          const placed = [
            ...found.same,
            ...found.following,
            ...new Set(found.changed.flatMap(({ nodes }) => nodes)),
            ...found.onlyBefore,
            ...found.onlyAfter,
            ...found.renamed.flatMap((pair) => [pair.before, pair.after]),
          ]
          assert.deepStrictEqual(placed.sort(), [...names].sort())
        }),
        { numRuns: 500 },
      )
    })
  }

  it("are none between a state and itself, and the other way round between the same two", () => {
    fc.assert(fc.property(pairs, ({ before, after }) => {
      const [one, other] = [stateOf(before, 3, true), stateOf(after, 3, true)]
      const { same, ...none } = differencesOf(one, one, nothing)
      assert.lengthOf(same, before.length)
      assert.deepStrictEqual(Object.values(none).flat(), [])
      const [there, back] = [differencesOf(one, other, nothing), differencesOf(other, one, nothing)]
      assert.deepStrictEqual(back.onlyBefore, there.onlyAfter)
      assert.deepStrictEqual([...back.same].sort(), [...there.same].sort())
      const places = ({ changed }: typeof there) =>
        changed.flatMap(({ change, nodes }) => nodes.map((node) => `${node} ${change._tag}`))
      assert.deepStrictEqual(places(back).sort(), places(there).sort())
    }))
  })
})

describe("what differs", () => {
  const spec = (name: string, more: Partial<Spec> = {}): Spec => ({
    name,
    param: 0,
    version: 0,
    file: null,
    from: [],
    ...more,
  })
  const of = (before: ReadonlyArray<Spec>, after: ReadonlyArray<Spec>) =>
    differencesOf(stateOf(before, Infinity, true), stateOf(after, Infinity, true), nothing)

  it("is one change at as many nodes as it enters at", () => {
    const nodes = (version: number) =>
      Array.from({ length: 1400 }, (_, index) => spec(`op/n${index}`, { param: index, version }))
    const { changed } = of(nodes(0), nodes(1))
    assert.lengthOf(changed, 1)
    assert.deepStrictEqual(changed[0]?.change, { _tag: "PartChanged", part: "stage.ts: op", change: "changed" })
    assert.lengthOf(changed[0]?.nodes ?? [], 1400)
  })

  it("is a param with what it was and is, and where that is written", () => {
    const found = differencesOf(
      stateOf([spec("op/a")], 3, true),
      stateOf([spec("op/a", { param: 2 })], 3, true),
      (node, path, value) => ({ file: `${node} ${path.join("/")} ${String(value)}`, line: 7 }),
    )
    assert.deepStrictEqual(found.changed, [{
      change: {
        _tag: "ParamChanged",
        path: "inner.param",
        before: 0,
        after: 2,
        origin: { file: "op/a inner/param 2", line: 7 },
      },
      nodes: ["op/a"],
    }])
  })

  it("is a name where the work is the same", () => {
    const found = of([spec("op/a"), spec("op/b", { param: 1 })], [spec("op/a"), spec("op/c", { param: 1 })])
    assert.deepStrictEqual(found.renamed, [{ before: "op/b", after: "op/c" }])
    assert.deepStrictEqual([found.onlyBefore, found.onlyAfter], [[], []])
  })

  it("is which nodes an input comes from", () => {
    const sources = [spec("op/a"), spec("op/b", { param: 1 })]
    const found = of([...sources, spec("op/c", { from: ["op/a"] })], [...sources, spec("op/c", { from: ["op/b"] })])
    assert.deepStrictEqual(found.changed.map(({ change }) => change), [
      { _tag: "Rewired", role: "from", before: 1, after: 1, gone: ["op/a"], come: ["op/b"] },
    ])
    const turned = of(
      [...sources, spec("op/c", { from: ["op/a", "op/b"] })],
      [...sources, spec("op/c", { from: ["op/b", "op/a"] })],
    )
    assert.deepInclude(turned.changed[0]?.change, { _tag: "Rewired", gone: [], come: [] })
  })

  it("is other bytes by the same key", () => {
    const before = stateOf([spec("op/a")], 3, false)
    const [made] = before.values()
    assert.isTrue(made?._tag === "Made")
    if (made?._tag !== "Made") return
    const after: Versions = new Map([["op/a", { ...made, outputs: { values: digestOfValue("test", 1) } }]])
    const found = differencesOf(before, after, nothing)
    assert.deepStrictEqual(found.otherBytes, [{ node: "op/a", outputs: ["values"] }])
    assert.deepStrictEqual(found.same, ["op/a"])
  })

  it("is left open by inputs that are not there, unless the same nodes make them", () => {
    const made = stateOf([spec("op/a"), spec("op/b", { from: ["op/a"] })], 3, true)
    const declare = (key: Digest | undefined, state: Versions, name: string): Version => {
      const made = state.get(name)
      if (made?._tag !== "Made") throw new Error(`${name} was not made`)
      const { preImage, code, wires = new Map() } = made
      return { _tag: "Declared", key, preImage, code, unknown: new Set(key === undefined ? ["from"] : []), wires }
    }
    const edited = stateOf([spec("op/a", { param: 1 }), spec("op/b", { from: ["op/a"] })], 3, true)
    const changed: Versions = new Map([["op/a", declare(digestOf("key"), edited, "op/a")], [
      "op/b",
      declare(undefined, edited, "op/b"),
    ]])
    const found = differencesOf(made, changed, nothing)
    assert.deepStrictEqual([found.changed.map(({ nodes }) => nodes), found.open], [[["op/a"]], ["op/b"]])
    const again = differencesOf(changed, changed, nothing)
    assert.deepStrictEqual([again.same, again.open], [["op/a", "op/b"], []])
  })

  it("is not told of a node that a side did not make", () => {
    const made = stateOf([spec("op/a")], 3, true)
    const found = differencesOf(made, new Map([["op/a", { _tag: "Unmade", why: "failed" }]]), nothing)
    assert.deepStrictEqual(found.unmade, [{ node: "op/a", before: undefined, after: "failed" }])
  })
})
