import { unknownType } from "./messages.ts"

/** The group of each ChemProt relation type that the patterns use. */
const groups: Readonly<Record<string, string>> = {
  ACTIVATOR: "CPR:3",
  UPREGULATOR: "CPR:3",
  "INDIRECT-UPREGULATOR": "CPR:3",
  INHIBITOR: "CPR:4",
  DOWNREGULATOR: "CPR:4",
  AGONIST: "CPR:5",
  ANTAGONIST: "CPR:6",
  SUBSTRATE: "CPR:9",
  "PRODUCT-OF": "CPR:9",
  NOT: "CPR:10",
}

const evaluated = new Set(["CPR:3", "CPR:4", "CPR:5", "CPR:6", "CPR:9"])

/** The group of a relation type, and whether the task evaluates it. */
export const groupOf = (type: string): { readonly group: string; readonly isEvaluated: boolean } => {
  const group = groups[type]
  if (group === undefined) throw new Error(unknownType(type))
  return { group, isEvaluated: evaluated.has(group) }
}
