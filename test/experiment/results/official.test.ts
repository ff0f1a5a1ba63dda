import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { officialExport } from "../../../experiment/results/official.ts"
import { submissions } from "../../../experiment/results/submissions.ts"
import { InputError } from "../../../pipeline/base/errors.ts"
import type { Document } from "../../../schemas/documents.ts"
import type { PredictedRelation } from "../../../schemas/relations.ts"
import { countMentionPairs } from "../../../stages/shared/measures/official/biocreative-vi-chemprot.ts"
import { corporaMissing, documentsOf, published, skipReason } from "../../stages/support.ts"
import { corpusOf } from "../corpus.ts"
import { documentOf } from "../departures/support.ts"

type CorpusId = "cdr" | "chemprot" | "ddi" | "dce"

/** What is written for the predictions of one document after another. */
const exported = (
  corpus: CorpusId,
  documents: ReadonlyArray<Document>,
  said: ReadonlyArray<ReadonlyArray<PredictedRelation>>,
  gold?: string,
) =>
  officialExport.files({
    node: `score/official/m_1/${corpus}/16/seed2`,
    params: {
      cell: { model: "m_1", corpus, setting: "16", seed: 2 },
      measure: { by: "official", evaluation: corpusOf(corpus).evaluation },
    },
    inputs: {
      documents,
      relations: documents.map(({ id }, index) => ({
        document: id,
        relations: said[index] ?? [],
        malformed: [],
        finished: true,
        sourceTruncated: false,
      })),
    },
    gold,
  })

const relation = (label: string, ...names: ReadonlyArray<string>): PredictedRelation => ({ label, arguments: names })

/** A document whose mentions have a type each. */
const typed = (document: Document, id: string, types: ReadonlyArray<string>): Document => ({
  ...document,
  id,
  mentions: document.mentions.map((mention, index) => ({ ...mention, type: types[index] ?? "drug" })),
})

const xml = `<?xml version="1.0" encoding="UTF-8"?>
<document id="DDI-DrugBank.d7"><sentence id="DDI-DrugBank.d7.s0" text="Aspirin with warfarin and heparin.">
<entity id="DDI-DrugBank.d7.s0.e0" charOffset="0-6" type="drug" text="Aspirin"/>
<entity id="DDI-DrugBank.d7.s0.e1" charOffset="13-20" type="drug" text="warfarin"/>
<entity id="DDI-DrugBank.d7.s0.e2" charOffset="26-32" type="drug" text="heparin"/>
<pair id="DDI-DrugBank.d7.s0.p0" e1="DDI-DrugBank.d7.s0.e0" e2="DDI-DrugBank.d7.s0.e1" ddi="true" type="effect"/>
</sentence><sentence id="DDI-DrugBank.d7.s1" text="Not with salt.">
<entity id="DDI-DrugBank.d7.s1.e0" charOffset="9-12" type="drug" text="salt"/></sentence></document>
`

describe("predictions in the form of the official program", () => {
  it("CDR: PubTator with the text and a CID line for each pair of concepts, once", async () => {
    const document = typed(
      documentOf("[Lead] is bad. It gives [rash] and [pain].", [], ["D1", "D2", "D3"]),
      "12",
      ["Chemical", "Disease", "Disease"],
    )
    const { files, notes } = await exported("cdr", [document, { ...document, id: "13" }], [
      [relation("CID", "lead", "rash"), relation("CID", "Lead", "rash"), relation("CID", "Lead", "fever")],
    ])
    assert.deepStrictEqual(files, {
      "m_1/cdr/16/seed2/predictions.PubTator.txt":
        "12|t|Lead is bad.\n12|a|It gives rash and pain.\n12\tCID\tD1\tD2\n\n13|t|Lead is bad.\n13|a|It gives rash and pain.\n",
    })
    assert.deepStrictEqual(notes, [
      "m_1/cdr/16/seed2: 1 prediction left out, which name nothing that is annotated; redag's own row counts them as wrong",
    ])
    // What is written can be read again, with the same relations and the same text.
    const [again] = documentsOf("pubtator", {
      "p.txt": Object.values(files).join("").replace(
        "12\tCID",
        "12\t0\t4\tLead\tChemical\tD1\n12\t22\t26\trash\tDisease\tD2\n12\tCID",
      ),
    })
    assert.strictEqual(again?.text, document.text)
    assert.deepStrictEqual(again?.relations.map((each) => each.arguments), [["D1", "D2"]])
  })

  it("ChemProt: the gold standard's form, of the five groups alone", async () => {
    const document = typed(documentOf("[salt] hits [ACE]", []), "99", ["CHEMICAL", "GENE-Y"])
    const { files, notes } = await exported("chemprot", [document], [
      [relation("CPR:4", "salt", "ACE"), relation("?inhibition", "salt", "ACE"), relation("CPR:4", "ACE", "salt")],
    ])
    assert.deepStrictEqual(files, { "m_1/chemprot/16/seed2/predictions.tsv": "99\tCPR:4\tArg1:T1\tArg2:T2\n" })
    assert.match(notes.join(""), /2 predictions left out/u)
  })

  it("DCE: a line for each combination, by the numbers of drugs in their order, 2 for positive", async () => {
    const document = documentOf("[a] [b] [c]", [])
    const numbered = { ...document, mentions: document.mentions.map((mention, id) => ({ ...mention, id: String(id) })) }
    const { files } = await exported("dce", [{ ...numbered, id: "4a5a" }], [
      [relation("POS", "c", "a"), relation("NEG", "a", "b"), relation("COMB", "a", "oil")],
    ])
    assert.deepStrictEqual(
      Object.values(files).join("").trimEnd().split("\n").map((line) => JSON.parse(line) as unknown),
      [
        { doc_id: "4a5a", drug_idxs: [0, 2], relation_label: 2 },
        { doc_id: "4a5a", drug_idxs: [0, 1], relation_label: 1 },
      ],
    )
  })

  const ddiLines = [
    "DDI-DrugBank.d7.s0|DDI-DrugBank.d7.s0.e0|DDI-DrugBank.d7.s0.e1|1|effect",
    "DDI-DrugBank.d7.s0|DDI-DrugBank.d7.s0.e0|DDI-DrugBank.d7.s0.e2|0|null",
    "DDI-DrugBank.d7.s0|DDI-DrugBank.d7.s0.e1|DDI-DrugBank.d7.s0.e2|0|null",
  ]
  const said = [[relation("effect", "warfarin", "Aspirin")]]

  it("DDI: every pair of every sentence, in a file whose name the program takes", async () => {
    const documents = documentsOf("ddi-xml", { "a_ddi.xml": xml })
    const { files } = await exported("ddi", documents, said)
    assert.deepStrictEqual(files, { "m_1/ddi/16/seed2/task9.2_m-1_3.txt": `${ddiLines.join("\n")}\n` })
    const across = await exported("ddi", documents, [[...said.flat(), relation("effect", "Aspirin", "salt")]])
    assert.deepStrictEqual(across.files, files)
    assert.match(across.notes.join(), /1 prediction left out, which relate no two drugs of one sentence/u)
    const nothing = await exported("ddi", documents, [])
    assert.match(Object.values(nothing.files).join(""), /^(?:\S+\|0\|null\n){3}$/u)
  })

  it("DDI that was read from BRAT takes the ids of the XML files that it is given", async () => {
    const brat = documentsOf("brat", {
      "a_ddi.txt": "Aspirin with warfarin and heparin. Not with salt.",
      "a_ddi.ann": "T1\tDRUG 0 7\tAspirin\nT2\tDRUG 13 21\twarfarin\nT3\tDRUG 26 33\theparin\nT4\tDRUG 44 48\tsalt\n",
    })
    const refused = async (gold: string | undefined, message: RegExp) => {
      const error: unknown = await exported("ddi", brat, said, gold).catch((cause: unknown) => cause)
      assert.instanceOf(error, InputError)
      assert.match(`${error.message} ${error.help ?? ""}`, message)
    }
    await refused(undefined, /read from BRAT, which has no ids of sentences.*--gold FOLDER/u)
    const folder = mkdtempSync(join(tmpdir(), "redag-test-"))
    try {
      await refused(join(folder, "none"), /there is no folder/u)
      await refused(folder, /has no XML file/u)
      mkdirSync(join(folder, "DrugBank"))
      writeFileSync(join(folder, "DrugBank/b_ddi.xml"), xml)
      await refused(folder, /lacks 1 document of 1, such as a_ddi\.xml/u)
      writeFileSync(join(folder, "DrugBank/a_ddi.xml"), xml)
      const { files } = await exported("ddi", brat, said, folder)
      assert.deepStrictEqual(Object.values(files), [`${ddiLines.join("\n")}\n`])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it("takes the nodes that score as publishers do, and runs by their names", () => {
    const cell = { model: "m", corpus: "cdr", setting: "full", seed: null }
    assert.isTrue(
      officialExport.takes({ cell, measure: { by: "official", evaluation: "biocreative-v-cdr" }, others: 1 }),
    )
    assert.isFalse(officialExport.takes({ cell, measure: { by: "strict", matching: {} } }))
    assert.strictEqual(officialExport.selector("m/cdr"), "score/official/m/cdr")
  })

  it.skipIf(corporaMissing !== undefined)(`ChemProt's gold standard comes back line by line${skipReason}`, () => {
    const documents = [...published["chemprot dev"]()]
    const predicted = documents.map((document) => ({ document, annotations: document.relations }))
    const written = submissions["biocreative-vi-chemprot"].write(predicted).trimEnd().split("\n")
    assert.lengthOf(written, 2416)
    const byDocument = Map.groupBy(written.map((line) => line.split("\t")), ([id]) => id)
    for (const { id, relations } of documents) {
      const again = (byDocument.get(id) ?? []).map(([, label = "", head = "", tail = ""]) => ({
        label,
        arguments: [head.replace("Arg1:", ""), tail.replace("Arg2:", "")],
      }))
      for (const { correct, predicted: all, gold } of countMentionPairs(relations, again).values()) {
        assert.deepStrictEqual([correct, all], [gold, gold])
      }
    }
  })
})
