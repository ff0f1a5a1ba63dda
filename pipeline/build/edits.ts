import type { ESTree } from "rolldown/utils"
import type { Piece } from "../identity/declarations.ts"

/** What a part of a declaration's text becomes. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly pieces: ReadonlyArray<Piece>
}

/** A declaration's text with its edits; an edit inside another's span is covered by it. */
export const piecesOf = (
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
  edits: ReadonlyArray<Edit>,
): ReadonlyArray<Piece> => {
  const pieces: Array<Piece> = []
  const add = (piece: Piece) => {
    const last = pieces.at(-1)
    if (typeof piece === "string" && typeof last === "string") pieces[pieces.length - 1] = last + piece
    else if (piece !== "") pieces.push(piece)
  }
  let at = start
  for (const edit of edits.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    if (edit.start < at) continue
    add(text.slice(at, edit.start))
    for (const piece of edit.pieces) add(piece)
    at = edit.end
  }
  add(text.slice(at, end))
  return pieces
}

/** An import of a computed name is done by the host, from where the module stands in the project. */
export const importedByHost = (node: ESTree.ImportExpression, module: string): ReadonlyArray<Edit> => [
  { start: node.start, end: node.source.start, pieces: [`host.importFrom(${JSON.stringify(module)}, `] },
]
