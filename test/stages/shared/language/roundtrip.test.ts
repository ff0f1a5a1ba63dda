import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { Document } from "../../../../schemas/documents.ts"
import type { Answer } from "../../../../schemas/examples.ts"
import { extractor } from "../../../../stages/shared/language/extraction.ts"
import { relationsOf, renderDocument } from "../../../../stages/shared/language/rendering.ts"
import { inverted } from "../../../../stages/shared/language/template.ts"
import { treated } from "../../../experiment/departures/support.ts"
import { often } from "../../../rig/often.ts"
import { corporaMissing, published, skipReason } from "../../support.ts"

type Protocol = "paper" | "authors"
type Shown = { readonly label: string; readonly arguments: ReadonlyArray<string> }

/** What makes two relations the same; as a set where combinations are written as one. */
const keyFor = (corpus: string, protocol: Protocol) => ({ label, arguments: strings }: Shown): string =>
  JSON.stringify([label, ...(corpus === "dce" && protocol === "authors" ? [...new Set(strings)].toSorted() : strings)])
const shownOf = (answers: ReadonlyArray<Answer>, keyOf: (shown: Shown) => string): ReadonlyArray<Shown> => [
  ...new Map(
    answers.map(({ label, arguments: all }) => ({ label, arguments: all.map(([first = ""]) => first) }))
      .map((shown) => [keyOf(shown), shown] as const),
  ).values(),
]

/**
 * Why names cannot come back out of a clause, or undefined where they do: the words that the rules of extraction look
 * for stand in them, where those rules take them for the clause's own.
 */
const reasonLost = (corpus: string, names: ReadonlyArray<string>, protocol: Protocol): string | undefined => {
  const authors = protocol === "authors"
  if (names.some((name) => name.includes(";"))) return "a name has the separator of clauses"
  if ((corpus === "dce" || !authors) && names.some((name) => name !== name.trim())) return "a name begins or ends blank"
  if (corpus !== "dce") {
    const [, tail = ""] = names
    const lineBreak = authors ? /\n/u : /[\n\r\u2028\u2029]/u
    if (names.some((name) => lineBreak.test(name))) return "a name has a line break"
    // The first name reaches to the last " and ", whose first blank may be the one before the second name.
    if (` ${tail}`.includes(" and ")) return `the second name has "and"`
    return corpus === "cdr" && tail.includes(" exists") ? `the second name has "exists"` : undefined
  }
  if (authors && names.some((name) => name.includes("participate"))) return `a name has "participate"`
  const words = " participate in "
  const written = names.length === 2 ? names.join(" and ") : `${names.slice(0, -1).join(", ")}, and ${names.at(-1)}`
  if (!authors && `${written}${words}`.indexOf(words) !== written.length) return `a name has "participate in"`
  if (names.some((name) => name.includes(" - "))) return "a name has a hyphen between blanks, which is closed"
  if (names.some((name) => name.includes(", ") || name.includes(" and "))) return "a name has what joins names"
  const [first = ""] = names
  if (names.length === 2 && /(?:,| and)$/u.test(first)) return "the first of two names ends like what joins names"
  // The blank before "participate" is part of the list.
  if (authors && /(?:,| and)$/u.test(names.at(-1) ?? "")) return "the last name ends like what joins names"
  // After ", " it reads ", and ", which comes before the last name.
  return names.slice(1, -1).some((name) => name.startsWith("and "))
    ? `a name between others begins with "and"`
    : undefined
}

/** The relations of a document that its own target does not give back, and the ones that it gives instead. */
const roundTrip = (document: Document, corpus: string, protocol: Protocol) => {
  const { template, extraction, reading, rendering } = treated(corpus, protocol)
  const { target, answers } = renderDocument(document, "train", template, rendering)
  const { stated } = relationsOf(document, template, rendering)
  const { relations, malformed } = extractor({ template: inverted(template), extraction, reading })(target)
  // A combination as a set is written in another order.
  const keyOf = keyFor(corpus, protocol)
  const expected = shownOf(corpus === "dce" ? stated : answers, keyOf)
  const found = new Set(relations.map(keyOf))
  const wanted = new Set(expected.map(keyOf))
  return {
    document: document.id,
    answers: answers.length,
    expected,
    lost: expected.filter((shown) => !found.has(keyOf(shown))),
    invented: relations.filter((relation) => !wanted.has(keyOf(relation))),
    malformed,
  }
}

/** A document with one mention for each name, and relations between them. */
const documentOf = (
  names: ReadonlyArray<string>,
  relations: ReadonlyArray<{ readonly label: string; readonly arguments: ReadonlyArray<number> }>,
): Document => {
  let start = 0
  const mentions = names.map((name, index) => {
    const span = { start, end: start + name.length }
    start = span.end + 1
    return { id: `T${index}`, type: "t", text: name, spans: [span], concepts: [`C${index}`], parts: [] }
  })
  return {
    corpus: "c",
    portion: "train",
    id: "d",
    text: names.join(" "),
    mentions,
    relations: relations.map((relation) => ({
      label: relation.label,
      level: "mention" as const,
      arguments: relation.arguments.map((index) => `T${index % names.length}`),
    })),
  }
}

const labelOf = (corpus: string, protocol: Protocol) =>
  fc.constantFrom(...Object.keys(treated(corpus, protocol).template.labels))

/** Names of any letters and of the words and signs that clauses are made of, with and without blanks between. */
const piece = fc.oneof(
  fc.constantFrom("and", "exists", "is", "participate", "in", "participate in", ";", ".", ",", "(", ")", "-", "/"),
  fc.constantFrom("a", "Ca(2+)", "β", "e\u0301", "\u{1D6FC}", "1,2-", "]", "\"", "\\", "$&", "{head}", "\n", "No"),
  fc.constantFrom("The relation between", "a positive drug combination", "agonist", "no drug combinations"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 3 }),
)
const blankEdged = fc.array(fc.tuple(piece, fc.constantFrom("", " ")), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.flat().join("")).filter((text) => text.trim() !== "")
const name = fc.oneof({ weight: 9, arbitrary: blankEdged.map((text) => text.trim()) }, blankEdged)

const corpora: ReadonlyArray<string> = ["cdr", "chemprot", "ddi", "dce"]
const names = (corpus: string) =>
  fc.array(name, corpus === "dce" ? { minLength: 2, maxLength: 5 } : { minLength: 2, maxLength: 2 })

describe("extraction inverts templates", () => {
  for (const protocol of ["paper", "authors"] as const) {
    for (const corpus of corpora) {
      it(`${corpus}, ${protocol}: a relation comes back exactly where no rule takes a name's words for the clause's`, () => {
        fc.assert(
          fc.property(names(corpus), labelOf(corpus, protocol), (given, label) => {
            const document = documentOf(given, [{ label, arguments: given.map((_, index) => index) }])
            const { expected, lost, invented, malformed } = roundTrip(document, corpus, protocol)
            const reason = reasonLost(corpus, expected[0]?.arguments ?? [], protocol)
            assert.strictEqual(lost.length === 1, reason !== undefined, reason ?? "no reason")
            if (reason === undefined) assert.deepStrictEqual([invented, malformed], [[], []])
          }),
          { numRuns: often(60, 1000) },
        )
      })

      it(`${corpus}, ${protocol}: many relations of one document come back together`, () => {
        const fine = names(corpus).filter((given) =>
          reasonLost(corpus, given.map((one) => one.toLowerCase()), protocol) === undefined
          // In a set any of them may come first, last or between.
          && (corpus !== "dce" || protocol === "paper" || !given.some((one) => /(?:,| and)$|^and(?: |$)/u.test(one)))
        )
        const relations = fc.array(fc.tuple(fine, labelOf(corpus, protocol)), { maxLength: 6 })
        fc.assert(
          fc.property(relations, (given) => {
            let count = 0
            const document = documentOf(
              given.flatMap(([strings]) => strings),
              given.map(([strings, label]) => ({ label, arguments: strings.map(() => count++) })),
            )
            const { lost, invented, malformed } = roundTrip(document, corpus, protocol)
            assert.deepStrictEqual({ lost, invented, malformed }, { lost: [], invented: [], malformed: [] })
          }),
          { numRuns: often(25, 300) },
        )
      })
    }
  }

  it("names that clauses are hard on, by hand", () => {
    const back = (corpus: string, ...given: ReadonlyArray<string>): boolean => {
      const [label = ""] = Object.keys(treated(corpus, "paper").template.labels)
      return roundTrip(documentOf(given, [{ label, arguments: given.map((_, index) => index) }]), corpus, "paper")
        .lost.length === 0
    }
    assert.isTrue(back("cdr", "oil and vinegar", "pain (mild), stage 2."))
    assert.isFalse(back("cdr", "vinegar", "nausea and vomiting"))
    assert.isFalse(back("cdr", "vinegar", "and nausea"))
    assert.isTrue(back("cdr", "it exists", "vomiting and"))
    assert.isFalse(back("cdr", "5;6-oil", "pain"))
    assert.isTrue(back("ddi", "what is and what was", "what is"))
    assert.isTrue(back("dce", "interferon alpha ( IFN )", "β-\u{1D6FC}-e\u0301", "and oil"))
    assert.isFalse(back("dce", "oil", "and salt", "vinegar"))
    assert.isFalse(back("dce", "oil,", "vinegar"))
    assert.isTrue(back("dce", "oil,", "vinegar,", "salt,"))
  })

  /**
   * Answers, the distinct ones as they read, and how many of those do not come back. Of relations that read alike (CDR
   * concepts with one name, DDI mentions of one name) the target shows one, so that the others cannot come back either.
   */
  const counts: ReadonlyArray<
    readonly [keyof typeof published, string, Readonly<Record<Protocol, readonly [number, number, number]>>]
  > = [
    ["cdr train", "cdr", { paper: [1038, 1009, 33], authors: [1038, 1029, 20] }],
    ["cdr dev", "cdr", { paper: [1012, 979, 22], authors: [1012, 995, 9] }],
    ["cdr test", "cdr", { paper: [1066, 1051, 17], authors: [1066, 1060, 11] }],
    ["chemprot train", "chemprot", { paper: [3460, 3460, 10], authors: [3346, 3346, 10] }],
    ["chemprot dev", "chemprot", { paper: [2094, 2094, 3], authors: [2042, 2042, 3] }],
    ["dce train", "dce", { paper: [1036, 1036, 0], authors: [1039, 1036, 0] }],
    ["dce test", "dce", { paper: [209, 209, 0], authors: [209, 209, 0] }],
    ["ddi train brat", "ddi", { paper: [3818, 3818, 0], authors: [4021, 3878, 0] }],
    ["ddi train xml", "ddi", { paper: [3818, 3818, 0], authors: [4021, 3878, 0] }],
  ]
  for (const [source, corpus, expected] of counts) {
    for (const protocol of ["paper", "authors"] as const) {
      it.skipIf(corporaMissing !== undefined)(`${source}, ${protocol}: relations come back${skipReason}`, () => {
        const results = Array.from(published[source](), (document) => roundTrip(document, corpus, protocol))
        const lost = results.flatMap((result) =>
          result.lost.map(({ arguments: strings }) => ({
            reason: reasonLost(corpus, strings, protocol),
            text: `${result.document} ${strings.join(" | ")}`,
          }))
        )
        const list = [...Map.groupBy(lost, ({ reason }) => reason)].map(([reason, exceptions]) =>
          `\n  ${reason}: ${exceptions.map(({ text }) => text).join("; ")}`
        )
        const alike = results.filter((result) => result.answers > result.expected.length).map(({ document }) =>
          document
        )
        const which = alike.length > 40 ? `${alike.length} documents` : alike.join(", ")
        console.log(
          `${source}, ${protocol}: ${lost.length} do not come back${list.join("")}`
            + (which === "" ? "" : `\n  and these have relations that read alike: ${which}`),
        )
        const sum = (size: (result: ReturnType<typeof roundTrip>) => number) =>
          results.reduce((total, result) => total + size(result), 0)
        assert.deepStrictEqual(
          [sum((result) => result.answers), sum((result) => result.expected.length), lost.length],
          [...expected[protocol]],
        )
        assert.isTrue(lost.every(({ reason }) => reason !== undefined))
        const come = results.flatMap((result) => result.expected).filter((one) =>
          reasonLost(corpus, one.arguments, protocol) !== undefined
        )
        assert.lengthOf(come, lost.length)
        assert.isAtMost(sum((result) => result.invented.length), lost.length)
        assert.deepStrictEqual(results.flatMap((result) => result.malformed), [])
      })
    }
  }
})
