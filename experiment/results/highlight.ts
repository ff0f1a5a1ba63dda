import { Markup, markup } from "./markup.ts"

/** A text in which names are marked wherever they stand as words, whatever their letters' case. */
export const highlight = (
  text: string,
  names: { readonly said: ReadonlyArray<string>; readonly wanted: ReadonlyArray<string> },
): Markup => {
  const [said, wanted] = [placesOf(text, names.said), placesOf(text, names.wanted)]
  const kindAt = (place: number): string =>
    [...(wanted.has(place) ? ["wanted"] : []), ...(said.has(place) ? ["said"] : [])].join(" ")
  const parts: Array<Markup> = []
  let start = 0
  for (let place = 1; place <= text.length; place++) {
    const kind = kindAt(start)
    if (place < text.length && kindAt(place) === kind) continue
    const piece = text.slice(start, place)
    parts.push(kind === "" ? markup`${piece}` : markup`<mark class="${kind}">${piece}</mark>`)
    start = place
  }
  return markup`${parts}`
}

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
