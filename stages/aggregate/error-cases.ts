import { createHash } from "node:crypto"
import { InputError } from "redag"
import type { ErrorCase } from "../../schemas/errors.ts"
import type { Example } from "../../schemas/examples.ts"
import { ErrorKind, type Mistake } from "../../schemas/outcomes.ts"
import type { Cell } from "./cells.ts"
import type { Lists } from "./lists.ts"
import { noExamples } from "./messages.ts"
import { listed } from "./order.ts"

/** Cases of each kind that are shown for a model on a corpus. */
const casesPerKind = 3

/** A document and a random number of its own. */
interface Placed {
  readonly document: string
  readonly key: number
}

/** Documents in an order that only the seed and the corpus decide. */
const shuffled = (documents: Iterable<string>, seed: number, corpus: string): ReadonlyArray<Placed> =>
  Array.from(documents, (document) => ({
    document,
    key: createHash("sha256").update(JSON.stringify([seed, corpus, document])).digest().readUIntBE(0, 6),
  })).toSorted((a, b) => a.key - b.key)

/** The largest setting of each model, corpus and protocol. */
const largest = (cells: ReadonlyArray<Cell>, settings: Lists["settings"]): ReadonlyArray<Cell> => {
  const bySetting = listed(settings)
  const groups = Map.groupBy(cells, ({ model, corpus, protocol }) => [model, corpus, protocol].join("\0"))
  return [...groups.values()].flatMap((group) => group.toSorted((a, b) => bySetting(b.setting, a.setting)).slice(0, 1))
}

/** One mistake of each document in turn, whichever; then, if there are too few, another one of each. */
const choose = (
  order: ReadonlyArray<Placed>,
  mistakesOf: (document: string) => ReadonlyArray<Mistake>,
): ReadonlyArray<{ readonly document: string; readonly mistake: Mistake }> => {
  const all = order.map(({ document, key }) => ({ document, key, mistakes: mistakesOf(document) }))
  return Array.from({ length: casesPerKind }, (_, round) =>
    all.flatMap(({ document, key, mistakes }) => {
      const mistake = round < mistakes.length ? mistakes[(key + round) % mistakes.length] : undefined
      return mistake === undefined ? [] : [{ document, mistake }]
    })).flat().slice(0, casesPerKind)
}

/**
 * Some mistakes of each kind for each model and corpus, with what the model read: of its largest setting and first seed.
 *
 * The order of documents is random and the same for all models and kinds: what stands side by side is often about the
 * same text, and nothing is there for where it stands in the corpus.
 */
export const casesOf = (
  cells: ReadonlyArray<Cell>,
  examples: ReadonlyArray<ReadonlyArray<Example>>,
  seed: number,
  { settings }: Pick<Lists, "settings">,
): ReadonlyArray<ErrorCase> => {
  // Ids of two corpora may be the same: a corpus's examples are those that have all of its documents.
  const sources = examples.map((table) => new Map(table.map(({ document, source }) => [document, source])))
  return largest(cells, settings).flatMap(
    ({ model, corpus, setting, protocol, runs: [run] }): ReadonlyArray<ErrorCase> => {
      if (run === undefined) return []
      const mistakes = new Map(run.outcomes.map((outcome) => [outcome.document, outcome.mistakes]))
      const source = sources.find((own) => mistakes.keys().every((document) => own.has(document)))
      const order = shuffled(mistakes.keys(), seed, corpus)
      return ErrorKind.literals.flatMap((kind) =>
        choose(order, (document) => (mistakes.get(document) ?? []).filter((mistake) => mistake.kind === kind)).map(
          ({ document, mistake }): ErrorCase => {
            const text = source?.get(document)
            if (text === undefined) {
              throw new InputError({
                message: noExamples.message(model, corpus, setting),
                help: noExamples.help,
                field: "examples",
              })
            }
            return { model, corpus, setting, seed: run.seed, protocol, document, ...mistake, source: text }
          },
        )
      )
    },
  )
}
