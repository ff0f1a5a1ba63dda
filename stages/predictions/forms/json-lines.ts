import { Schema } from "effect"
import { checker } from "redag"
import * as messages from "../messages.ts"
import type { Problems } from "../problems.ts"
import type { Argument, Form, Handed, Stated } from "../submission.ts"

const Id = Schema.Union([Schema.NonEmptyString, Schema.Natural])

/** An argument: a name, or `{"id": …}`, or `{"start": …, "end": …}`. */
const Argument = Schema.Union([
  Schema.NonEmptyString,
  Schema.Struct({ id: Id }),
  Schema.Struct({ start: Schema.Natural, end: Schema.Natural }),
])

/** A line: a document with the text that a model wrote, or with relations. Other names in it are left alone. */
const Row = Schema.Struct({
  document: Id,
  text: Schema.optionalKey(Schema.String),
  relations: Schema.optionalKey(
    Schema.Array(Schema.Struct({ label: Schema.String, arguments: Schema.Array(Argument) })),
  ),
})

const argumentOf = (argument: typeof Argument.Type): Argument => {
  if (typeof argument === "string") return { _tag: "Name", text: argument }
  return "id" in argument
    ? { _tag: "Id", id: String(argument.id) }
    : { _tag: "Place", start: argument.start, end: argument.end }
}

/** Reads JSON Lines. */
export const read: Form = (lines, problems) => {
  const check = checker(Row, { excess: "ignore" })
  const documents = new Map<string, Handed>()
  for (const { number, text } of lines) {
    const value = parsed(text, number, problems)
    if (value === undefined) continue
    const row = problems.checked(number, check(value))
    if (row === undefined) continue
    const { document, text: written, relations } = row
    const id = String(document)
    const known = documents.get(id)
    const wrong = !isWellFormed(row)
      ? { message: messages.halfCharacter.message(id.toWellFormed()), help: messages.halfCharacter.help }
      : known !== undefined
      ? { message: messages.repeatedDocument.message(id, known.line), help: messages.repeatedDocument.help }
      : written === undefined && relations === undefined
      ? { message: messages.neither.message(id), help: messages.neither.help }
      : written !== undefined && relations !== undefined
      ? { message: messages.both.message(id), help: messages.both.help }
      : undefined
    if (wrong !== undefined) problems.add(number, wrong)
    else if (written !== undefined) documents.set(id, { _tag: "Text", line: number, text: written })
    else {
      const stated = (relations ?? []).map((relation, place): Stated => ({
        line: number,
        field: `relations[${place}]`,
        label: relation.label,
        arguments: relation.arguments.map(argumentOf),
      }))
      documents.set(id, { _tag: "Relations", line: number, relations: stated })
    }
  }
  return { documents, listsAll: true }
}

/** Whether no string of a line holds half of a character, which no table can hold. */
const isWellFormed = ({ document, text = "", relations = [] }: typeof Row.Type): boolean =>
  [
    String(document),
    text,
    ...relations.flatMap(({ label, arguments: all }) => [label, ...all.map(argumentText)]),
  ].every((each) => each.isWellFormed())

const argumentText = (argument: typeof Argument.Type): string =>
  typeof argument === "string" ? argument : "id" in argument ? String(argument.id) : ""

const parsed = (text: string, number: number, problems: Problems): object | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value
    problems.add(number, messages.notObject)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    problems.add(number, { message: messages.notJson.message(reason), help: messages.notJson.help })
  }
  return undefined
}
