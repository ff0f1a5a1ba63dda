/** Words about a config.json that cannot be used, and about weights that do not fit one. */

export const notJson = (reason: string): string => `is not JSON: ${reason}`
export const notAnObject = "is not an object"
export const wrongForm = "has the wrong form"

export const modelTypeMissing = "is missing"
export const otherModelType = (found: unknown, wanted: string): string =>
  `is ${JSON.stringify(found)}, and the params say ${wanted}`

export const differsFrom = (field: string): string => `is not what ${field} says, which is the same field`
export const unsupportedValue = (value: unknown, allowed: ReadonlyArray<unknown>): string => {
  const named = allowed.length === 0 ? "none" : allowed.map((each) => JSON.stringify(each)).join(" or ")
  return `is ${JSON.stringify(value)}; redag has ${named}`
}
export const unknownActivation = (name: string, known: ReadonlyArray<string>): string =>
  `is ${JSON.stringify(name)}; redag has ${known.join(", ")}`
export const notInVocabulary = (id: number): string => `${id} is not in the vocabulary`
export const widthNotDivided = (heads: number, width: number): string =>
  `${heads} heads do not divide a width of ${width}`
export const bucketsNotEven = "is not a multiple of 4"
export const layersNamed = (named: number, layers: number): string => `names ${named} layers of ${layers}`

const listedNames = (names: ReadonlyArray<string>): string =>
  names.slice(0, 5).join("; ") + (names.length > 5 ? ` and ${names.length - 5} more` : "")

const listed = (title: string, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.length === 0 ? [] : [`${title}: ${listedNames(names)}`]

export const tensorsDiffer = (
  missing: ReadonlyArray<string>,
  unexpected: ReadonlyArray<string>,
  misshapen: ReadonlyArray<string>,
): string =>
  `the weights do not fit the configuration: ${
    [
      ...listed("missing", missing),
      ...listed("unexpected", unexpected),
      ...listed("of another shape", misshapen),
    ].join(", ")
  }`

export const copiesDiffer = (name: string, copy: string, count: number): string =>
  `the weights hold ${name} and ${copy}, which the configuration says are one table, and they differ in ${count} ${
    count === 1 ? "value" : "values"
  }`
export const notFinite = (tensors: ReadonlyArray<string>): string =>
  `the weights hold values that are not finite: ${listedNames(tensors)}`

// Defects.
export const noMemory = "a model that has a source has no memory of it"
export const noKeysAndValues = (block: number): string => `block ${block} has no keys and values`
