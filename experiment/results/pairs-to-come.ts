import { counted } from "redag"
import { corpora, corpusTitle } from "../corpora.ts"
import { demoPairs, type Pair, paperPairs } from "../pairs.ts"
import { settings } from "../settings.ts"
import { type AbsentRun, whyOf } from "./absent.ts"
import { headingOf, mainRows, type Place } from "./layout.ts"
import type { ResultTables } from "./tables.ts"

/** A pair of models that is not compared on a corpus and setting, for there is no number of one of them, or of both. */
export interface PairToCome extends Pair {
  readonly corpus: string
  readonly setting: string
  readonly without: ReadonlyArray<{ readonly model: string; readonly why: string }>
}

/** The pairs that are to be compared once their models have numbers, in the order of the paper's figures. */
export const pairsToCome = (
  { results }: Pick<ResultTables, "results">,
  absent: ReadonlyArray<AbsentRun>,
): ReadonlyArray<PairToCome> => {
  const rows = mainRows(results)
  return [...paperPairs, ...demoPairs].flatMap((pair) =>
    corpora.flatMap(({ id: corpus }) =>
      settings.flatMap(({ id: setting }): ReadonlyArray<PairToCome> => {
        const states = [pair.base, pair.other].map((model) => {
          const isHere = (run: Place): boolean =>
            run.model === model && run.corpus === corpus && run.setting === setting
          return { model, has: rows.some(isHere), reason: absent.find(isHere)?.reason }
        })
        // A model that the profile does not run there is in no pair.
        const isPlanned = states.every(({ has, reason }) => has || reason !== undefined)
        const without = states.flatMap(({ model, has, reason }) =>
          has || reason === undefined ? [] : [{ model, why: whyOf(reason) }]
        )
        return isPlanned && without.length > 0 ? [{ ...pair, corpus, setting, without }] : []
      })
    )
  )
}

/** The figure of the paper that a pair belongs to. */
export const figureOfPair = ({ question, setting }: PairToCome): number =>
  (question === "domain" ? 2 : 4) + (setting === "full" ? 0 : 1)

/** Up to this many pairs are named. */
const most = 4

/**
 * The places of each pair: "BioGPT − GPT-2-Medium", "CDR full, DDI full"; of many pairs the first, and a count. Two
 * models that are a pair for either question are one, in the order of the first.
 */
const placesOf = (pairs: ReadonlyArray<PairToCome>) => {
  const names = new Map<string, string>()
  const places = new Map<string, Map<string, PairToCome>>()
  for (const pair of pairs) {
    const { base, other, corpus, setting } = pair
    const key = JSON.stringify([base, other].toSorted())
    const name = names.get(key) ?? `${other} − ${base}`
    names.set(key, name)
    places.set(name, (places.get(name) ?? new Map<string, PairToCome>()).set(`${corpus}/${setting}`, pair))
  }
  const own = [...places].map(([name, all]) => [name, [...all.values()]] as const)
  const shown = own.slice(0, own.length > most ? most - 1 : most)
  return {
    shown: shown.map(([name, places]) => ({
      name,
      places: [...Map.groupBy(places, ({ corpus }) => corpus)].map(([corpus, all]) =>
        // A corpus with one setting is named alone, as in the table.
        all.every((place) => headingOf(place) === corpusTitle(corpus))
          ? corpusTitle(corpus)
          : `${corpusTitle(corpus)} ${all.map(({ setting }) => setting).join("/")}`
      ).join(", "),
    })),
    more: own.length - shown.length,
  }
}

/** What is said of pairs that are not compared yet. */
const heading = "Not compared, as a model has no number yet"

/** "Not compared, as a model has no number yet: BioGPT − GPT-2-Medium (CDR full, DDI full)." */
export const toComeSentence = (pairs: ReadonlyArray<PairToCome>): string => {
  const { shown, more } = placesOf(pairs)
  return `${heading}: ${shown.map(({ name, places }) => `${name} (${places})`).join("; ")}${
    more === 0 ? "" : ` and ${counted(more, "more pair")}`
  }.`
}

/** The same in lines, of all pairs. */
export const toComeLines = (pairs: ReadonlyArray<PairToCome>): ReadonlyArray<string> => {
  if (pairs.length === 0) return []
  const { shown, more } = placesOf(pairs)
  return [
    `${heading}:`,
    ...shown.map(({ name, places }) => `  ${name}: ${places}`),
    ...(more === 0 ? [] : [`  and ${counted(more, "more pair")}`]),
  ]
}
