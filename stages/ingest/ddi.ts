import { type Place, quote, wrong } from "./checks.ts"

/** What DDI 2013 means, whichever of its two formats says it; both readers give the same relations. */
const labels = new Set(["effect", "mechanism", "advise", "int"])

/** A relation's label in lower case, as XML writes it; BRAT writes capitals. */
export const ddiLabel = (written: string, place: Place): string => {
  const label = written.toLowerCase()
  if (!labels.has(label)) {
    throw wrong(
      place,
      `unknown interaction type ${quote(written)}`,
      "the DDI corpus has effect, mechanism, advise and int",
    )
  }
  return label
}
