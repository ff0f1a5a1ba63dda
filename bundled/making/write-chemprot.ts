import { groupOf } from "../../stages/compose/chemprot-groups.ts"
import type { ComposedDocument } from "../../stages/compose/compose.ts"
import { join } from "../../stages/compose/passage.ts"

/** The four files of a portion of ChemProt. */
export interface ChemprotFiles {
  readonly abstracts: string
  readonly entities: string
  readonly relations: string
  readonly goldStandard: string
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
      const { group, isEvaluated } = groupOf(label)
      const [chemical = 0, protein = 0] = mentions
      const pair = [`Arg1:T${chemical + 1}`, `Arg2:T${protein + 1}`]
      relations.push([id, group, isEvaluated ? "Y " : "N ", label, ...pair])
      if (isEvaluated) gold.push([id, group, ...pair])
    }
  })
  return {
    abstracts: lines(abstracts),
    entities: lines(entities),
    relations: lines(relations),
    goldStandard: lines(gold),
  }
}
