import type { Line } from "./lines.ts"
import type { Problems } from "./problems.ts"

/** What a relation says that it relates. */
export type Argument =
  | { readonly _tag: "Name"; readonly text: string }
  /** By the corpus's own id: of a concept, or of a mention. */
  | { readonly _tag: "Id"; readonly id: string }
  /** A stretch of the document's text in characters, from 0, end exclusive. */
  | { readonly _tag: "Place"; readonly start: number; readonly end: number }

/** A relation as a file states it. */
export interface Stated {
  readonly line: number
  /** Where it stands in a line that has several: `relations[2]`. */
  readonly field?: string
  readonly label: string
  readonly arguments: ReadonlyArray<Argument>
}

/** What a file has of one document. */
export type Handed =
  /** The text that a model wrote. */
  | { readonly _tag: "Text"; readonly line: number; readonly text: string }
  | { readonly _tag: "Relations"; readonly line: number; readonly relations: ReadonlyArray<Stated> }

/** What a file has. */
export interface Submission {
  readonly documents: ReadonlyMap<string, Handed>
  /** Whether every document is in a file of this form, also one without a relation: what is absent then is missing. */
  readonly listsAll: boolean
}

/** Reads the lines of a file in one form. */
export type Form = (lines: ReadonlyArray<Line>, problems: Problems) => Submission

/** The relations of documents while lines come in; a document is there once it is named. */
export class Gathered {
  readonly #documents = new Map<string, { readonly line: number; readonly relations: Array<Stated> }>()

  name(document: string, line: number): Array<Stated> {
    const known = this.#documents.get(document) ?? { line, relations: [] }
    this.#documents.set(document, known)
    return known.relations
  }

  add(document: string, relation: Stated): void {
    this.name(document, relation.line).push(relation)
  }

  get documents(): Submission["documents"] {
    return new Map(
      Array.from(this.#documents, ([id, { line, relations }]) => [id, { _tag: "Relations", line, relations }] as const),
    )
  }
}

/** An id as an argument. */
export const byId = (id: string): Argument => ({ _tag: "Id", id })
