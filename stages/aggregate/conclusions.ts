import { isShown } from "./significance.ts"

/** Whether a difference is tested, and if not, why. */
export type Test =
  /** With p after Holm's correction. */
  | { readonly _tag: "Tested"; readonly adjusted: number }
  /** These of the two models were finetuned on data made from the corpus before. */
  | { readonly _tag: "Leaked"; readonly models: ReadonlyArray<string> }
  | { readonly _tag: "NoCommonSeed" }
  /** The counts of validations are in the scores, and how those spread is not known. */
  | { readonly _tag: "Pooled" }

/** What a conclusion is drawn from. */
export interface Finding {
  /** As it is written: "CDR". */
  readonly corpus: string
  readonly setting: string
  readonly base: string
  readonly other: string
  /** F1 of `other` less that of `base`, 0 to 100, and its interval. */
  readonly difference: number
  readonly low: number
  readonly high: number
  readonly test: Test
  /** The seeds that are compared. */
  readonly seeds: ReadonlyArray<number | null>
  /** Whether a model has other seeds too. */
  readonly moreSeeds: boolean
  /** Models that are compared although they were finetuned on data made from the corpus before. */
  readonly leaking: ReadonlyArray<string>
}

/** One place after the point, or as many as it takes to show that it is not 0. */
export const points = (value: number): string =>
  (value === 0 || Math.abs(value) >= 0.05 ? value.toFixed(1) : Number(value.toPrecision(1)).toString())
    .replace("-", "\u2212")

export const probability = (p: number): string => (p < 0.001 ? "p < 0.001" : `p = ${Number(p.toPrecision(2))}`)

/** "16 shots of CDR, mean of 5 seeds". */
const settingOf = ({ corpus, setting, seeds, moreSeeds }: Finding): string => {
  const documents = setting === "full" ? `all of ${corpus}` : `${setting} shots of ${corpus}`
  const numbers = seeds.filter((seed) => seed !== null)
  if (numbers.length === 0) return `${documents} (one run each)`
  const runs = numbers.length === 1 ? `seed ${numbers[0]}` : `mean of ${numbers.length} seeds`
  return `${documents} (${runs}${moreSeeds ? ", those that both have" : ""})`
}

const dataOf = ({ corpus }: Finding, models: ReadonlyArray<string>): string =>
  `${models.join(" and ")} had been finetuned on data made from ${corpus} before`

/** What a comparison supports, in one sentence; a better model is named only if the test and the interval agree. */
export const conclude = (finding: Finding): string => {
  const { base, other, difference, low, high, test, leaking } = finding
  const start = `Finetuned on ${settingOf(finding)}`
  const interval = `95% interval ${points(low)} to ${points(high)}`
  const signed = `${other} less ${base} is ${points(difference)} points of F1`
  if (test._tag === "Leaked") {
    return `${start}, ${signed} (${interval}), which is not tested and says nothing of the models: ${
      dataOf(finding, test.models)
    }.`
  }
  if (test._tag === "NoCommonSeed") {
    return `${start}, ${signed} (${interval}), which is not tested: the two have no seed in common.`
  }
  if (test._tag === "Pooled") {
    return `${start}, ${signed}, which is not tested: the counts of validations are pooled with those of the test set.`
  }
  const caveat = leaking.length === 0 ? "" : `, but ${dataOf(finding, leaking)}`
  const corrected = `${probability(test.adjusted)} after Holm's correction`
  if (!isShown({ adjusted: test.adjusted, low, high })) {
    return `${start}, no difference is shown: ${signed} (${interval}; ${corrected})${caveat}.`
  }
  const [best, worst, from, to] = difference > 0 ? [other, base, low, high] : [base, other, -high, -low]
  return `${start}, ${best} is better than ${worst} by ${points(Math.abs(difference))} points of F1 `
    + `(95% interval ${points(from)} to ${points(to)}; ${corrected})${caveat}.`
}
