import type { Detail, Hidden, MeanSliceScore, Part, RunDetail, SliceScore } from "../../schemas/details.ts"
import type { Lists } from "./lists.ts"
import { byPlace } from "./order.ts"
import { mean } from "./statistics.ts"

/** The means of a part over runs. */
const meanPart = (runs: ReadonlyArray<Hidden>, partOf: (run: Hidden) => Part): Part => ({
  count: mean(runs.map((run) => partOf(run).count)),
  of: mean(runs.map((run) => partOf(run).of)),
})

/**
 * The means of the slices over runs; ratios are 0 to 100 here.
 *
 * A ratio of nothing is no ratio: precision is the mean over the runs that predicted something in the slice, recall
 * over those that have gold relations in it, F1 over those that have either. It is 0 where there are none.
 */
const meanSlices = (runs: ReadonlyArray<Hidden>): ReadonlyArray<MeanSliceScore> =>
  [...Map.groupBy(runs.flatMap(({ slices }) => slices), ({ slice }) => slice)].map(([slice, scores]) => {
    type Name = Exclude<keyof SliceScore, "slice">
    const over = (name: Name): number => mean(scores.map((score) => score[name]))
    const ratio = (name: Name, has: (score: SliceScore) => boolean): number => {
      const having = scores.filter(has)
      return having.length === 0 ? 0 : 100 * mean(having.map((score) => score[name]))
    }
    const isThere = ({ gold, predicted }: SliceScore): boolean => gold + predicted > 0
    return {
      slice,
      correct: over("correct"),
      predicted: over("predicted"),
      found: over("found"),
      gold: over("gold"),
      precision: ratio("precision", ({ predicted }) => predicted > 0),
      recall: ratio("recall", ({ gold }) => gold > 0),
      f1: ratio("f1", isThere),
      runs: scores.filter(isThere).length,
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
