import * as messages from "../messages.ts"
import { byId, type Form, Gathered } from "../submission.ts"

/**
 * Reads PubTator: lines of text and of mentions name documents, and a line `document, label, id, id` is a relation. What
 * stands in a fifth field qualifies the label, and is written behind it as the corpus has it: "Association/Novel".
 */
export const read: Form = (lines, problems) => {
  const gathered = new Gathered()
  let hasTexts = false
  for (const { number, text } of lines) {
    const title = /^([^|\t]+)\|[ta]\|/u.exec(text)
    if (title !== null) {
      hasTexts = true
      gathered.name(title[1] ?? "", number)
      continue
    }
    const [document = "", label = "", head = "", tail = "", more = ""] = text.split("\t").map((field) => field.trim())
    // A mention: its second and third fields are where it begins and ends.
    if (/^\d+$/u.test(label) && /^\d+$/u.test(head) && document !== "") continue
    if ([document, label, head, tail].includes("")) {
      const { message, help } = messages.wrongLine
      problems.add(number, { message: message("document, label, id, id with tabs between them"), help })
    } else {gathered.add(document, {
        line: number,
        label: more === "" ? label : `${label}/${more}`,
        arguments: [byId(head), byId(tail)],
      })}
  }
  return { documents: gathered.documents, listsAll: hasTexts }
}
