import type { Flag } from "../../schemas/results.ts"
import { ScoreFlag } from "../../schemas/scores.ts"
import type { Cell } from "./cells.ts"
import { isLeaked, type Lists, sourceOf } from "./lists.ts"

/** What a reader of a cell's numbers should know, where a cell of few shots should have so many seeds. */
export const flagsOf = (
  { model, corpus, setting, runs }: Cell,
  { lists, seeds }: { readonly lists: Pick<Lists, "models">; readonly seeds: number },
): ReadonlyArray<Flag> => [
  ...(isLeaked(lists, model, corpus) ? ["leakage" as const] : []),
  ...(setting !== "full" && runs.length < seeds && sourceOf(lists, model) !== "predictions"
    ? ["few seeds" as const]
    : []),
  ...(runs.some(({ outcomes }) => outcomes.some(({ sourceTruncated }) => sourceTruncated))
    ? ["truncated sources" as const]
    : []),
  ...(runs.some(({ outcomes }) => outcomes.some(({ finished }) => !finished)) ? ["cut outputs" as const] : []),
  // What its runs were made of counts, which may be older than what there is now.
  ...ScoreFlag.literals.filter((kind) =>
    runs.some(({ scores }) => [...scores.values()].some(({ flags }) => flags.includes(kind)))
  ),
]
