import type { Comparison } from "../../schemas/comparisons.ts"
import type { Result } from "../../schemas/results.ts"
import { corpusIdsIn, corpusTitle } from "../corpora.ts"
import { findModel } from "../models.ts"
import { settings, settingTitle } from "../settings.ts"
import { absentRuns, type WithAbsent } from "./absent.ts"
import { mainRows } from "./layout.ts"
import { figureOfPair, pairsToCome, type PairToCome, toComeSentence } from "./pairs-to-come.ts"
import type { ResultTables } from "./tables.ts"
import { untested, untestedMeaning } from "./words.ts"

/** The numbers of the paper's figures. */
export const figureNumbers = [2, 3, 4, 5] as const
export type FigureNumber = (typeof figureNumbers)[number]

/** One bar: a model's F1 with its interval. */
export interface Bar {
  readonly model: string
  readonly f1: number
  readonly low: number | null
  readonly high: number | null
}

/** The two bars of a pair, and how they compare. */
export interface PairOfBars {
  readonly base: Bar
  readonly other: Bar
  readonly comparison: Comparison
}

/** The pairs on one corpus with one amount of examples. */
export interface Panel {
  readonly id: string
  readonly title: string
  readonly pairs: ReadonlyArray<PairOfBars>
}

/** One of the paper's figures. */
export interface Figure {
  readonly number: FigureNumber
  readonly title: string
  /** What the bars of either kind are. */
  readonly base: string
  readonly other: string
  readonly caption: string
  readonly panels: ReadonlyArray<Panel>
  /** The pairs that it will have once their models have numbers. */
  readonly toCome: ReadonlyArray<PairToCome>
}

/** What stands in a figure without pairs. */
export const withoutPairs = ({ toCome }: Pick<Figure, "toCome">): string =>
  toCome.length === 0
    ? "No pairs of models: the figure compares none of those in this table."
    : toComeSentence(toCome)

const subjects: Readonly<Record<FigureNumber, { readonly domain: boolean; readonly fewShot: boolean }>> = {
  2: { domain: true, fewShot: false },
  3: { domain: true, fewShot: true },
  4: { domain: false, fewShot: false },
  5: { domain: false, fewShot: true },
}

/** Whether models are those of the paper, of which is known what they were pretrained and finetuned on. */
export const arePublished = (comparisons: ReadonlyArray<Comparison>): boolean =>
  comparisons.every(({ base, other }) => findModel(base) !== undefined && findModel(other) !== undefined)

/** What is to be said of pairs of other models. */
export const standIns = "These models are not the paper's: their pairs stand in for its pairs, to show the method."

/** A figure of the paper, from the comparisons that belong to it. */
export const figureOf = (number: FigureNumber, tables: ResultTables, provenance: WithAbsent): Figure => {
  const { results, comparisons } = tables
  const toCome = pairsToCome(tables, absentRuns(provenance)).filter((pair) => figureOfPair(pair) === number)
  const own = comparisons.filter(({ figure }) => figure === number)
  const rows = mainRows(results)
  const { domain, fewShot } = subjects[number]
  const asPublished = arePublished(own)
  const names = (role: "base" | "other"): string => [...new Set(own.map((each) => each[role]))].join(", ")
  const [base, other] = asPublished
    ? domain
      ? ["general-domain pretraining", "biomedical pretraining"]
      : ["not instruction-finetuned", "instruction-finetuned"]
    : [names("base"), names("other")]
  const question = domain
    ? "biomedical against general-domain pretraining"
    : "instruction-finetuned against base models"
  const panels = corpusIdsIn(own).flatMap((corpus) =>
    settings.flatMap(({ id: setting }): ReadonlyArray<Panel> => {
      const here = own.filter((each) => each.corpus === corpus && each.setting === setting)
      return here.length === 0 ? [] : [{
        id: `figure${number}-${corpus}-${setting}`,
        title: fewShot ? `${corpusTitle(corpus)}, ${settingTitle(setting)}` : corpusTitle(corpus),
        pairs: here.map((comparison) => ({
          base: barOf(rows, comparison, "base"),
          other: barOf(rows, comparison, "other"),
          comparison,
        })),
      }]
    })
  )
  return {
    number,
    title: `Figure ${number}. ${fewShot ? "Few-shot" : "Full"} finetuning: ${question}`,
    base,
    other,
    caption: [
      "F1 in percent on the test set.",
      ...(panels.some(({ pairs }) => pairs.some((pair) => pair.base.low !== null || pair.other.low !== null))
        ? ["Lines across the ends of bars are 95% bootstrap intervals over documents."]
        : []),
      "On the right, the difference within each pair; * where it is significant after Holm's correction and its interval leaves out 0.",
      ...(own.some(({ adjusted }) => adjusted === null)
        ? [`${untested}: ${untestedMeaning}.`]
        : []),
      ...(asPublished
        ? []
        : [standIns]),
      ...(toCome.length === 0 ? [] : [toComeSentence(toCome)]),
    ].join(" "),
    panels,
    toCome,
  }
}

/** The figures that comparisons belong to. */
export const figures = (
  comparisons: ReadonlyArray<Comparison>,
): ReadonlyArray<{ readonly number: FigureNumber; readonly comparisons: ReadonlyArray<Comparison> }> =>
  figureNumbers.flatMap((number) => {
    const own = comparisons.filter(({ figure }) => figure === number)
    return own.length === 0 ? [] : [{ number, comparisons: own }]
  })

const barOf = (rows: ReadonlyArray<Result>, comparison: Comparison, role: "base" | "other"): Bar => {
  const { corpus, setting } = comparison
  const model = comparison[role]
  const row = rows.find((each) => each.model === model && each.corpus === corpus && each.setting === setting)
  const f1 = role === "base" ? comparison.baseF1 : comparison.otherF1
  // The row is of all seeds; its interval says nothing of a bar that is of fewer.
  const same = row !== undefined && Math.abs(row.f1 - f1) < 1e-6
  return { model, f1, low: same ? row.low : null, high: same ? row.high : null }
}
