import * as messages from "../messages.ts"
import { byId, type Form, Gathered } from "../submission.ts"

/** Reads lines `document, group, Arg1:T1, Arg2:T2`, with tabs between them. */
export const read: Form = (lines, problems) => {
  const gathered = new Gathered()
  for (const { number, text } of lines) {
    const found = /^([^\t]+)\t([^\t]+)\tArg1:([^\t]+)\tArg2:([^\t]+)$/u.exec(text.trimEnd())
    if (found === null) {
      const { message, help } = messages.wrongLine
      problems.add(number, { message: message("document, group, Arg1:T1, Arg2:T2 with tabs between them"), help })
      continue
    }
    const [, document = "", label = "", head = "", tail = ""] = found
    gathered.add(document, { line: number, label, arguments: [byId(head), byId(tail)] })
  }
  return { documents: gathered.documents, listsAll: false }
}
