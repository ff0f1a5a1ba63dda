import { Schema } from "effect"
import { checker } from "redag"
import * as messages from "../messages.ts"
import { byId, type Form, Gathered } from "../submission.ts"

const Row = Schema.Struct({
  doc_id: Schema.NonEmptyString,
  drug_idxs: Schema.Array(Schema.Natural),
  relation_label: Schema.Literals([0, 1, 2]),
})

/** Labels by their numbers: 2 is a positive combination, 1 any other, which the evaluation does not tell apart. */
const labels = ["", "COMB", "POS"] as const

/** Reads combinations, one a line: `{"doc_id": …, "drug_idxs": [0, 1], "relation_label": 2}`; of label 0 there is none. */
export const read: Form = (lines, problems) => {
  const check = checker(Row, { excess: "ignore" })
  const gathered = new Gathered()
  for (const { number, text } of lines) {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      problems.add(number, { message: messages.notJson.message(reason), help: messages.wrongLine.help })
      continue
    }
    const row = problems.checked(number, check(value))
    if (row === undefined) continue
    const { doc_id: document, drug_idxs: drugs, relation_label: label } = row
    if (!document.isWellFormed()) {
      const { message, help } = messages.halfCharacter
      problems.add(number, { message: message(document.toWellFormed()), help })
    } else if (label === 0) gathered.name(document, number)
    else {
      gathered.add(document, {
        line: number,
        label: labels[label],
        arguments: drugs.map((drug) => byId(String(drug))),
      })
    }
  }
  return { documents: gathered.documents, listsAll: false }
}
