/** The words of what can be wrong with a file of predictions, and of what is to be known of one. */

const forms = "docs/predictions.md shows the forms of a line"

export const notUtf8 = { message: "the line is not UTF-8", help: "save the file as UTF-8" }
export const longLine = {
  message: (bytes: number) => `the line has more than ${bytes.toLocaleString("en")} bytes`,
  help: "write one document a line; a file of zeros or without line ends is damaged",
}
export const notJson = {
  message: (reason: string) => `the line is not JSON: ${reason}`,
  help: `write one document a line, as {"document": "…", "text": "…"}; ${forms}`,
}
export const notObject = {
  message: "the line is no JSON object",
  help: `write one document a line, as {"document": "…", "text": "…"}; ${forms}`,
}
export const wrongField = { message: (issue: string) => issue, help: `fix the field; ${forms}` }
export const halfCharacter = {
  message: (document: string) =>
    `document ${document} has half of a character: an escape from \\ud800 to \\udfff alone`,
  help: "write both halves, such as \\ud83d\\ude00, or the character itself; text that was cut may end in one",
}
export const neither = {
  message: (document: string) => `document ${document} has neither "text" nor "relations"`,
  help: `give the text that a model wrote, or a list of relations, which may be empty; ${forms}`,
}
export const both = {
  message: (document: string) => `document ${document} has both "text" and "relations"`,
  help: "remove one of the two",
}
export const repeatedDocument = {
  message: (document: string, line: number) => `document ${document} is there twice, first in line ${line}`,
  help: "give each document one line; remove the others",
}
export const unknownLabel = {
  message: (label: string, labels: ReadonlyArray<string>) => `"${label}" is none of the labels: ${labels.join(", ")}`,
  help: "write the label as the corpus does",
}
export const argumentCount = {
  message: (count: number) => `a relation of this corpus has two arguments, not ${count}`,
  help: "give two arguments",
}
export const fewArguments = {
  message: (count: number) => `a relation has two arguments or more, not ${count}`,
  help: "give two arguments or more",
}
export const mixedArguments = {
  message: (document: string) =>
    `document ${document} has arguments that are strings, and others that are ids or places`,
  help: "write all arguments of a document in one way",
}
export const unknownMention = {
  message: (document: string, id: string) => `document ${document} has no mention "${id}"`,
  help: "use the ids that the corpus gives to its mentions; or give the strings, or places as start and end",
}
export const wrongPlace = {
  message: (start: number, end: number, length: number) =>
    `${start} to ${end} is no place of the document, which has ${length} characters`,
  help: "count characters of the document's text from 0; the end is the first one behind the mention",
}
export const ambiguousPlace = {
  message: (document: string, start: number, end: number, entities: ReadonlyArray<string>) =>
    `${start} to ${end} of document ${document} is ${entities.length} entities: ${entities.join(", ")}`,
  help: "give the id of the one that is meant, as {\"id\": \"…\"}",
}
export const twoNames = {
  message: (document: string, [name, line]: readonly [string, number], other: string) =>
    `document ${document} is there twice, as ${name} in line ${line} and as ${other}`,
  help: "call each document by one of its names, and give all of it under that",
}
export const array = {
  message: "the file begins as a JSON array",
  help:
    `write one object a line, without brackets around all and commas between, as {"document": "…", "text": "…"}; ${forms}`,
}
export const noForm = {
  message: "the first line is no JSON, and this corpus has no form of predictions of its own",
  help: `write one document a line, as {"document": "…", "text": "…"}; ${forms}`,
}
export const wrongLine = {
  message: (form: string) => `the line is not of the form ${form}`,
  help: "fix the line, or remove it",
}
export const empty = { message: "the file has no line", help: "name the file that holds the predictions" }
export const noneKnown = {
  message: (documents: number, corpus: string, examples: ReadonlyArray<string>) =>
    `none of its ${documents} documents, such as ${examples.join(", ")}, is of the test set of ${corpus}`,
  help:
    "name the corpus that the predictions are for; document ids are those of its own files (of DDI, those of its XML)",
}
export const more = (count: number, shown: number): string =>
  `${count} more ${count === 1 ? "problem" : "problems"}${shown < count ? `, the first ${shown} of them` : ""}:`
export const several = "fix the lines that are named; docs/predictions.md shows the forms of a line"

const named = (ids: ReadonlyArray<string>, count: number): string =>
  `${ids.join(", ")}${count > ids.length ? ` and ${count - ids.length} more` : ""}`

export const missing = (file: string, ids: ReadonlyArray<string>, count: number, of: number): string =>
  `${file} has nothing of ${count} of ${of} test documents, which count as documents without a relation: ${
    named(ids, count)
  }`
export const unknown = (file: string, ids: ReadonlyArray<string>, count: number): string =>
  `${file} has ${count} ${count === 1 ? "document" : "documents"} that the test set has not, and that ${
    count === 1 ? "is" : "are"
  } left out: ${named(ids, count)}`
export const repeated = (file: string, count: number): string =>
  `${file} has ${count} ${count === 1 ? "relation" : "relations"} twice in a document, counted once`
