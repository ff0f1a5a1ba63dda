import { TestRunner } from "vitest"

/** The tables that `npm run test:engine` prints, in their order. */
export const titles = {
  rows: "Every case, and the test that is named after it",
  flips: "Bit flips: found, used, healed",
  runs: "Eight runs at once on one store, three of them killed",
  sweep: "Crash sweep: a fault at every file-system call",
  model: "Random sequences against the pure model",
  gc: "Garbage collection: what was named, what was removed",
  overhead: "Cost of a node",
} as const

/** One line of a table. */
export interface Line {
  readonly table: keyof typeof titles
  /** What was done. */
  readonly what: string
  /** What was counted, with numbers. */
  readonly counted: string
  readonly result: string
}

declare module "vitest" {
  interface TaskMeta {
    /** Lines for the tables of `npm run test:engine`. */
    lines?: Array<Line>
  }
}

/** Adds a line to one of the tables that `npm run test:engine` prints at its end. Call it within a test. */
export const show = (table: Line["table"], what: string, counted: string, result: string): void => {
  const test = TestRunner.getCurrentTest()
  if (test === undefined) throw new Error("a line of a table is that of a test")
  const { meta } = test
  meta.lines = [...meta.lines ?? [], { table, what, counted, result }]
}
