import { Schema } from "effect"
import { clausePattern, slotNames } from "./clause.ts"

const List = Schema.Struct({
  /** The slot of the clause that takes all of a relation's arguments. */
  slot: Schema.String,
  /** Between two items that are all there are. */
  pair: Schema.NonEmptyString,
  /** Between items that are not the last two. */
  between: Schema.NonEmptyString,
  /** Before the last of three items or more. */
  last: Schema.NonEmptyString,
})

/** How a document becomes a model's input and its relations a text. */
export const Template = Schema.Struct({
  /** The input; `{text}` is the document's text. */
  source: Schema.String,
  /** One relation. Slots: `{head}` and `{tail}`, or the list's slot, and `{label}` for the label's phrase. */
  clause: Schema.String,
  /** Each label's phrase; empty where the clause has no `{label}`, and then the corpus has one label only. */
  labels: Schema.Record(Schema.String, Schema.String),
  /** Labels of the corpus that the template does not tell apart: each is rendered and scored as another one. */
  merge: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  list: Schema.optionalKey(List),
  /** Between clauses. */
  separator: Schema.NonEmptyString,
  /** After the last clause. */
  end: Schema.String,
  /** The whole output for a document without relations. */
  none: Schema.String,
})
export type Template = typeof Template.Type

/** How relations are found in a text, beyond what the template itself says. */
export const Extraction = Schema.Struct({
  /** The regular expression of each slot of the clause. */
  slots: Schema.Record(Schema.String, Schema.String),
  /** Tried in order on a `{label}` that is no label's phrase; a pattern must match all of it. */
  labels: Schema.optionalKey(Schema.Array(Schema.Struct({ label: Schema.String, pattern: Schema.String }))),
  /** Replacements made in each argument that was found. */
  rewrite: Schema.optionalKey(Schema.Array(Schema.Struct({ from: Schema.NonEmptyString, to: Schema.String }))),
})
export type Extraction = typeof Extraction.Type

/** The part of a template that extraction inverts; what else the template says cannot change extraction. */
export const InvertedTemplate = Schema.Struct({
  clause: Template.fields.clause,
  labels: Template.fields.labels,
  list: Template.fields.list,
  separator: Template.fields.separator,
  end: Template.fields.end,
  none: Template.fields.none,
})
export type InvertedTemplate = typeof InvertedTemplate.Type

/** Takes from a template what extraction inverts. */
export const inverted = (template: Template): InvertedTemplate => ({
  clause: template.clause,
  labels: template.labels,
  ...(template.list === undefined ? {} : { list: template.list }),
  separator: template.separator,
  end: template.end,
  none: template.none,
})

type Issue = Schema.FilterIssue | undefined
const issue = (path: ReadonlyArray<PropertyKey>, message: string): Issue => ({ path, issue: message })

const templateIssue = (template: Template): Issue => {
  const text = template.source.split("{text}").length - 1
  if (text !== 1) return issue(["template", "source"], `"source" has {text} ${text} times, and needs it once`)
  const slots = slotNames(template.clause)
  const wanted = template.list === undefined ? ["head", "tail"] : [template.list.slot]
  const known = new Set([...wanted, "label"])
  for (const slot of slots) {
    if (!known.has(slot)) return issue(["template", "clause"], `"clause" has an unknown slot {${slot}}`)
  }
  for (const slot of wanted) {
    const count = slots.filter((name) => name === slot).length
    if (count !== 1) return issue(["template", "clause"], `"clause" has {${slot}} ${count} times, and needs it once`)
  }
  const labels = Object.entries(template.labels)
  const withLabel = slots.filter((slot) => slot === "label").length
  if (withLabel > 1) return issue(["template", "clause"], `"clause" has {label} more than once`)
  if (labels.length === 0) return issue(["template", "labels"], `"labels" is empty`)
  if (withLabel === 0 && labels.length > 1) {
    return issue(["template", "clause"], `"clause" has no {label} to tell ${labels.length} labels apart`)
  }
  const phrases = new Map<string, string>()
  for (const [label, phrase] of labels) {
    const other = phrases.get(phrase)
    if (other !== undefined) {
      return issue(
        ["template", "labels", label],
        `${label} and ${other} have one phrase; name one of them under "merge"`,
      )
    }
    phrases.set(phrase, label)
  }
  for (const [label, other] of Object.entries(template.merge ?? {})) {
    if (template.labels[other] === undefined) {
      return issue(["template", "merge", label], `${label} is merged into ${other}, which has no phrase under "labels"`)
    }
    if (template.labels[label] !== undefined) {
      return issue(["template", "merge", label], `${label} is merged and has a phrase of its own under "labels"`)
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
      return issue(["extraction", "slots"], `"slots" has no pattern for {${slot}} of the clause`)
    }
  }
  for (const slot of Object.keys(extraction.slots)) {
    if (!slots.includes(slot)) return issue(["extraction", "slots", slot], `the clause has no slot {${slot}}`)
    const wrong = patternIssue(extraction.slots[slot] ?? "", ["extraction", "slots", slot])
    if (wrong !== undefined) return wrong
  }
  for (const [index, { label, pattern }] of (extraction.labels ?? []).entries()) {
    if (template.labels[label] === undefined) {
      return issue(["extraction", "labels", index, "label"], `${label} has no phrase under "labels" of the template`)
    }
    const wrong = patternIssue(pattern, ["extraction", "labels", index, "pattern"])
    if (wrong !== undefined) return wrong
  }
  try {
    clausePattern(template.clause, extraction.slots)
  } catch (cause) {
    return issue(
      ["extraction", "slots"],
      `the patterns together are no regular expression: ${(cause as Error).message}`,
    )
  }
  return undefined
}

const patternIssue = (pattern: string, path: ReadonlyArray<PropertyKey>): Issue => {
  try {
    RegExp(pattern, "u")
    return undefined
  } catch (cause) {
    return issue(path, (cause as Error).message)
  }
}

/** A template file: how relations are written, and how they are read back. */
export const Language = Schema.Struct({ template: Template, extraction: Extraction }).check(
  Schema.makeFilter((language) => templateIssue(language.template) ?? extractionIssue(language)),
)
export type Language = typeof Language.Type
