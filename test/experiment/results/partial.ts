import { corpora, settingsOf } from "../../../experiment/corpora.ts"
import type { ResultTables } from "../../../experiment/results/tables.ts"
import type { AbsenceReason, Absent, Provenance } from "../../../pipeline/index.ts"
import { paperTables } from "./fixture.ts"
import { provenanceOf } from "./provenance.ts"

/** Three models of the paper, two of them a pair. */
const models = ["T5-Small", "T5-Base", "SciFive-Base"]

const lost = (corpus: string, title: string): AbsenceReason => ({
  _tag: "MissingFiles",
  sets: [{
    node: `ingest/${corpus}/test`,
    title,
    base: `/data/${corpus}`,
    names: corpus === "ddi" ? Array.from({ length: 191 }, (_, index) => `Test/${index}.xml`) : ["test.tsv"],
  }],
})

/** Why runs are not there; of all others there are results. */
const reasons: Readonly<Record<string, AbsenceReason>> = {
  ...Object.fromEntries(models.flatMap((model) => [
    [`${model}/chemprot/full`, lost("chemprot", "ChemProt test set")],
    [`${model}/ddi/full`, lost("ddi", "DDI test set")],
  ])),
  "T5-Small/cdr/64/0": {
    _tag: "Failed",
    node: "finetune/T5-Small/cdr/64/seed0",
    message: "loss NaN at step 30\nof 480",
  },
  ...Object.fromEntries([1, 2, 3, 4].map((seed) => [`T5-Small/cdr/64/${seed}`, { _tag: "NotRun" }])),
  ...Object.fromEntries([2, 3, 4].map((seed) => [`T5-Base/cdr/16/${seed}`, { _tag: "NotRun" }])),
  "SciFive-Base/cdr/full": {
    _tag: "Running",
    node: "finetune/SciFive-Base/cdr/full",
    at: { done: 120, total: 480, unit: "steps" },
  },
  "SciFive-Base/dce/full": { _tag: "Stopped", node: "finetune/SciFive-Base/dce/full", at: undefined },
}

/** A run that is not in the table, by the node that would have scored it. */
export const absentRun = (cell: string, reason: AbsenceReason, by = "strict"): Absent => {
  const parts = cell.split("/")
  const seed = /^\d$/u.test(parts.at(-1) ?? "") && parts.length > 3 ? Number(parts.pop()) : null
  const [model = "", corpus = "", setting = ""] = parts
  return { node: `score/${cell}`, params: { cell: { model, corpus, setting, seed }, measure: { by } }, reason }
}

/** The paper's results where two corpora are missing, and not all has run on the others. */
export const partial = (): { readonly tables: ResultTables; readonly provenance: Provenance } => {
  const whole = paperTables()
  const cells = new Set(
    models.flatMap((model) =>
      corpora.flatMap((corpus) =>
        settingsOf(corpus).flatMap(({ id }) => {
          const cell = `${model}/${corpus.id}/${id}`
          const seeds = id === "full" ? [cell] : [0, 1, 2, 3, 4].map((seed) => `${cell}/${seed}`)
          return seeds.every((run) => reasons[run] !== undefined) ? [] : [cell]
        })
      )
    ),
  )
  const hasRun = ({ model, corpus, setting }: Record<"model" | "corpus" | "setting", string>): boolean =>
    cells.has(`${model}/${corpus}/${setting}`)
  const tables: ResultTables = {
    ...whole,
    results: whole.results.filter(hasRun).map((row) => ({
      ...row,
      ...(row.model === "T5-Base" && row.corpus === "cdr" && row.setting === "16"
        ? { runs: 2, flags: ["few seeds", "fewer documents", "test text in training"] }
        : row.corpus === "cdr"
        ? { flags: ["fewer documents", "test text in training"] }
        : { flags: [] }),
    })),
    comparisons: whole.comparisons.filter(({ base, other, corpus, setting }) =>
      [base, other].every((model) => hasRun({ model, corpus, setting }))
    ),
    errors: whole.errors.filter(hasRun),
    cases: whole.cases.filter(hasRun),
    details: whole.details.filter(hasRun),
    warnings: [{
      corpus: "cdr",
      portion: "test",
      kind: "fewer documents",
      documents: 274,
      of: 500,
      examples: [],
      text: "cdr test: 226 documents, its publishers say 500",
    }, {
      corpus: "cdr",
      portion: "test",
      kind: "test text in training",
      documents: 2,
      of: 226,
      examples: ["1401", "<b>1402</b>"],
      text: "cdr test: 2 of 226 documents have the text of a document that is learned from, under another id",
    }],
  }
  return {
    tables,
    provenance: {
      ...provenanceOf(tables),
      absent: Object.entries(reasons).map(([run, reason]) => absentRun(run, reason)),
    },
  }
}
