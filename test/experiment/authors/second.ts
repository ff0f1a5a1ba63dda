/**
 * A second implementation of how the authors' code reads texts and writes targets, independent of redag's: from the
 * words of docs/protocols.md and by plain regular expressions. It shares no code and no template with redag.
 *
 * "." of a regular expression stands for everything but a line feed, as in Python.
 */

/** A relation that was read: its label, "?" and the predicate where that is unknown, and its arguments. */
export interface Read {
  readonly label: string
  readonly arguments: ReadonlyArray<string>
}

export type CorpusId = "cdr" | "chemprot" | "ddi" | "dce"

const CDR = /relation between ([^\n]*) and ([^\n]*?) exists/u
const TYPED = /relation between ([^\n]*) and ([^\n]*) is ([^\n]*)/u

const predicates: Readonly<Record<"chemprot" | "ddi", Readonly<Record<string, string>>>> = {
  chemprot: {
    "upregulation": "CPR:3",
    "downregulation": "CPR:4",
    "agonist": "CPR:5",
    "antagonist": "CPR:6",
    "substrate and/or product": "CPR:9",
    "substrate": "CPR:9",
    "product": "CPR:9",
  },
  ddi: { interaction: "int", mechanism: "mechanism", effect: "effect", advice: "advise" },
}

const combination = (piece: string): ReadonlyArray<Read> => {
  const sides = piece.split("participate")
  if (sides.length !== 2) return []
  const [list = "", rest = ""] = sides
  return [{
    label: rest.includes("positive") ? "POS" : "COMB",
    // The blanks around the names of a combination go, before its hyphens are put together; nothing else is trimmed.
    arguments: list.split(/, and |, | and /u).map((name) => name.trim().replaceAll(" - ", "-")),
  }]
}

const readPiece = (corpus: CorpusId, piece: string): ReadonlyArray<Read> => {
  if (corpus === "dce") return combination(piece)
  if (corpus === "cdr") {
    const found = CDR.exec(piece)
    return found === null ? [] : [{ label: "CID", arguments: [found[1] ?? "", found[2] ?? ""] }]
  }
  const found = TYPED.exec(piece)
  if (found === null) return []
  const [, head = "", tail = "", predicate = ""] = found
  return [{
    label: Object.hasOwn(predicates[corpus], predicate) ? predicates[corpus][predicate] ?? "" : `?${predicate}`,
    arguments: [head, tail],
  }]
}

/** A relation as text: a combination is a set of names. */
export const shownRead = (corpus: CorpusId, { label, arguments: names }: Read): string =>
  JSON.stringify([label, ...(corpus === "dce" ? [...new Set(names)].toSorted() : names)])

/** What the authors' code reads out of a text: each relation once, in no order. */
export const readAsAuthors = (corpus: CorpusId, text: string): ReadonlyArray<string> => {
  const whole = text.endsWith(".") ? text.slice(0, -1) : text
  const found = whole.split(";").flatMap((piece) => readPiece(corpus, piece))
  return [...new Set(found.map((one) => shownRead(corpus, one)))].toSorted()
}

/** A mention as the second implementation is given it: its strings by the concepts that each names. */
export interface Named {
  readonly id: string
  readonly names: ReadonlyArray<{ readonly text: string; readonly concepts: ReadonlyArray<string> }>
}

/** A relation as the corpus file has it, in the file's order. */
export interface Annotated {
  readonly label: string
  readonly arguments: ReadonlyArray<string>
}

const joined = (names: ReadonlyArray<string>): string =>
  names.length < 3
    ? names.join(" and ")
    : `${names.slice(0, -1).join(", ")}, and ${names.at(-1)}`

const none: Readonly<Record<CorpusId, string>> = {
  cdr: ".",
  chemprot: "No drug-gene relationships are established.",
  ddi: "No drug-drug interactions are established.",
  dce: "No drug combinations are established.",
}

const phrases: Readonly<Record<string, string>> = {
  "CPR:3": "upregulation",
  "CPR:4": "downregulation",
  "CPR:5": "agonist",
  "CPR:6": "antagonist",
  "CPR:9": "substrate and/or product",
  int: "interaction",
  mechanism: "mechanism",
  effect: "effect",
  advise: "advice",
}

/** What comes last where strings are put in the order of their code points. */
const greatest = (names: ReadonlyArray<string>): string =>
  names.reduce((best, name) => {
    const [a, b] = [best, name].map((text) => Array.from(text, (character) => character.codePointAt(0) ?? 0))
    const at = (a ?? []).findIndex((code, index) => code !== b?.[index])
    const isLess = at === -1 ? (a?.length ?? 0) < (b?.length ?? 0) : (a?.[at] ?? 0) < (b?.[at] ?? -1)
    return isLess ? name : best
  })

/**
 * The clauses that the authors' code writes for a document: in the file's order for CDR, where the order is a set's
 * otherwise; the names of a combination sorted here, which a set has in no order.
 */
export const clausesOfAuthors = (
  corpus: CorpusId,
  mentions: ReadonlyArray<Named>,
  relations: ReadonlyArray<Annotated>,
): ReadonlyArray<string> => {
  const stringOf = (argument: string): string => mentions.find(({ id }) => id === argument)?.names[0]?.text ?? ""
  const clauses = relations.map(({ label, arguments: ids }) => {
    const [head = "", tail = ""] = ids
    if (corpus === "cdr") {
      const [chemical, disease] = [head, tail].map((concept) =>
        greatest(
          mentions.flatMap(({ names }) => names).filter((name) => name.concepts.includes(concept)).map((name) =>
            name.text
          ),
        )
      )
      return `The relation between ${chemical} and ${disease} exists`
    }
    if (corpus === "dce") {
      const names = [...new Set(ids.map(stringOf))].toSorted()
      return `${joined(names)} participate in a ${label === "POS" ? "positive" : ""} drug combination`
    }
    const [first, second] = [stringOf(head), stringOf(tail)].map((name) =>
      corpus === "chemprot" ? name.toLowerCase() : name
    )
    return `the relation between ${first} and ${second} is ${phrases[label] ?? ""}`
  })
  return corpus === "chemprot" ? [...new Set(clauses)] : clauses
}

/** The target that clauses make in an order. */
export const targetOf = (corpus: CorpusId, clauses: ReadonlyArray<string>): string =>
  clauses.length === 0 ? none[corpus] : `${clauses.join("; ")}.`
