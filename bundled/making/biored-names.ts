import { diseases, drugs, type Entity, type Kind, type SlotKinds } from "../../stages/compose/names.ts"

const named = (kind: Kind, lines: string): readonly Entity[] =>
  lines.trim().split("\n").map((line) => {
    const [concept = "", ...names] = line.trim().split(" ; ")
    return { kind, concept, names }
  })

/** Genes by their NCBI numbers; one name stands for two of them. */
const genes = named(
  "gene",
  `
  1268 ; CB1
  1813 ; DRD2
  1956 ; EGFR
  2099 ; ESR1
  3350 ; HTR1A
  5468 ; PPARG
  7099 ; TLR4
  7442 ; TRPV1
  1565 ; CYP2D6
  1576 ; CYP3A4
  1588 ; aromatase
  847 ; catalase
  5972 ; renin
  2147 ; thrombin
  7299 ; tyrosinase
  1565,1576 ; CYP2D6/CYP3A4
  `,
)

/** A pair of symptoms with one name, and an illness that has the number of its drug. */
const moreDiseases = named(
  "disease",
  `
  D009325,D014839 ; nausea and vomiting
  D009538 ; nicotine overdose
  `,
)

/** Variants by what is changed where, in the manner of BioRED, or by their rs numbers. */
const variants = named(
  "variant",
  `
  p|SUB|V|600|E ; V600E
  p|SUB|L|858|R ; L858R
  c|SUB|A|123|G ; 123A>G ; A123G
  c|DEL|657|5 ; 657del5
  rs7903 ; rs7903
  `,
)

/** Species by their numbers in NCBI's taxonomy. */
const species = named(
  "species",
  `
  9606 ; patients ; volunteers ; adults
  10090 ; mice
  10116 ; rats
  `,
)

const cellLines = named(
  "cell line",
  `
  CVCL_0030 ; HeLa
  CVCL_0031 ; MCF7
  `,
)

/** The kinds of slot that the patterns of BioRED may hold, by the letter that names them. */
export const bioredKinds: SlotKinds = {
  c: drugs,
  d: [...diseases, ...moreDiseases],
  p: genes,
  v: variants,
  s: species,
  l: cellLines,
}
