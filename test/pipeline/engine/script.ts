import * as fc from "fast-check"
import type { Digest } from "../../../pipeline/base/digest.ts"
import type { Harness } from "./harness.ts"
import type { NodeSpec } from "./model.ts"

/** A change of the world or of the store between two runs. Numbers pick a node, a stage or a file, modulo how many. */
export type Edit =
  | { readonly _tag: "Param" | "Version" | "File"; readonly which: number; readonly value: number }
  | { readonly _tag: "LoseFile" | "Break"; readonly which: number }
  | { readonly _tag: Damage; readonly which: number }
  | { readonly _tag: "DeleteHeads" | "Nothing" }

/** What may happen to a record, or to the object that it names. */
export const damages = {
  DeleteObject: { of: "object", isHidden: false, apply: (harness, digest) => harness.deleteObject(digest) },
  TruncateObject: { of: "object", isHidden: false, apply: (harness, digest) => harness.truncateObject(digest) },
  DeleteRecord: { of: "record", isHidden: false, apply: (harness, key) => harness.deleteRecord(key) },
  TearRecord: { of: "record", isHidden: false, apply: (harness, key) => harness.tearRecord(key) },
} as const satisfies Readonly<
  Record<string, {
    readonly of: "object" | "record"
    /** Whether it shows only when the object is read. */
    readonly isHidden: boolean
    readonly apply: (harness: Harness, digest: Digest) => void
  }>
>

export type Damage = keyof typeof damages

/** How the engine is run after the edits. */
export type Way =
  | { readonly _tag: "Alone" }
  /** The run is interrupted after so many events. */
  | { readonly _tag: "Interrupted"; readonly after: number }

/** Edits, then a run. */
export interface Step {
  readonly edits: ReadonlyArray<Edit>
  readonly way: Way
  /** How many actions run at a time. */
  readonly jobs: number
}

/** A graph, and what happens to it. The first step runs it as it is. */
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
      file: fc.option(fc.nat(1), { freq: 2 }),
    }),
    { minLength: 1, maxLength: most, size: "max" },
  ).map((drafts) =>
    drafts.map(({ picks, ...draft }, index) => ({
      ...draft,
      from: index === 0 ? [] : [...new Set(picks.map((pick) => pick % index))],
    }))
  )

/** Graphs of few nodes, in which everything meets everything, as often as large ones. */
const graphs = fc.oneof(graphOf(8), graphOf(60))

const which = fc.nat(200)
const edits: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ _tag: fc.constantFrom("Param", "Version", "File"), which, value: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constantFrom("LoseFile", "Break"), which }) },
  {
    weight: 4,
    arbitrary: fc.record({ _tag: fc.constantFrom(...(Object.keys(damages) as ReadonlyArray<Damage>)), which }),
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constantFrom("DeleteHeads", "Nothing") }) },
)

const ways: fc.Arbitrary<Way> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Way>({ _tag: "Alone" }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Interrupted"), after: fc.integer({ min: 1, max: 100 }) }) },
)

const step = fc.record({
  edits: fc.array(edits, { maxLength: 3 }),
  way: ways,
  jobs: fc.integer({ min: 1, max: 4 }),
})

/** Random graphs of up to 60 nodes and sequences of edits and runs. */
export const scripts: fc.Arbitrary<Script> = fc.record({
  nodes: graphs,
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
})
