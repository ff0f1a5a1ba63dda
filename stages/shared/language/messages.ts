/** The words of what can be wrong with a template, and with documents that it renders. */

// Of a template file.

export const textCount = (count: number): string => `"source" has {text} ${count} times, and needs it once`
export const unknownSlot = (slot: string): string => `"clause" has an unknown slot {${slot}}`
export const slotCount = (slot: string, count: number): string =>
  `"clause" has {${slot}} ${count} times, and needs it once`
export const repeatedLabelSlot = `"clause" has {label} more than once`
export const noLabels = `"labels" is empty`
export const labelSlotMissing = (labels: number): string => `"clause" has no {label}, which ${labels} labels need`
export const samePhrase = (label: string, other: string): string =>
  `${label} and ${other} have one phrase; name one of them under "merge"`
export const mergedIntoUnknown = (label: string, other: string): string =>
  `${label} is merged into ${other}, which has no phrase under "labels"`
export const mergedWithPhrase = (label: string): string =>
  `${label} is merged and has a phrase of its own under "labels"`
export const patternMissing = (slot: string): string => `"slots" has no pattern for {${slot}} of the clause`
export const slotNotInClause = (slot: string): string => `the clause has no slot {${slot}}`
export const labelWithoutPhrase = (label: string): string => `${label} has no phrase under "labels" of the template`
export const wrongPattern = (reason: string): string => reason

// Of documents.

export const unmentionedArgument = {
  message: (id: string, argument: string) =>
    `a relation of document ${id} names ${argument}, which no mention of the document has`,
  help: "ingest the corpus again; the readers refuse such relations",
}
export const labelNotInTemplate = {
  message: (id: string, label: string) =>
    `document ${id} has a relation ${label}, for which the template has no phrase`,
  help: (label: string) => `add ${label} under "labels" or "merge" of the template, or use the template of this corpus`,
}
export const tooManyArguments = {
  message: (id: string, count: number) =>
    `a relation of document ${id} has ${count} arguments, the clause has two slots`,
  help: `give the template a "list" whose slot takes all arguments, or use the template of this corpus`,
}
export const missingDocument = {
  message: (id: string) => `the split names document ${id}, which the corpus does not have`,
  help: "split the same documents that are rendered",
}
