// The slow, obvious implementation of a constraint: all texts are written out, and read by the extraction itself.
import type { PredictedRelation } from "../../../schemas/relations.ts"
import { extractor } from "../../../stages/shared/language/extraction.ts"
import { clauseOf } from "../../../stages/shared/language/rendering.ts"
import type { ConstraintParam } from "../../../stages/shared/params/constraint.ts"

const inWord = /^[\p{L}\p{N}\p{M}]$/u

/** All stretches of one line of a text that begin and end at borders of words, not with a blank. */
export const slowNames = (text: string): readonly string[] => {
  const border = (at: number): boolean => !(inWord.test(text[at - 1] ?? "") && inWord.test(text[at] ?? ""))
  const names = new Set<string>()
  for (let start = 0; start < text.length; start++) {
    for (let end = start + 1; end <= text.length; end++) {
      const name = text.slice(start, end)
      const isStretch = name.isWellFormed() && name.trim() === name && !name.includes("\n")
      if (border(start) && border(end) && isStretch) names.add(name)
    }
  }
  return [...names]
}

const tuples = (names: readonly string[], size: number): readonly (readonly string[])[] =>
  size === 0 ? [[]] : tuples(names, size - 1).flatMap((rest) => names.map((name) => [...rest, name]))

/** All texts of at most so many clauses, each of at most so many names, that are read back as they were meant. */
export const slowTexts = (
  { template, extraction }: ConstraintParam,
  names: readonly string[],
  most: { readonly clauses: number; readonly names: number },
): readonly string[] => {
  const extract = extractor({ template, extraction, reading: { search: "all words", blanks: "dropped" } })
  const rewritten = (name: string): string =>
    (extraction.rewrite ?? []).reduce((so, { from, to }) => so.replaceAll(from, to), name)
  const sizes = template.list === undefined ? [2] : Array.from({ length: most.names }, (_, index) => index + 1)
  const clauses = sizes.flatMap((size) => tuples(names, size)).flatMap((tuple) =>
    Object.keys(template.labels).map((label) => ({
      text: clauseOf({ label, arguments: tuple.map((name) => [name]) }, template),
      meant: { label, arguments: tuple.map(rewritten) },
    }))
  )
  const reads = (text: string, meant: readonly PredictedRelation[]): boolean => {
    const { relations, malformed } = extract(text)
    const distinct = [...new Set(meant.map((each) => JSON.stringify(each)))]
    return malformed.length === 0
      && JSON.stringify(relations) === `[${distinct.join(",")}]`
  }
  // A clause that is not read back alone is not read back among others.
  const good = clauses.filter(({ text, meant }) => reads(text + template.end, [meant]))
  let texts = good.map(({ text, meant }) => ({ text, meant: [meant] }))
  const found = [...texts]
  for (let count = 1; count < most.clauses; count++) {
    texts = texts.flatMap((before) =>
      good.map((clause) => ({
        text: before.text + template.separator + clause.text,
        meant: [...before.meant, clause.meant],
      }))
    )
    found.push(...texts.filter(({ text, meant }) => reads(text + template.end, meant)))
  }
  return [...new Set([template.none, ...found.map(({ text }) => text + template.end)])]
}
