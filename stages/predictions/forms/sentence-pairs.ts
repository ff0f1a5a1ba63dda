import * as messages from "../messages.ts"
import { byId, type Form, Gathered } from "../submission.ts"

/** Reads lines `sentence|entity|entity|1|type`, and `sentence|entity|entity|0|null` of a pair that does not interact. */
export const read: Form = (lines, problems) => {
  const gathered = new Gathered()
  for (const { number, text } of lines) {
    const found = /^(.+)\.s\d+\|([^|]+)\|([^|]+)\|([01])\|([^|]+)$/u.exec(text.trim())
    if (found === null) {
      const { message, help } = messages.wrongLine
      problems.add(number, { message: message("sentence|entity|entity|1|type"), help })
      continue
    }
    const [, document = "", head = "", tail = "", interacts, label = ""] = found
    if (interacts === "0") gathered.name(document, number)
    else gathered.add(document, { line: number, label, arguments: [byId(head), byId(tail)] })
  }
  return { documents: gathered.documents, listsAll: false }
}
