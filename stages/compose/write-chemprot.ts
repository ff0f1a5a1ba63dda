import type { ComposedDocument } from "./compose.ts"
import { join } from "./passage.ts"

/** The four files of a portion of ChemProt. */
export interface ChemprotFiles {
  readonly abstracts: string
  readonly entities: string
  readonly relations: string
  readonly goldStandard: string
}

/** The group of each relation type that the patterns use; groups 3, 4, 5, 6 and 9 are evaluated. */
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

/** The evaluated group of a relation type, or undefined where the task does not evaluate it. */
export const evaluatedGroup = (type: string): string | undefined => {
  const group = groups[type]
  return group !== undefined && evaluated.has(group) ? group : undefined
}

const lines = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.join("\t")}\n`).join("")

/** A portion in ChemProt's tab-separated files; offsets are end-exclusive over title, one space, abstract. */
export const chemprotFiles = (documents: readonly ComposedDocument[], ids: readonly string[]): ChemprotFiles => {
  const abstracts: string[][] = []
  const entities: (string | number)[][] = []
  const relations: string[][] = []
  const gold: string[][] = []
  documents.forEach((document, index) => {
    const id = ids[index] ?? ""
    const abstract = join(document.sentences, " ")
    const whole = join([document.title, abstract], " ")
    abstracts.push([id, document.title.text, abstract.text])
    whole.mentions.forEach((mention, place) => {
      const type = mention.entity.kind === "drug" ? "CHEMICAL" : "GENE-Y"
      entities.push([id, `T${place + 1}`, type, mention.start, mention.end, mention.text])
    })
    for (const { label, mentions } of whole.relations) {
      const group = groups[label]
      if (group === undefined) throw new Error(`unknown ChemProt relation type ${label}`)
      const [chemical = 0, protein = 0] = mentions
      const pair = [`Arg1:T${chemical + 1}`, `Arg2:T${protein + 1}`]
      relations.push([id, group, evaluated.has(group) ? "Y " : "N ", label, ...pair])
      if (evaluated.has(group)) gold.push([id, group, ...pair])
    }
  })
  return {
    abstracts: lines(abstracts),
    entities: lines(entities),
    relations: lines(relations),
    goldStandard: lines(gold),
  }
}
