import { Markup, markup } from "./markup.ts"

/** A piece of a text, and the kinds of names that it belongs to. */
export interface MarkedPiece {
  readonly text: string
  readonly marks: ReadonlyArray<string>
}

/** A text in pieces, by the kinds of names that stand there as words, whatever their letters' case. */
export const markedPieces = (
  text: string,
  names: Readonly<Record<string, ReadonlyArray<string>>>,
): ReadonlyArray<MarkedPiece> =>
  piecesOf(text, Object.entries(names).map(([mark, own]) => [mark, placesOf(text, own)] as const))

/** A text in pieces, by the kinds of marks that its places have. */
export const piecesOf = (
  text: string,
  marked: ReadonlyArray<readonly [mark: string, places: ReadonlySet<number>]>,
): ReadonlyArray<MarkedPiece> => {
  const marksAt = (place: number): ReadonlyArray<string> =>
    marked.flatMap(([mark, places]) => (places.has(place) ? [mark] : []))
  const pieces: Array<MarkedPiece> = []
  let start = 0
  for (let place = 1; place <= text.length; place++) {
    const marks = marksAt(start)
    if (place < text.length && marksAt(place).join(" ") === marks.join(" ")) continue
    pieces.push({ text: text.slice(start, place), marks })
    start = place
  }
  return pieces
}

/** A text in which names are marked wherever they stand as words, whatever their letters' case. */
export const highlight = (
  text: string,
  { said, wanted }: { readonly said: ReadonlyArray<string>; readonly wanted: ReadonlyArray<string> },
): Markup =>
  markup`${
    markedPieces(text, { wanted, said }).map(({ text: piece, marks }) =>
      marks.length === 0 ? markup`${piece}` : markup`<mark class="${marks.join(" ")}">${piece}</mark>`
    )
  }`

/** The places in a text that belong to one of the names. */
const placesOf = (text: string, names: ReadonlyArray<string>): ReadonlySet<number> => {
  const places = new Set<number>()
  for (const name of new Set(names)) {
    if (name.trim() === "") continue
    for (const { index, 0: { length } } of text.matchAll(pattern(name))) {
      for (let place = index; place < index + length; place++) places.add(place)
    }
  }
  return places
}

const pattern = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])${name.replace(/[$()*+./?[\\\]^{|}]/gu, "\\$&")}(?![\\p{L}\\p{N}])`, "giu")
