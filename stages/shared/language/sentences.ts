import type { Mention } from "../../../schemas/documents.ts"

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" })

/** Shortened words that a capital letter or a number may follow in the same sentence. */
const abbreviations = new Set(
  [
    "al approx ca cf cv e.g fig figs i.e incl ref refs resp subsp var viz vol vs",
    "Dr Expt Fig Figs Ref Refs St U.K U.S",
    // Of journals, which some abstracts cite.
    "Acad Biochem Biol Chem J Mol Nat Pharm Pharmacol Physiol Proc Sci Soc Toxicol",
  ].flatMap((words) => words.split(" ")),
)

/** What a word begins after: white space, a bracket or a quotation mark. */
const beforeWord = /[\s([{"']/u

/** The word before the full stop that ends a text; empty where none does. */
const lastWord = (text: string): string => {
  const ended = text.trimEnd()
  if (!ended.endsWith(".")) return ""
  const end = ended.length - 1
  let start = end
  while (start > 0 && !beforeWord.test(ended.charAt(start - 1))) start--
  return ended.slice(start, end)
}

/** Letters between full stops: ways to give a drug, units, names of states. */
const dotted = /\.\p{L}$/u

const capitalised = /^\p{Lu}\p{Ll}+(?:[\s,]|$)/u

/** Whether the text after a full stop goes on with the same sentence, although a capital or a number follows. */
const goesOn = (before: string, after: string): boolean => {
  const word = lastWord(before)
  return abbreviations.has(word) || (dotted.test(word) && !capitalised.test(after))
}

/** A stop that ends what stands between two blanks, with what closes after it. */
const stopAtEnd = /[.?!][)\]"']*$/u

/** A small letter or a digit after a stop: "… than p53. siRNA for …", "… in rats. 8-OH-DPAT …". */
const smallStart = /^[\p{Ll}\p{N}]/u

/** Names of genes and chemicals hold a digit, a capital, a hyphen or a Greek letter; other words do not start small. */
const nameLike = /[\p{N}\p{Lu}\p{Script=Greek}-]/u

/** Words that a sentence may end with: no initial and no number. */
const wordLike = /^(?=.*\p{L}).{2}/u

/** Where sentences begin with a small letter, which Unicode's rules take for the same sentence going on. */
function* smallStarts(text: string): Generator<number> {
  // Between blanks, so that each is looked at once: one expression for all of it takes a square of their lengths.
  let before = ""
  for (const { 0: next, index: at } of text.matchAll(/\S+/gu)) {
    const stop = smallStart.test(next) ? stopAtEnd.exec(before) : null
    if (stop !== null && nameLike.test(next) && wordLike.test(before.slice(0, stop.index))) {
      if (!goesOn(before, text.slice(at))) yield at
    }
    before = next
  }
}

/**
 * The offsets at which the sentences of a biomedical text begin, the first being 0.
 *
 * Unicode's rules (UAX 29), corrected where abstracts break them: an abbreviation ends no sentence, a sentence may begin
 * with a name in small letters, and none begins inside one of the stretches given, which are the text's mentions.
 */
export const sentenceStarts = (text: string, whole: Mention["spans"]): ReadonlyArray<number> => {
  const starts = new Set([0, ...smallStarts(text)])
  for (const { index } of segmenter.segment(text)) {
    // 20 letters hold any abbreviation, and any word that shows what a sentence begins with.
    if (!goesOn(text.slice(Math.max(0, index - 20), index), text.slice(index, index + 20))) starts.add(index)
  }
  const inside = (index: number): boolean => whole.some(({ start, end }) => start < index && index < end)
  return [...starts].filter((index) => !inside(index)).toSorted((a, b) => a - b)
}
