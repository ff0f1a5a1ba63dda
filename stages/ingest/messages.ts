/** The words of everything that can be wrong with a corpus's files. */

/** A piece of a file, as a message quotes it. */
const quote = (text: string): string => JSON.stringify(text)

const cutLine = "restore the line from the published file; it seems to have been cut"
const cutOrChangedLine = "restore the line from the published file; it seems to have been cut or changed"
const restoreElement = "restore the element from the published corpus"
const samePortion = "give the abstracts, entities and relations of the same portion"

// Of all that is wrong.

export const several = {
  /** How many problems and documents, each with its noun. */
  more: (problems: string, documents: string | undefined, named: number | undefined) =>
    `and ${problems}${documents === undefined ? "" : `, in ${documents} in all`}${
      named === undefined ? "" : `; the first ${named}`
    }:`,
  help: "fix them in the files, or restore the published files",
  leaveOut: (documents: number, counted: string) =>
    `or, to leave ${documents === 1 ? "the document" : `these ${counted}`} out, write "lenient: true"`
    + " at the portion in experiment/files.yaml",
  ignoreLines:
    "or, to ignore what belongs to no document, write \"lenient: true\" at the portion in experiment/files.yaml",
}

// Of any file.

export const fileMissing = {
  message: "the file does not exist",
  help: "give the path of an existing file, or fetch the corpus first",
}
export const fileClosed = {
  message: (reason: string) => `the file cannot be opened: ${reason}`,
  help: "check the file's permissions",
}
export const fileUnreadable = {
  message: (reason: string) => `the file cannot be read: ${reason}`,
  help: "give the path of a file, not of a folder, on a disk that can be read",
}
export const notUtf8 = {
  message: "the bytes are not UTF-8",
  help: "convert the file to UTF-8; the corpora are published in it",
}
export const tooLong = {
  message: (what: string, mebibytes: number) => `the ${what} is longer than ${mebibytes} MiB`,
  help: "check that this is a text file of the corpus; break the text into several documents",
}
export const notNatural = {
  message: (text: string) => `${quote(text)} is not a whole number`,
  help: "write the number in decimal digits, 0 or more",
}
export const repeatedDocument = {
  message: (id: string, place: string) => `document ${quote(id)} was already given at ${place}`,
  help: "keep one of the two, or rename one",
}
export const repeatedEntity = {
  message: (id: string) => `entity ${quote(id)} is given twice`,
  help: "give each entity its own id",
}
export const unknownEntity = {
  message: (id: string) => `the document has no entity ${quote(id)}`,
  help: "correct the id, or annotate the entity",
}
export const unknownLabel = {
  message: (label: string) => `unknown relation label ${quote(label)}`,
  help: (labels: ReadonlyArray<string>) =>
    `the corpus has ${labels.join(", ")}; correct the label, or add it to the corpus's template`,
}
export const spanOutside = {
  message: (start: number, end: number, length: number) =>
    `the span ${start} to ${end} is empty or outside the document's ${length} characters`,
  help: "check the offsets, and that the document's text is complete",
}
export const spanElsewhere = {
  message: (found: string, mention: string) =>
    `the offsets cover ${quote(found)}, but the mention is ${quote(mention)}`,
  help: "correct the offsets or the mention; changed line breaks or characters in the text also shift offsets",
}
export const noDocument = {
  message: (format: string, kind: string) =>
    `the files hold no document ${kind === "all" ? "" : `${kind} `}in the form ${format}`,
  help: "check the paths and the format; the file may be empty or cut off",
}
export const noFile = {
  message: (format: string) => `no files to read as ${format}`,
  help: "check the paths and the format",
}

// Of XML.

export const malformedXml = {
  message: (reason: string) => `the XML is not well formed: ${reason}`,
  help: "restore the file from the published corpus, or correct the markup at this line",
}
export const bareAmpersand = {
  message: "the XML is not well formed: a \"&\" begins no entity",
  help: "write \"&amp;\" for the character itself",
}
export const entityUnknown = {
  message: (id: string) => `the XML is not well formed: entity ${quote(id)} is not declared`,
  help: "declare it in the file's own DTD, or write the character itself",
}
export const entityExternal = {
  message: (id: string) => `entity ${quote(id)} is declared as another file, which is not read`,
  help: "write its text into the file",
}
export const entityOfItself = {
  message: (id: string) => `entity ${quote(id)} is declared by itself`,
  help: "write the text that it stands for",
}
export const entityOfMarkup = {
  message: (id: string) => `entity ${quote(id)} stands for markup`,
  help: "write the elements where the entity is used",
}
export const entityTooLong = {
  message: (id: string) => `entity ${quote(id)} stands for more than 65,536 characters`,
  help: "write the text that it stands for",
}
export const entitiesTooDeep = {
  message: "entities of the file stand within each other more than 64 deep",
  help: "write the texts that they stand for",
}
export const entitiesTooLong = {
  message: "the entities of the file stand for more than 16,777,216 characters",
  help: "write the texts that they stand for",
}
export const attributeMissing = {
  message: (element: string, attribute: string) => `<${element}> lacks its attribute ${quote(attribute)}`,
  help: restoreElement,
}

// Of PubTator and BioC.

export const unknownConcept = {
  message: (concept: string) => `the relation names ${quote(concept)}, but no mention of the document has that concept`,
  help: "correct the id, or annotate a mention with it",
}
export const argumentsOfOtherTypes = {
  message: (label: string, types: ReadonlyArray<string>) =>
    `the arguments of this ${label} relation are ${types.join(" and ")}`,
  help: (types: ReadonlyArray<string>) =>
    `the first argument is the ${types.join(", the second the ")}; exchange the two, or correct their ids`,
}
export const passageOverlap = {
  message: (offset: number, end: number) =>
    `a passage starts at ${offset}, before the end of the one before it (${end})`,
  help: "correct the passage's offset; it counts characters from the start of the document",
}
export const infonMissing = {
  message: (key: string) => `the element has no <infon key="${key}">`,
  help: restoreElement,
}
export const locationMissing = {
  message: "the annotation has no <location>",
  help: "add its offset and length",
}
export const documentIdMissing = { message: "the document has no id", help: "add its <id>" }
export const shortAnnotation = {
  message: (fields: number, found: number) => `an annotation has ${fields} fields between tabs, this line has ${found}`,
  help: cutLine,
}
export const entityTypeEmpty = {
  message: "the entity type is empty",
  help: "write the type of the entity, such as Chemical or Disease",
}
export const shortRelation = {
  message: (wanted: number, found: number) => `a relation has ${wanted} fields between tabs, this line has ${found}`,
  help: cutLine,
}
export const abstractMissing = {
  message: (id: string) => `document ${quote(id)} has a title but no abstract line`,
  help: (id: string) => `add the line "${id}|a|" with the abstract, or leave it empty after the bar`,
}
export const unknownLine = {
  message: (line: string) => `${quote(line)} is neither text, annotation nor relation`,
  help: cutLine,
}
export const strayLine = {
  message: (id: string) => `the line belongs to document ${quote(id)}, which is not the one being read`,
  help: "put annotations directly after the title and abstract of their own document",
}
export const earlyAnnotation = {
  message: (id: string) => `document ${quote(id)} has annotations before its abstract`,
  help: (id: string) => `put the line "${id}|a|" before them`,
}
export const strayAbstract = {
  message: (id: string) => `the abstract of document ${quote(id)} does not follow its title`,
  help: (id: string) => `put one line "${id}|t|" with the title directly before it`,
}

// Of ChemProt.

export const fieldCount = {
  message: (names: ReadonlyArray<string>, found: number) =>
    `a line has ${names.length} fields between tabs (${names.join(", ")}), this one has ${found}`,
  help: cutOrChangedLine,
}
export const twoFilesOfRole = {
  message: (role: string, other: string) => `two files have "${role}" in their names; the other is ${other}`,
  help: "read the portions of ChemProt one at a time",
}
export const roleMissing = {
  message: (role: string) => `no file of the ChemProt corpus here has "${role}" in its name`,
  help: "give the abstracts, the entities and the gold_standard (or relations) file of one portion",
}
export const malformedArgument = {
  message: (value: string, name: string) => `${quote(value)} is not of the form ${name}:T1`,
  help: "restore the line from the published file",
}
export const wrongArguments = {
  message: (first: string, second: string) => `the arguments are ${quote(first)} and ${quote(second)}`,
  help: "the first argument is the chemical, the second the gene or protein",
}
export const otherPortion = {
  message: (id: string, abstracts: string) =>
    `the line belongs to document ${quote(id)}, which ${abstracts} does not have`,
  help: samePortion,
}

// Of DCE.

export const lineNotJson = {
  message: (reason: string) => `the line is not JSON: ${reason}`,
  help: "restore the line; it seems to have been cut",
}
export const dceLine = {
  help: "each line has doc_id, sentence, spans (span_id, text, start, end) and rels (class, spans)",
}
export const repeatedSpan = {
  message: (span: number) => `span ${span} is given twice`,
  help: "number spans from 0",
}
export const spanTwice = {
  message: (span: number) => `the relation names span ${span} twice`,
  help: "name each span once; a relation has two or more different spans",
}
export const unknownSpan = {
  message: (span: number, id: string) => `the relation names span ${span}, which document ${quote(id)} does not have`,
  help: "name a span_id of the same line",
}

// Of DDI.

export const shortEntity = {
  message: "an entity has an id, a type with offsets, and its text between tabs; this line has fewer fields",
  help: cutLine,
}
export const malformedRelation = {
  message: (line: string) => `${quote(line)} is not of the form R1, tab, TYPE Arg1:T1 Arg2:T2`,
  help: cutLine,
}
export const entityWithItself = {
  message: (id: string) => `both arguments are entity ${quote(id)}`,
  help: "name two different entities, or remove the relation",
}
export const unknownAnnotation = {
  message: (line: string) => `${quote(line)} is no annotation of BRAT`,
  help: "correct or remove the line: BRAT's begin with T, R, E, A, M, N, # or *, an id and a tab",
}
export const annotationsMissing = {
  message: "the text has no file of annotations beside it",
  help: (name: string) => `add ${quote(name)}, empty if the document has no annotations`,
}
export const textMissing = {
  message: "the annotations have no text beside them",
  help: (name: string) => `add ${quote(name)}, or remove the file`,
}
export const malformedSpan = {
  message: (text: string) => `${quote(text)} is not of the form start-end`,
  help: "write first and last character, as in 0-7;12-15",
}
export const secondDocument = {
  message: "the file holds a second document",
  help: "put each document into a file of its own, as the corpus is published",
}
export const outsideSentence = {
  message: (element: string) => `<${element}> stands outside any sentence`,
  help: "put it inside its <sentence>",
}
export const unknownPairEntity = {
  message: (id: string) => `the pair names entity ${quote(id)}, which the sentence does not have`,
  help: "correct the id, or add the entity before the pair",
}
export const notBoolean = {
  message: (value: string) => `${quote(value)} is neither true nor false`,
  help: "write true or false",
}
export const documentElementMissing = {
  message: "the file holds no <document>",
  help: "give an XML file of the DDI corpus",
}
