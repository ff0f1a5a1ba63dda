/** Words of a text between single blanks: letters and digits in lower case, between everything else. */
const wordsOf = (text: string): string => (text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).join(" ")

/** Whether a name of ASCII stands in a text as it is, between characters of ASCII that are no letters or digits. */
const standsAsItIs = (text: string, name: string): boolean => {
  const at = text.indexOf(name)
  if (at === -1 || !ascii.test(name)) return false
  return isBorder(text[at - 1]) && isBorder(text[at + name.length])
}

const ascii = /^[ -~]+$/u

const isBorder = (character: string | undefined): boolean =>
  character === undefined || /[ -/:-@[-`{-~\s]/u.test(character)

/**
 * Makes the function that says whether a name stands in a text.
 *
 * It does if the text has its words one after another, in whatever case and whatever stands between them: "5-HT" stands
 * in "5 HT receptors", "platin" does not stand in "cisplatin". A name without a letter or digit must stand there as it is;
 * an empty one stands nowhere.
 */
export const nameFinder = (text: string): (name: string) => boolean => {
  let words: string | undefined
  return (name) => {
    // Most names do; a text's words need not be made for them.
    if (name.trim() !== "" && standsAsItIs(text, name)) return true
    const own = wordsOf(name)
    if (own === "") return name.trim() !== "" && text.includes(name)
    words ??= ` ${wordsOf(text)} `
    return words.includes(` ${own} `)
  }
}
