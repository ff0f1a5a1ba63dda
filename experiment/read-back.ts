import { Schema } from "effect"
import { clauseParts, fillClause, joinList, splitList } from "../stages/shared/language/clause.ts"
import { Language } from "../stages/shared/language/language.ts"

/** Two names of each kind: a word, several words, and with digits and a hyphen. */
const names = [["aspirin", "fever"], ["folic acid", "heart failure"], ["IL-2", "5-HT3 receptor"]] as const

/**
 * What a clause has in its slots, as extraction finds it. By JavaScript's own expressions, which find the same: those of
 * linear time are a package that plans would load for a clause of a few words.
 */
const finderOf = (
  { template: { clause }, extraction: { slots } }: Language,
): (text: string) => Readonly<Record<string, string>> | undefined => {
  const parts = clauseParts(clause)
  const pattern = parts.map((part, place) =>
    part._tag === "Words" ? RegExp.escape(part.text) : `(?<part${place}>${slots[part.name] ?? ".*"})`
  )
  const expression = new RegExp(pattern.join(""), "u")
  return (text) => {
    const groups = expression.exec(text)?.groups
    return groups === undefined ? undefined : Object.fromEntries(
      parts.flatMap((part, place) => part._tag === "Words" ? [] : [[part.name, groups[`part${place}`] ?? ""] as const]),
    )
  }
}

/**
 * What is wrong with a template whose extraction does not read its own clause: nothing that a model writes could be
 * right. A clause of plain names is written for each label, and read.
 */
export const readBackIssue = (language: Language): Schema.FilterIssue | undefined => {
  const { template: { clause, labels, list, separator }, extraction } = language
  const find = finderOf(language)
  for (const [label, phrase] of Object.entries(labels)) {
    for (const [head, tail] of names) {
      const written: Readonly<Record<string, string>> = list === undefined
        ? { head, tail, label: phrase }
        : { [list.slot]: joinList([head, tail], list), label: phrase }
      const text = fillClause(clause, written)
      if (text.includes(separator.trim() === "" ? separator : separator.trim())) {
        return { path: ["template", "separator"], issue: `stands in the clause "${text}", which it cuts` }
      }
      const found = find(text)
      if (found === undefined) {
        return { path: ["extraction", "slots"], issue: `reads no relation out of the clause "${text}"` }
      }
      const wrong = Object.entries(found).find(([slot, own]) => {
        if (slot !== "label") {
          return list === undefined
            ? own.trim() !== written[slot]
            : splitList(own, list, "dropped").join("\n") !== `${head}\n${tail}`
        }
        const pattern = (extraction.labels ?? []).find((each) => new RegExp(`^(?:${each.pattern})$`, "u").test(own))
        return own.trim() !== phrase && pattern?.label !== label
      })
      if (wrong !== undefined) {
        const [slot, own] = wrong
        return {
          path: ["extraction", "slots", slot],
          issue:
            `reads "${own}" as the {${slot}} of "${text}"; ".*?" reads as little as it can, which is nothing at the `
            + `end of a clause, and ".*" as much as it can`,
        }
      }
    }
  }
  return undefined
}

/** A template file whose extraction reads what the template writes. */
export const ReadBack = Language.check(Schema.makeFilter(readBackIssue))
