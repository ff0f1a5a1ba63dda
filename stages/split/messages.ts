/** The words of what can be wrong with a split. */

export const idsNotJson = (reason: string): string => `the file is not JSON: ${reason}`
export const idsHelp = `the file is JSON with the lists "train" and "valid", and optionally "test", of document ids`

export const listedTwice = (id: string): string => `document "${id}" is listed twice`
export const notInTraining = (id: string): string => `document "${id}" is not in the corpus's training portion`
export const notInTest = (id: string): string => `document "${id}" is not in the corpus's test portion`
export const trainingNotListed = (count: number, first: string): string =>
  `${count} training document${count === 1 ? " is" : "s are"} in neither list, the first "${first}"`
export const testNotListed = (id: string): string => `test document "${id}" is not in the list`

export const repeatedId = {
  message: (id: string, one: string, other: string) =>
    one === other
      ? `two documents of the portion ${one} have the id "${id}"`
      : `a document of the portion ${one} and one of the portion ${other} have the id "${id}"`,
  help: "remove one of the two, or give it another id; what is split is told apart by ids",
}
export const moreRepeated = (ids: ReadonlyArray<string>, count: number): string =>
  count === 0
    ? ""
    : `; ${count} more ${count === 1 ? "id is of" : "ids are of"} two documents: ${
      ids.map((id) => JSON.stringify(id)).join(", ")
    }${count > ids.length ? " and others" : ""}`
export const alsoLearned = {
  message: (ids: ReadonlyArray<string>, count: number, of: number) =>
    `${count} of ${of} test documents are also learned from, by id and text: ${
      ids.map((id) => JSON.stringify(id)).join(", ")
    }${count > ids.length ? " and others" : ""}`,
  help: "remove them from the training or from the test portion; a model must not be tested on what it learned from",
}
export const developmentLeftOut = {
  message: (id: string, method: string) =>
    `the corpus has a development portion (document ${id}), which the method "${method}" leaves out`,
  help: `use the method "official", or do not ingest the development portion`,
}
export const idsMissing = {
  message: `the method "ids" needs a file of document ids`,
  help: `wire the file into the split, or use the method "fraction"`,
}
