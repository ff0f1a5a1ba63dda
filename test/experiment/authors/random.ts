import type { CorpusId } from "./second.ts"

/** Random numbers below a bound from a seed: a test's texts are the same in each of its runs. */
export const numbersFrom = (seed: number): (bound: number) => number => {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

const names = [
  "aspirin",
  "Warfarin",
  "calcium and sodium",
  "5 - FU",
  "IL - 2 - receptor",
  "β-blocker",
  "and",
  "is",
  "that is what exists",
  "relation between a and b",
  "participate",
  "a, b",
  "",
  " ",
  "  heparin ",
  "salt.",
  "positive salt",
  "No drug",
  "x\ny",
  "x\ry",
]
const predicates = [
  "interaction",
  "mechanism",
  "effect",
  "advice",
  "upregulation",
  "downregulation",
  "agonist",
  "antagonist",
  "substrate and/or product",
  "substrate",
  "product",
  "effects",
  "Effect",
  "constructor",
  "",
]
const joins = [" and ", ", and ", ", ", " and", ",", " , "]
const ends = [".", "", ". ", ".\n", "..", "; ", ";", " ."]
const separators = ["; ", ";", " ; ", ";; ", ". ", ";\n"]
const around = ["", "", "", " ", "  ", "\n", "\t", "so "]

/** Clauses of a corpus, right ones and broken ones. */
export const textsOf = (corpus: CorpusId, count: number): ReadonlyArray<string> => {
  const random = numbersFrom(corpus.length * 7919 + corpus.charCodeAt(0))
  const one = (list: ReadonlyArray<string>): string => list[random(list.length)] ?? ""
  const rarely = (usual: string, list: ReadonlyArray<string>): string => (random(5) === 0 ? one(list) : usual)
  const first = corpus === "cdr" ? "The" : "the"
  const pair = (): string => {
    const start = rarely(`${first} `, ["The ", "the ", "", "THE ", "the  ", "a "])
    const words = rarely("relation between ", ["relation between", "relations between ", "Relation between "])
    const and = rarely(" and ", [" and", " or ", " and  "])
    const tail = corpus === "cdr"
      ? rarely(" exists", [" exists", " exist", "exists", " exists too", " exists exists"])
      : `${rarely(" is ", [" is", " are ", " is  "])}${one(predicates)}`
    return `${start}${words}${one(names)}${and}${one(names)}${tail}`
  }
  const combination = (): string => {
    const listed = Array.from({ length: 1 + random(4) }, () => one(names))
    const list = listed.reduce((text, name) => text + rarely(random(2) === 0 ? " and " : ", ", joins) + name)
    const word = rarely(" participate in a ", [
      "participate in a ",
      " participated in a ",
      " participates in a ",
      " in a ",
    ])
    return `${list}${word}${one(["positive", "", "negative", "pos", "a\npositive"])} drug combination`
  }
  const clause = (): string => `${one(around)}${corpus === "dce" ? combination() : pair()}${one(around)}`
  const nothing = ["No drug-drug interactions are established", "No drug combinations are established", "", "Words"]
  return Array.from({ length: count }, () => {
    const clauses = Array.from({ length: 1 + random(4) }, () => rarely(clause(), [...nothing, clause()]))
    const text = clauses.reduce((so, next) => so + rarely("; ", separators) + next) + one(ends)
    // Now and then a character is lost, as where a tokenizer cannot write it.
    const lost = random(text.length * 3)
    return text.slice(0, lost) + text.slice(lost + 1)
  })
}
