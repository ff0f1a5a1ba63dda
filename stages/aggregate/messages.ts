/** The words of what can be wrong with scores that are to be gathered. */

/** A run, as messages name it. */
interface RunFacts {
  readonly model: string
  readonly corpus: string
  readonly setting: string
  readonly measure: string
  readonly seed: number | null
}

const named = ({ model, corpus, setting, seed }: RunFacts): string =>
  `${model} on ${corpus} (${setting}${seed === null ? "" : `, seed ${seed}`})`

const sameRuns = "give the scores and the outcomes of the same runs"
const sameDocuments = "score all runs on the same documents, each once"

export const noOutcomes = {
  message: (run: RunFacts) => `${named(run)} has scores by ${run.measure} and no documents`,
  help: sameRuns,
}
export const noScores = {
  message: (run: RunFacts) => `${named(run)} has documents by ${run.measure} and no score`,
  help: sameRuns,
}
export const repeatedSeed = {
  message: ({ seed, ...run }: RunFacts) => `${named({ ...run, seed: null })} has two scores for the seed ${seed}`,
  help: "give each run of a cell its own seed",
}
export const smallScore = {
  message: (run: RunFacts) => `${named(run)}, ${run.measure}: its documents count more than its score`,
  help: sameRuns,
}
export const unknownDocument = {
  message: (run: RunFacts, document: string) =>
    `${named(run)}, ${run.measure}: document ${document} is not among those of the other runs`,
  help: sameDocuments,
}
export const repeatedDocument = {
  message: (run: RunFacts, document: string) => `${named(run)}, ${run.measure}: document ${document} is there twice`,
  help: sameDocuments,
}
export const missingDocuments = {
  message: (run: RunFacts, missing: number, all: number) =>
    `${named(run)}, ${run.measure}: ${missing} of ${all} documents are missing`,
  help: sameDocuments,
}
export const noExamples = {
  message: (model: string, corpus: string, setting: string) =>
    `no examples have all documents of ${model} on ${corpus} (${setting})`,
  help: "give the test examples of each corpus",
}
