import { type ErrorCount } from "../../schemas/errors.ts"
import { ErrorKind } from "../../schemas/outcomes.ts"
import type { Cell } from "./cells.ts"

/** How often each kind of mistake was made in a cell, the mean over seeds. */
export const errorCounts = ({ model, corpus, setting, protocol, runs }: Cell): ReadonlyArray<ErrorCount> => {
  const counts = new Map<string, number>()
  for (const { outcomes } of runs) {
    for (const { mistakes } of outcomes) {
      for (const { kind } of mistakes) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
  }
  return ErrorKind.literals.map((kind) => ({
    model,
    corpus,
    setting,
    protocol,
    kind,
    count: (counts.get(kind) ?? 0) / runs.length,
  }))
}
