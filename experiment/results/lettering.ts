/** Letters by how wide DejaVu Sans has them at most, in parts of the font's size. */
const widths: ReadonlyArray<readonly [letters: RegExp, width: number]> = [
  [/[ijlI.,:;'|/\\ ]/u, 0.34],
  [/[ftr()[\]\-"!]/u, 0.46],
  [/[WMm@%+=<>~^#w−]/u, 1],
  [/[A-Z&]/u, 0.79],
  [/[\u0020-\u007e]/u, 0.64],
]

/** Any other letter: the widest but for digraphs. */
const other = 1.12

/** How wide a line of text is at most, in parts of the font's size. */
export const widthOf = (text: string): number =>
  Array.from(text).reduce((sum, letter) => sum + (widths.find(([letters]) => letters.test(letter))?.[1] ?? other), 0)

/** Text without what XML cannot hold or a line cannot show. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu, " ")

/** A printable line that is not wider than this; of a longer one both ends stay, for names differ at the end too. */
export const fitted = (text: string, most: number): string => {
  const letters = Array.from(printable(text))
  const cut = (length: number): string =>
    length >= letters.length
      ? letters.join("")
      : `${letters.slice(0, Math.ceil(length / 2)).join("")}…${
        letters.slice(letters.length - Math.floor(length / 2)).join("")
      }`
  // No letter is narrower than a third.
  let length = Math.min(letters.length, Math.ceil(3 * most))
  while (length > 0 && widthOf(cut(length)) > most) length -= 1
  return cut(length)
}

/** Words in lines of no more than this width; a word that is wider has a line to itself. */
export const wrapped = (text: string, most: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1) ?? ""} ${word}`
    if (lines.length === 0 || widthOf(longer) > most) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}
