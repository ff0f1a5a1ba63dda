import { counted, InputError } from "redag"
import * as messages from "./messages.ts"

/** How many problems an error names. */
const named = 20

/**
 * What is wrong in the files of a portion. A reader goes on after a problem where it can, so that all of them are named at
 * once; a document that has one is never yielded, or is left out afterwards.
 */
export class Problems {
  readonly #first: Array<InputError> = []
  readonly #documents = new Map<string, { readonly first: InputError; readonly count: number }>()
  readonly #strays: Array<InputError> = []
  #ofNone = 0
  #count = 0
  #beyond: InputError | undefined

  /**
   * Notes a problem of a document; of none, where the problem is with a whole file. An error that names neither line nor
   * field is of a file that could not be read this time, which says nothing of the document.
   */
  report(error: InputError, owner: string | undefined): void {
    const document = error.line === undefined && error.field === undefined ? undefined : owner
    this.#count += 1
    if (this.#first.length < named) this.#first.push(error)
    if (document === undefined) this.#beyond ??= error
    else this.#add(document, error, 1)
  }

  #add(document: string, error: InputError, more: number): void {
    const { first = error, count = 0 } = this.#documents.get(document) ?? {}
    this.#documents.set(document, { first, count: count + more })
  }

  /** Notes a problem of a line that belongs to no document: without it, nothing lacks in any. */
  reportStray(error: InputError): void {
    this.#count += 1
    if (this.#first.length < named) this.#first.push(error)
    this.#addStray(error, 1)
  }

  #addStray(error: InputError, more: number): void {
    this.#ofNone += more
    if (this.#strays.length < named) this.#strays.push(error)
  }

  /** Says which documents there are: what was noted of others is of lines that belong to no document. */
  thereAre(documents: ReadonlySet<string>): void {
    for (const [document, { first, count }] of this.#documents) {
      if (documents.has(document)) continue
      this.#documents.delete(document)
      this.#addStray(first, count)
    }
  }

  /** Gives a document, whose problems were noted under another name, its own. */
  rename(from: string, document: string): void {
    const known = this.#documents.get(from)
    if (known === undefined || from === document) return
    this.#documents.delete(from)
    this.#add(document, known.first, known.count)
  }

  /** Does a step of reading a document. An InputError is noted, and the step has no value. */
  attempt<A>(document: string | undefined, step: () => A): A | undefined {
    try {
      return step()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      this.report(error, document)
      return undefined
    }
  }

  /** Whether something is wrong with a document. */
  has(document: string): boolean {
    return this.#documents.has(document)
  }

  /** The documents with which something is wrong, in the order in which it was found. */
  get documents(): ReadonlyArray<string> {
    return [...this.#documents.keys()]
  }

  /** Where the first problem of a document is: "file:line field". */
  placeOf(document: string): string {
    const known = this.#documents.get(document)
    return known === undefined ? "" : placeOf(known.first)
  }

  /** How many problems there are. */
  get count(): number {
    return this.#count
  }

  /** How many problems are with lines that belong to no document, and where the first ones are. */
  get strays(): { readonly count: number; readonly places: ReadonlyArray<string> } {
    return { count: this.#ofNone, places: this.#strays.map(placeOf) }
  }

  /** The first problem that is with no document alone, so that to leave documents out does not help. */
  get beyondDocuments(): InputError | undefined {
    return this.#beyond
  }

  /** One error for all of it: that of the first problem, which names the others; undefined where nothing is wrong. */
  error(): InputError | undefined {
    const [first, ...others] = this.#first
    if (first === undefined) return undefined
    const { leaveOut, ignoreLines, more } = messages.several
    const documents = this.#documents.size
    const countedDocuments = counted(documents, "document")
    const leave = documents === 0 ? ignoreLines : leaveOut(documents, countedDocuments)
    const lenient = this.#beyond === undefined ? [leave] : []
    const left = this.#count - 1
    const helps = [...new Set(this.#first.map(({ help }) => help))]
    return new InputError({
      message: [
        first.message,
        ...(others.length === 0 ? [] : [
          more(
            counted(left, "more problem"),
            documents === 0 ? undefined : countedDocuments,
            others.length < left ? others.length : undefined,
          ),
        ]),
        ...others.map((error) => `  ${placeOf(error)}: ${error.message}`),
      ].join("\n"),
      help: [...(helps.length > 3 ? [messages.several.help] : helps), ...lenient].join("\n"),
      ...(first.file === undefined ? {} : { file: first.file }),
      ...(first.line === undefined ? {} : { line: first.line }),
      ...(first.field === undefined ? {} : { field: first.field }),
    })
  }
}

const placeOf = ({ file = "", line, field }: InputError): string =>
  `${file}${line === undefined ? "" : `:${line}`}${field === undefined ? "" : ` ${field}`}`
