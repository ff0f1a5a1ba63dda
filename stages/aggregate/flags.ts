import { leaks } from "../../experiment/leaks.ts"
import type { Flag } from "../../schemas/results.ts"
import type { Cell } from "./cells.ts"

/** Whether a model was finetuned on data made from a corpus before the experiment. */
export const leaked = (model: string, corpus: string): boolean => leaks[model]?.includes(corpus) ?? false

/** What a reader of a cell's numbers should know, where a cell of few shots should have so many seeds. */
export const flagsOf = ({ model, corpus, setting, runs }: Cell, seeds: number): ReadonlyArray<Flag> => [
  ...(leaked(model, corpus) ? ["leakage" as const] : []),
  ...(setting !== "full" && runs.length < seeds ? ["few seeds" as const] : []),
  ...(runs.some(({ outcomes }) => outcomes.some(({ sourceTruncated }) => sourceTruncated))
    ? ["truncated sources" as const]
    : []),
  ...(runs.some(({ outcomes }) => outcomes.some(({ finished }) => !finished)) ? ["cut outputs" as const] : []),
]
