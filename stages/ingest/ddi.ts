import { excerpt, type Place, wrong } from "./checks.ts"
import * as messages from "./messages.ts"

/** What DDI 2013 means, whichever of its two formats says it; both readers give the same relations. */
const labels = new Set(["effect", "mechanism", "advise", "int"])

/** A relation's label in lower case, as XML writes it; BRAT writes capitals. */
export const ddiLabel = (written: string, place: Place): string => {
  const label = written.toLowerCase()
  if (!labels.has(label)) {
    const { message, help } = messages.unknownInteraction
    throw wrong(place, message(excerpt(written)), help)
  }
  return label
}
