import { ALPHABETIC, CURRENCY, DIGITS, LOWERCASE, MARKS, NUMBERS } from "./moses-characters.ts"
import { PYTHON_SPACE, PYTHON_SPACES, pythonSplit } from "./python-space.ts"

// Moses' tokenizer and detokenizer for English, as sacremoses 0.2.0 behaves: with dashes split and XML escaped.
// https://github.com/hplt-project/sacremoses

const ALPHA = ALPHABETIC + MARKS
const ALNUM = ALPHA + DIGITS

// oxlint-disable-next-line no-control-regex -- these are what is removed
const CONTROLS = /[\0-\x1f]/gu
const ENDS = /^ +| +$/gu
const SPECIAL = new RegExp(`[^${ALNUM} .'\`,\\-]`, "gu")
const DASH = new RegExp(`(?<=[${ALNUM}])-(?=[${ALNUM}])`, "gu")

type Rule = readonly [pattern: RegExp, written: string]

const rule = (pattern: string, written: string): Rule => [new RegExp(pattern, "gu"), written]

// A match takes the characters around the sign, so that of two signs with one character between only the first is seen.
const COMMAS: readonly Rule[] = [
  rule(`([^${NUMBERS}]),`, "$1 , "),
  rule(`,([^${NUMBERS}])`, " , $1"),
  rule(`([${NUMBERS}]),$`, "$1 , "),
]

const APOSTROPHES: readonly Rule[] = [
  rule(`([^${ALPHA}])'([^${ALPHA}])`, "$1 ' $2"),
  rule(`([^${ALPHA}${NUMBERS}])'([${ALPHA}])`, "$1 ' $2"),
  rule(`([${ALPHA}])'([^${ALPHA}])`, "$1 ' $2"),
  rule(`([${ALPHA}])'([${ALPHA}])`, "$1 '$2"),
  rule(`([${NUMBERS}])'(s)`, "$1 '$2"),
]

const apply = (text: string, rules: readonly Rule[]): string =>
  rules.reduce((made, [pattern, written]) => made.replace(pattern, written), text)

// Runs of dots are set aside as words; a text that has such a word already gets dots for it.
const DOTS = /\.{2,}/gu
const DOTS_WORD = /(?:DOT)+(MULTI)?/gu

const hideDots = (text: string): string =>
  text.replace(DOTS, (dots, start: number) => {
    return ` ${"DOT".repeat(dots.length)}MULTI${start + dots.length < text.length ? " " : ""}`
  })

const showDots = (text: string): string =>
  text.replace(DOTS_WORD, (word, end?: string) => end === undefined ? word : ".".repeat((word.length - end.length) / 3))

/** Words that a dot belongs to; from Moses' list of nonbreaking prefixes for English. */
const BEFORE_DOT: ReadonlySet<string> = new Set([
  ..."A B C D E F G H I J K L M N O P Q R S T U V W X Y Z".split(" "),
  ...("Adj Adm Adv Asst Bart Bldg Brig Bros Capt Cmdr Col Comdr Con Corp Cpl DR Dr Drs Ens Gen Gov Hon Hr Hosp Insp Lt MM MR "
    + "MRS MS Maj Messrs Mlle Mme Mr Mrs Ms Msgr Op Ord Pfc Ph Prof Pvt Rep Reps Res Rev Rt Sen Sens Sfc Sgt Sr St Supt "
    + "Surg v vs i.e rev e.g Rs Nos Nr Jan Feb Mar Apr Jun Jul Aug Sep Oct Nov Dec").split(" "),
])

/** Words that a dot belongs to where a number follows. */
const BEFORE_NUMBER: ReadonlySet<string> = new Set(["No", "Art", "pp"])

const HAS_ALPHA = new RegExp(`[${ALPHA}]`, "u")
const STARTS_SMALL = new RegExp(`^[${LOWERCASE}]`, "u")
const STARTS_WITH_DIGIT = /^[0-9]/u

/** Whether the dot behind `word` is part of it, `next` being the word that follows. */
const keepsDot = (word: string, next: string): boolean =>
  (word.includes(".") && HAS_ALPHA.test(word)) || BEFORE_DOT.has(word) || STARTS_SMALL.test(next)
  || (BEFORE_NUMBER.has(word) && STARTS_WITH_DIGIT.test(next))

const splitDots = (text: string): string => {
  const words = text.split(" ").filter((word) => word !== "")
  return words.map((word, index) => {
    if (word.length < 2 || !word.endsWith(".")) return word
    const before = word.slice(0, -1)
    return keepsDot(before, words[index + 1] ?? "") ? word : `${before} .`
  }).join(" ")
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["|", "&#124;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ["'", "&apos;"],
  ["\"", "&quot;"],
  ["[", "&#91;"],
  ["]", "&#93;"],
])

/** The words of an English text, signs apart and escaped; `a-b` is `a`, `@-@`, `b`. */
export const mosesTokenize = (text: string): readonly string[] => {
  const clean = text.replace(PYTHON_SPACES, " ").replace(CONTROLS, "").replace(ENDS, "")
  const apart = clean.replace(SPECIAL, " $& ").replace(DASH, " @-@ ")
  const signs = apply(apply(hideDots(apart), COMMAS), APOSTROPHES)
  const words = splitDots(signs).replace(/\.' ?$/u, " . ' ")
  return showDots(words)
    .replace(/[&|<>'"[\]]/gu, (sign) => ESCAPES.get(sign) ?? sign)
    .split(" ").filter((word) => word !== "")
}

// In this order: what an escaped ampersand brings forth is not unescaped again.
const UNESCAPES: readonly (readonly [escaped: string, sign: string])[] = [
  ["&bar;", "|"],
  ["&bra;", "["],
  ["&ket;", "]"],
  ...[...ESCAPES].filter(([sign]) => sign !== "&").map(([sign, escaped]) => [escaped, sign] as const),
  ["&amp;", "&"],
]

const SPACES_AT_ENDS = new RegExp(`^[${PYTHON_SPACE}]+|(?<![${PYTHON_SPACE}])[${PYTHON_SPACE}]+$`, "gu")

// Blocks of Chinese, Japanese, Korean and Yi writing.
const EAST_ASIAN =
  "\\u1100-\\u11ff\\u2e80-\\ua4cf\\ua840-\\ua87f\\uac00-\\ud7af\\uf900-\\ufaff\\ufe30-\\ufe4f\\uff65-\\uffdc"
  + "\\u{17000}-\\u{18aff}\\u{1b000}-\\u{1b0ff}\\u{1b170}-\\u{1b2ff}\\u{20000}-\\u{2ffff}"
const STARTS_EAST_ASIAN = new RegExp(`^[${EAST_ASIAN}]`, "u")
const ENDS_EAST_ASIAN = new RegExp(`[${EAST_ASIAN}]$`, "u")

const OPENING = new RegExp(`^[${CURRENCY}([{¿¡]+$`, "u")
const CLOSING = /^[,.?!:;\\%}\])]+$/u
const CONTRACTION = new RegExp(`^'[${ALPHABETIC}]`, "u")
const QUOTE = /^['"„“`]+$/u
const DOUBLE_QUOTE = /^[„“”]+$/u

/** The text of words, signs put back to the words that they belong to. */
export const mosesDetokenize = (tokens: readonly string[]): string => {
  const joined = ` ${tokens.join(" ")} `.replaceAll(" @-@ ", "-")
  const plain = UNESCAPES.reduce((made, [escaped, sign]) => made.replaceAll(escaped, sign), joined)
  const words = pythonSplit(plain)
  const opened = new Map<string, boolean>()
  let text = ""
  let space = " "
  const add = (before: string, word: string, after: string): void => {
    text += before + word
    space = after
  }
  words.forEach((word, index) => {
    const previous = words[index - 1] ?? ""
    if (STARTS_EAST_ASIAN.test(word)) add(ENDS_EAST_ASIAN.test(previous) ? "" : space, word, " ")
    else if (OPENING.test(word)) add(space, word, "")
    else if (CLOSING.test(word) || (index > 0 && CONTRACTION.test(word))) add("", word, " ")
    else if (QUOTE.test(word)) {
      const quote = DOUBLE_QUOTE.test(word) ? "\"" : word
      const open = opened.get(quote) === true
      // A plural's possessive is no quotation: the dogs' bones.
      if (!open && word === "'" && previous.endsWith("s")) add("", word, " ")
      else {
        add(open ? "" : space, word, open ? " " : "")
        opened.set(quote, !open)
      }
    } else add(space, word, " ")
  })
  return text.replace(/ {2,}/gu, " ").replace(SPACES_AT_ENDS, "")
}
