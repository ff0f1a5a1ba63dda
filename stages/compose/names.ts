/**
 * What a name stands for. Receptors and enzymes are proteins that only some patterns may speak of; the last four are
 * BioRED's.
 */
export type Kind = "drug" | "disease" | "receptor" | "enzyme" | "gene" | "variant" | "species" | "cell line"

/** One thing with its identifier (proteins have none in most corpora) and the names that texts use for it. */
export interface Entity {
  readonly kind: Kind
  readonly concept: string
  readonly names: readonly string[]
}

const withConcepts = (kind: Kind, lines: string): readonly Entity[] =>
  lines.trim().split("\n").map((line) => {
    const [concept = "", ...names] = line.trim().split(" ")
    return { kind, concept, names }
  })

const withoutConcepts = (kind: Kind, names: string): readonly Entity[] =>
  names.trim().split(/\s+/).map((name) => ({ kind, concept: "", names: [name] }))

export const drugs = withConcepts(
  "drug",
  `
  D000082 acetaminophen paracetamol
  D000638 amiodarone
  D001241 aspirin
  D002110 caffeine
  D002220 carbamazepine
  D002945 cisplatin
  D003024 clozapine
  D003042 cocaine
  D016572 cyclosporine cyclosporin
  D003907 dexamethasone
  D004077 digoxin
  D004317 doxorubicin adriamycin
  D004837 epinephrine adrenaline
  D015725 fluconazole
  D005473 fluoxetine
  D006220 haloperidol
  D006493 heparin
  D007052 ibuprofen
  D007649 ketamine
  D007980 levodopa
  D008012 lidocaine lignocaine
  D008094 lithium
  D008727 methotrexate
  D009020 morphine
  D009538 nicotine
  D009853 omeprazole
  D017239 paclitaxel
  D010672 phenytoin diphenylhydantoin
  D011433 propranolol
  D012293 rifampicin rifampin
  D019821 simvastatin
  D016559 tacrolimus
  D013629 tamoxifen
  D014635 valproate
  D014750 vincristine
  D014859 warfarin
  `,
)

export const diseases = withConcepts(
  "disease",
  `
  D000740 anemia
  D001008 anxiety
  D001145 arrhythmia
  D001259 ataxia
  D001919 bradycardia
  D009202 cardiomyopathy
  D003866 depression
  D003967 diarrhea
  D004421 dystonia
  D005221 fatigue tiredness
  D005334 fever
  D006261 headache
  D006470 hemorrhage bleeding
  D056486 hepatotoxicity hepatitis
  D006973 hypertension
  D007022 hypotension
  D009135 myopathy
  D009325 nausea
  D007674 nephrotoxicity
  D009422 neuropathy
  D009503 neutropenia
  D010195 pancreatitis
  D011537 pruritus itching
  D011605 psychosis
  D005076 rash
  D012640 seizures convulsions
  D013610 tachycardia
  D013921 thrombocytopenia
  D014202 tremor
  D014839 vomiting
  `,
)

export const receptors = withoutConcepts(
  "receptor",
  "CB1 DRD2 EGFR ESR1 HTR1A PPARG TLR4 TRPV1",
)

export const enzymes = withoutConcepts(
  "enzyme",
  `CYP2D6 CYP3A4 aromatase calcineurin catalase elastase lipase renin telomerase thrombin trypsin tyrosinase`,
)

/** What may stand in a slot of a pattern, by the letter that the slot's name begins with. */
export type SlotKinds = Readonly<Record<string, readonly Entity[]>>

/** The kinds of slot that the patterns of most corpora may hold. */
export const slotKinds: SlotKinds = {
  c: drugs,
  d: diseases,
  p: [...receptors, ...enzymes],
  r: receptors,
  e: enzymes,
}
