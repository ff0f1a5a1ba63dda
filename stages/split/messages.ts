/** The words of what can be wrong with a split. */

export const idsNotJson = (reason: string): string => `the file is not JSON: ${reason}`
export const idsHelp = `the file is JSON with the lists "train" and "valid", and optionally "test", of document ids`

export const listedTwice = (id: string): string => `document "${id}" is listed twice`
export const notInTraining = (id: string): string => `document "${id}" is not in the corpus's training portion`
export const notInTest = (id: string): string => `document "${id}" is not in the corpus's test portion`
export const trainingNotListed = (count: number, first: string): string =>
  `${count} training document${count === 1 ? " is" : "s are"} in neither list, the first "${first}"`
export const testNotListed = (id: string): string => `test document "${id}" is not in the list`

export const twoPortions = {
  message: (id: string, one: string, other: string) =>
    `document "${id}" is in the portion ${one} and in the portion ${other}`,
  help: "keep one of the two, or rename one; a model must not be tested on what it learned from",
}
export const alsoInTwo = (ids: ReadonlyArray<string>, count: number): string =>
  count === 0
    ? ""
    : `; so ${count === 1 ? "is" : "are"} ${count} more: ${ids.map((id) => JSON.stringify(id)).join(", ")}${
      count > ids.length ? " and others" : ""
    }`
export const alsoLearned = {
  message: (ids: ReadonlyArray<string>, count: number, of: number) =>
    `${count} of ${of} test documents are also learned from: ${ids.map((id) => JSON.stringify(id)).join(", ")}${
      count > ids.length ? " and others" : ""
    }`,
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
