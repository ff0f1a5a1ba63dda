import type { Detail, Hidden, Part, RunDetail, SliceScore } from "../../schemas/details.ts"
import type { Lists } from "./lists.ts"
import { byPlace } from "./order.ts"
import { mean } from "./statistics.ts"

/** The means of a part over runs. */
const meanPart = (runs: ReadonlyArray<Hidden>, partOf: (run: Hidden) => Part): Part => ({
  count: mean(runs.map((run) => partOf(run).count)),
  of: mean(runs.map((run) => partOf(run).of)),
})

/** The means of the slices over runs, each of which has all of them; ratios are 0 to 100 here. */
const meanSlices = (runs: ReadonlyArray<Hidden>): ReadonlyArray<SliceScore> =>
  [...Map.groupBy(runs.flatMap(({ slices }) => slices), ({ slice }) => slice)].map(([slice, scores]) => {
    const over = (name: Exclude<keyof SliceScore, "slice">): number => mean(scores.map((score) => score[name]))
    return {
      slice,
      correct: over("correct"),
      predicted: over("predicted"),
      found: over("found"),
      gold: over("gold"),
      precision: 100 * over("precision"),
      recall: 100 * over("recall"),
      f1: 100 * over("f1"),
    }
  })

/** What the strict scores of each cell do not show, the mean over its seeds, in the order of the lists. */
export const meanDetails = (details: ReadonlyArray<RunDetail>, lists: Lists): ReadonlyArray<Detail> =>
  [...Map.groupBy(details, (row) => JSON.stringify([row.model, row.corpus, row.setting, row.protocol])).values()]
    .flatMap((runs): ReadonlyArray<Detail> => {
      const [first] = runs
      if (first === undefined) return []
      const { model, corpus, setting, protocol } = first
      return [{
        model,
        corpus,
        setting,
        protocol,
        runs: runs.length,
        learned: mean(runs.map(({ learned }) => learned)),
        slices: meanSlices(runs),
        absent: meanPart(runs, ({ absent }) => absent),
        absentGold: meanPart(runs, ({ absentGold }) => absentGold),
        malformed: meanPart(runs, ({ malformed }) => malformed),
        malformedDocuments: meanPart(runs, ({ malformedDocuments }) => malformedDocuments),
      }]
    }).toSorted(byPlace(lists))
