import type { Lists } from "./lists.ts"

type Compare<A> = (a: A, b: A) => number

/** By code units, which no locale changes. */
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** In the order of a list; what the list does not have comes after, by name. */
export const listed = (names: ReadonlyArray<string>): Compare<string> => {
  const ranks = new Map(names.map((name, rank) => [name, rank]))
  const rank = (name: string): number => ranks.get(name) ?? names.length
  return (a, b) => rank(a) - rank(b) || byName(a, b)
}

/** What the places of the results are made of; a table need not have all of it. */
interface Placed {
  readonly model: string
  readonly corpus: string
  readonly setting: string
  readonly protocol: string
  readonly measure?: string
  readonly label?: string
}

/** The order of rows: that of the experiment's lists, then of measure and label. */
export const byPlace = ({ models, corpora, settings, protocols }: Lists): Compare<Placed> => {
  const byModel = listed(models.map(({ name }) => name))
  const byCorpus = listed(corpora.map(({ id }) => id))
  const bySetting = listed(settings)
  const byProtocol = listed(protocols)
  const byMeasure = listed(["strict"])
  const byLabel = listed(["micro", "macro"])
  return (a, b) =>
    byModel(a.model, b.model)
    || byCorpus(a.corpus, b.corpus)
    || bySetting(a.setting, b.setting)
    || byProtocol(a.protocol, b.protocol)
    || byMeasure(a.measure ?? "", b.measure ?? "")
    || byLabel(a.label ?? "", b.label ?? "")
}
