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

/** The word before a full stop, without the bracket or quotation mark that it follows. */
const lastWord = /([^\s([{"']+)\.\s*$/u

/** Letters between full stops: ways to give a drug, units, names of states. */
const dotted = /\.\p{L}$/u

const capitalised = /^\p{Lu}\p{Ll}+(?:[\s,]|$)/u

/** Whether the text after a full stop goes on with the same sentence, although a capital or a number follows. */
const goesOn = (before: string, after: string): boolean => {
  const word = lastWord.exec(before)?.[1] ?? ""
  return abbreviations.has(word) || (dotted.test(word) && !capitalised.test(after))
}

/** A stop, and after it a small letter or a digit: "… than p53. siRNA for …", "… in rats. 8-OH-DPAT …". */
const smallStart = /(\S+?)[.?!][)\]"']*\s+(?=([\p{Ll}\p{N}]\S*))/gu

/** Names of genes and chemicals hold a digit, a capital, a hyphen or a Greek letter; other words do not start small. */
const nameLike = /[\p{N}\p{Lu}\p{Script=Greek}-]/u

/** Words that a sentence may end with: no initial and no number. */
const wordLike = /^(?=.*\p{L}).{2}/u

/** Where sentences begin with a small letter, which Unicode's rules take for the same sentence going on. */
function* smallStarts(text: string): Generator<number> {
  for (const { 0: stop, 1: word = "", 2: next = "", index } of text.matchAll(smallStart)) {
    const at = index + stop.length
    if (nameLike.test(next) && wordLike.test(word) && !goesOn(text.slice(index, at), text.slice(at))) yield at
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
