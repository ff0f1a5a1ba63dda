import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { InputError } from "../../../../pipeline/base/errors.ts"
import { selectNodes } from "../../../../pipeline/graph/select.ts"
import { type State, states } from "../../../../pipeline/graph/selection/expression.ts"
import { type Given, graphOf, type Places } from "./graphs.ts"
import { type Made, obvious, written } from "./obvious.ts"

const stages = ["a", "b", "c"]
const labels = ["x", "y", "x-y"]

/** Where nodes were declared: in their order, or back to front with others between them, or nobody knows of some or all. */
const places = fc.constantFrom<Places>(
  (index) => index,
  (index) => 100 - 2 * index,
  (index) => index % 3 === 0 ? undefined : index,
  () => undefined,
)

/** Up to twelve nodes in random order, each wired to some before it, with states of their own. */
const graphs = fc.tuple(
  fc.array(
    fc.record({
      stage: fc.constantFrom(...stages),
      label: fc.constantFrom(...labels),
      end: fc.option(fc.constantFrom(...labels), { nil: undefined }),
      from: fc.array(fc.nat(11), { maxLength: 3 }),
      states: fc.subarray(Object.keys(states) as ReadonlyArray<State> as Array<State>),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  places,
).map(([drawn, placed]) => {
  const given = new Map<string, Given & { readonly states: ReadonlySet<State> }>()
  for (const { stage, label, end, from, states } of drawn) {
    const name = [stage, label, ...(end === undefined ? [] : [end])].join("/")
    if (given.has(name)) continue
    const before = [...given.keys()]
    given.set(name, {
      name,
      from: before.length === 0 ? [] : from.map((each) => before[each % before.length] ?? ""),
      states: new Set(states),
    })
  }
  return {
    graph: graphOf(given.values(), undefined, placed),
    stands: (name: string) => given.get(name)?.states ?? new Set<State>(),
  }
})

const edges = fc.option(fc.constantFrom(-1, 0, 1, 2), { nil: undefined })
const terms: fc.Arbitrary<Made> = fc.record({
  pick: fc.oneof(
    fc.record({
      name: fc.array(fc.constantFrom("*", ...labels), { maxLength: 2 }).chain((rest) =>
        fc.constantFrom("*", ...stages).map((stage) => [stage, ...rest].join("/"))
      ),
    }),
    fc.record({ stage: fc.constantFrom(...stages) }),
    fc.record({ state: fc.constantFrom(...Object.keys(states) as ReadonlyArray<State>) }),
  ),
  at: fc.boolean(),
  up: edges,
  down: edges,
})
/** A union of intersections. */
const expressions = fc.array(fc.array(terms, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })

const meetsAll = (sets: ReadonlyArray<ReadonlySet<string>>, name: string): boolean => sets.every((set) => set.has(name))

describe("selectors, compared with a slow and plain reading", () => {
  it("select the same, or say that a part selects nothing", () => {
    fc.assert(
      fc.property(graphs, expressions, fc.option(expressions, { nil: [] }), ({ graph, stands }, include, exclude) => {
        const read = (union: typeof include) =>
          union.map((terms) => {
            const sets = terms.map((term) => obvious(graph, stands, term))
            const names = [...graph.nodes.keys()].filter((name) => meetsAll(sets, name))
            return { names, isMistake: names.length === 0 && terms.every(({ pick }) => !("state" in pick)) }
          })
        const [wanted, unwanted] = [read(include), read(exclude)]
        const text = (union: typeof include) => union.map((terms) => terms.map(written).join(",")).join(" ")
        const selection = { include: [text(include)], exclude: exclude.length === 0 ? [] : [text(exclude)] }
        const select = () => [...selectNodes(graph, selection, { state: stands })]
        if ([...wanted, ...unwanted].some(({ isMistake }) => isMistake)) {
          assert.throws(select, InputError)
          return
        }
        const excluded = new Set(unwanted.flatMap(({ names }) => names))
        const included = new Set(wanted.flatMap(({ names }) => names))
        assert.deepStrictEqual(
          select(),
          [...graph.nodes.keys()].filter((name) => included.has(name) && !excluded.has(name)),
        )
      }),
      { numRuns: 2000 },
    )
  })

  it("in several arguments select the same as in one with spaces", () => {
    fc.assert(
      fc.property(graphs, expressions, ({ graph, stands }, include) => {
        const union = include.map((terms) => terms.map(written).join(","))
        const names = (selectors: ReadonlyArray<string>) => {
          try {
            return [...selectNodes(graph, { include: selectors, exclude: [] }, { state: stands })]
          } catch (error) {
            assert.instanceOf(error, InputError)
            return "nothing"
          }
        }
        assert.deepStrictEqual(names(union), names([`  ${union.join("   ")} `]))
      }),
      { numRuns: 500 },
    )
  })
})
