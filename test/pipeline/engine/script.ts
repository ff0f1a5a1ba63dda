import * as fc from "fast-check"
import type { Digest } from "../../../pipeline/base/digest.ts"
import type { Harness } from "./harness.ts"
import type { NodeSpec } from "./model.ts"

/** A change of the world or of the store between two runs. Numbers pick a node, a stage or a file, modulo how many. */
export type Edit =
  | { readonly _tag: "Param" | "Version" | "File"; readonly which: number; readonly value: number }
  /** FlipInput: what a node reads is damaged without a sign, and the node has another param, so that it reads that. */
  | { readonly _tag: "LoseFile" | "Break" | "Accept" | "FlipInput"; readonly which: number }
  | { readonly _tag: Damage; readonly which: number }
  | { readonly _tag: "DeleteHeads" | "FlipHeads" | "Nothing" }

/** What may happen to a record, or to the object that it names. */
export const damages = {
  DeleteObject: { of: "object", apply: (harness, digest) => harness.deleteObject(digest) },
  TruncateObject: { of: "object", apply: (harness, digest) => harness.truncateObject(digest) },
  /** The object keeps its size; reading it, as a user who looks at it does, shows that it is damaged. */
  FlipAndShowObject: {
    of: "object",
    apply: async (harness, digest) => {
      harness.flipObject(digest)
      await harness.value(digest)
    },
  },
  /** The object keeps its size; what needs it in the next run is the first to find that it is damaged. */
  FlipObject: { of: "hidden object", apply: (harness, digest) => harness.flipObject(digest) },
  DeleteRecord: { of: "record", apply: (harness, key) => harness.deleteRecord(key) },
  TearRecord: { of: "record", apply: (harness, key) => harness.tearRecord(key) },
  FlipRecord: { of: "record", apply: (harness, key) => harness.flipRecord(key) },
  /** In its place stands the record of another action. */
  SwapRecord: { of: "record", apply: (harness, key) => harness.swapRecord(key) },
} as const satisfies Readonly<
  Record<string, {
    readonly of: "object" | "hidden object" | "record"
    readonly apply: (harness: Harness, digest: Digest) => void | Promise<void>
  }>
>

export type Damage = keyof typeof damages

/** One run of the engine. */
export interface Run {
  /** How many actions run at a time. */
  readonly jobs: number
  /** After how many events for each node, of which there are two or three, it is interrupted; null lets it go on. */
  readonly after: number | null
  /** Whether other nodes still run after a failure. */
  readonly keepGoing: boolean
  /** A param that this run sees otherwise than those at the same time. */
  readonly param: { readonly which: number; readonly value: number } | null
}

/** Edits, then one run or several at once. */
export interface Step {
  readonly edits: ReadonlyArray<Edit>
  readonly runs: readonly [Run, ...ReadonlyArray<Run>]
  /** Nodes that the run executes whatever changed, and those that it leaves as they are. */
  readonly forced: ReadonlyArray<number>
  readonly frozen: ReadonlyArray<number>
}

/** A graph, and what happens to it: the first step meets an empty store. */
export interface Script {
  readonly nodes: ReadonlyArray<NodeSpec>
  readonly steps: ReadonlyArray<Step>
}

const graphOf = (most: number): fc.Arbitrary<ReadonlyArray<NodeSpec>> =>
  fc.array(
    fc.record({
      stage: fc.nat(2),
      add: fc.nat(2),
      tag: fc.nat(1),
      picks: fc.uniqueArray(fc.nat(most), { maxLength: 3 }),
      others: fc.oneof(fc.constant<Array<number>>([]), fc.uniqueArray(fc.nat(most), { maxLength: 4 })),
      file: fc.option(fc.nat(1), { freq: 2 }),
    }),
    { minLength: 1, maxLength: most, size: "max" },
  ).map((drafts) =>
    drafts.map(({ picks, others, ...draft }, index) => {
      const before = (numbers: ReadonlyArray<number>) =>
        index === 0 ? [] : [...new Set(numbers.map((each) => each % index))]
      return { ...draft, from: before(picks), any: before(others) }
    })
  )

/** Graphs of few nodes, in which everything meets everything, as often as large ones. */
const graphs = fc.oneof(graphOf(8), graphOf(60))

const which = fc.nat(200)
const edits: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ _tag: fc.constantFrom("Param", "Version", "File"), which, value: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constantFrom("LoseFile", "Break", "Accept", "FlipInput"), which }) },
  {
    weight: 4,
    arbitrary: fc.record({ _tag: fc.constantFrom(...(Object.keys(damages) as ReadonlyArray<Damage>)), which }),
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constantFrom("DeleteHeads", "FlipHeads", "Nothing") }) },
)

const jobs = fc.integer({ min: 1, max: 4 })
const after = fc.double({ min: 0, max: 1.5, noNaN: true })
const keepGoing = fc.boolean()
const whole: fc.Arbitrary<Run> = fc.record({ jobs, keepGoing, after: fc.constant(null), param: fc.constant(null) })
const interrupted: fc.Arbitrary<Run> = fc.record({ jobs, keepGoing, after, param: fc.constant(null) })
/** One of several at once; each second one is another version of the experiment. */
const oneOfMany: fc.Arbitrary<Run> = fc.record({
  jobs,
  keepGoing: fc.constant(true),
  after: fc.option(after, { nil: null, freq: 3 }),
  param: fc.option(fc.record({ which, value: fc.nat(2) }), { nil: null }),
})

const alone = (run: fc.Arbitrary<Run>): fc.Arbitrary<Step["runs"]> => run.map((each) => [each])
const none = fc.constant<ReadonlyArray<number>>([])
const some = fc.oneof(none, fc.array(which, { maxLength: 3 }))
const someEdits = fc.array(edits, { maxLength: 3 })
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ edits: someEdits, runs: alone(whole), forced: none, frozen: none }) },
  { weight: 2, arbitrary: fc.record({ edits: someEdits, runs: alone(interrupted), forced: some, frozen: some }) },
  {
    weight: 1,
    arbitrary: fc.record({
      edits: someEdits,
      runs: alone(whole),
      forced: some,
      frozen: some,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      edits: someEdits,
      runs: fc.tuple(oneOfMany, oneOfMany, fc.option(oneOfMany, { nil: undefined })).map(
        ([first, ...others]): Step["runs"] => [first, ...others.filter((each) => each !== undefined)],
      ),
      forced: none,
      frozen: none,
    }),
  },
)

/** Random graphs of up to 60 nodes and sequences of edits and runs. */
export const scripts: fc.Arbitrary<Script> = fc.record({
  nodes: graphs,
  steps: fc.array(steps, { minLength: 1, maxLength: 6 }),
})

/** Graphs of many nodes, of which each run but the first finds few changed. */
export const smallEdits: fc.Arbitrary<Script> = fc.record({
  nodes: fc.array(
    fc.record({
      stage: fc.nat(2),
      add: fc.nat(2),
      tag: fc.nat(9),
      pick: fc.nat(60),
      isFirst: fc.boolean(),
      file: fc.option(fc.nat(1), { freq: 2 }),
    }),
    { minLength: 20, maxLength: 40 },
  ).map((drafts) =>
    drafts.map(({ pick, isFirst, ...draft }, index) => {
      const before = index === 0 || isFirst ? [] : [pick % index]
      return { ...draft, from: before, any: index % 7 === 6 ? [index - 1] : [] }
    })
  ),
  steps: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ _tag: fc.constant("Param" as const), which, value: fc.nat(2) }) },
      {
        weight: 1,
        arbitrary: fc.record({ _tag: fc.constantFrom("Version" as const, "File" as const), which, value: fc.nat(2) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          _tag: fc.constantFrom("DeleteObject", "TruncateObject", "DeleteRecord", "TearRecord", "SwapRecord"),
          which,
        }),
      },
      { weight: 1, arbitrary: fc.record({ _tag: fc.constantFrom("DeleteHeads" as const, "Nothing" as const) }) },
    ).map((edit): Step => ({
      edits: [edit],
      runs: [{ jobs: 2, keepGoing: true, after: null, param: null }],
      forced: [],
      frozen: [],
    })),
    { minLength: 6, maxLength: 8 },
  ).map((steps): Script["steps"] => [nothing, ...steps]),
})

/** A run of all that there is at first. */
const nothing: Step = {
  edits: [],
  runs: [{ jobs: 2, keepGoing: true, after: null, param: null }],
  forced: [],
  frozen: [],
}
