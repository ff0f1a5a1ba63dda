import type { Flag } from "../../schemas/results.ts"
import { type Warning, WarningKind } from "../../schemas/warnings.ts"
import type { Cell } from "./cells.ts"
import { isLeaked, type Lists } from "./lists.ts"

/** What a reader of a cell's numbers should know, where a cell of few shots should have so many seeds. */
export const flagsOf = (
  { model, corpus, setting, runs }: Cell,
  { lists, seeds, warnings }: {
    readonly lists: Pick<Lists, "models">
    readonly seeds: number
    readonly warnings: ReadonlyArray<Warning>
  },
): ReadonlyArray<Flag> => [
  ...(isLeaked(lists, model, corpus) ? ["leakage" as const] : []),
  ...(setting !== "full" && runs.length < seeds ? ["few seeds" as const] : []),
  ...(runs.some(({ outcomes }) => outcomes.some(({ sourceTruncated }) => sourceTruncated))
    ? ["truncated sources" as const]
    : []),
  ...(runs.some(({ outcomes }) => outcomes.some(({ finished }) => !finished)) ? ["cut outputs" as const] : []),
  ...WarningKind.literals.filter((kind) =>
    warnings.some((warning) => warning.corpus === corpus && warning.kind === kind)
  ),
]
