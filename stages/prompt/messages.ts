/** The words of what is to be known of prompts. */

/** Names that a sentence gives; the rows of the prompts have all. */
const SHOWN = 10
const some = (documents: ReadonlyArray<string>): string =>
  documents.length <= SHOWN
    ? documents.join(", ")
    : `${documents.slice(0, SHOWN).join(", ")} and ${documents.length - SHOWN} more`

export const tooLong = (documents: ReadonlyArray<string>, limit: number): string =>
  `${
    documents.length === 1 ? "a document is" : `${documents.length} documents are`
  } longer than the ${limit} tokens of a prompt even without examples: ${some(documents)}`
