import { Schema } from "effect"
import { PatternError, translate } from "../../../models/patterns/translate.ts"
import { slotNames } from "./clause.ts"
import * as messages from "./messages.ts"
import { Extraction, Template } from "./template.ts"

type Issue = Schema.FilterIssue | undefined
const issue = (path: ReadonlyArray<PropertyKey>, message: string): Issue => ({ path, issue: message })

const templateIssue = (template: Template): Issue => {
  const text = template.source.split("{text}").length - 1
  if (text !== 1) return issue(["template", "source"], messages.textCount(text))
  const slots = slotNames(template.clause)
  const wanted = template.list === undefined ? ["head", "tail"] : [template.list.slot]
  const known = new Set([...wanted, "label"])
  for (const slot of slots) {
    if (!known.has(slot)) return issue(["template", "clause"], messages.unknownSlot(slot))
  }
  for (const slot of wanted) {
    const count = slots.filter((name) => name === slot).length
    if (count !== 1) return issue(["template", "clause"], messages.slotCount(slot, count))
  }
  const labels = Object.entries(template.labels)
  const withLabel = slots.filter((slot) => slot === "label").length
  if (withLabel > 1) return issue(["template", "clause"], messages.repeatedLabelSlot)
  if (labels.length === 0) return issue(["template", "labels"], messages.noLabels)
  if (withLabel === 0 && labels.length > 1) {
    return issue(["template", "clause"], messages.labelSlotMissing(labels.length))
  }
  const phrases = new Map<string, string>()
  for (const [label, phrase] of labels) {
    const other = phrases.get(phrase)
    if (other !== undefined) {
      return issue(["template", "labels", label], messages.samePhrase(label, other))
    }
    phrases.set(phrase, label)
  }
  for (const [label, other] of Object.entries(template.merge ?? {})) {
    if (template.labels[other] === undefined) {
      return issue(["template", "merge", label], messages.mergedIntoUnknown(label, other))
    }
    if (template.labels[label] !== undefined) {
      return issue(["template", "merge", label], messages.mergedWithPhrase(label))
    }
  }
  return undefined
}

interface Parts {
  readonly template: Template
  readonly extraction: Extraction
}

const extractionIssue = ({ template, extraction }: Parts): Issue => {
  const slots = slotNames(template.clause)
  for (const slot of slots) {
    const pattern = extraction.slots[slot]
    if (pattern === undefined) {
      return issue(["extraction", "slots"], messages.patternMissing(slot))
    }
  }
  for (const slot of Object.keys(extraction.slots)) {
    if (!slots.includes(slot)) return issue(["extraction", "slots", slot], messages.slotNotInClause(slot))
    const wrong = patternIssue(extraction.slots[slot] ?? "", ["extraction", "slots", slot])
    if (wrong !== undefined) return wrong
  }
  for (const [index, { label, pattern }] of (extraction.labels ?? []).entries()) {
    if (template.labels[label] === undefined) {
      return issue(["extraction", "labels", index, "label"], messages.labelWithoutPhrase(label))
    }
    const wrong = patternIssue(pattern, ["extraction", "labels", index, "pattern"])
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const patternIssue = (pattern: string, path: ReadonlyArray<PropertyKey>): Issue => {
  try {
    translate(pattern)
    return undefined
  } catch (cause) {
    if (cause instanceof PatternError) return issue(path, messages.wrongPattern(cause.message))
    throw cause
  }
}

/** A template file: how relations are written, and how they are read back. */
export const Language = Schema.Struct({ template: Template, extraction: Extraction }).check(
  Schema.makeFilter((language) => templateIssue(language.template) ?? extractionIssue(language)),
)
export type Language = typeof Language.Type
