import { columnsWithin, counted, fitted, paint, type Provenance } from "redag"
import type { ErrorCase } from "../../schemas/errors.ts"
import type { PredictedRelation } from "../../schemas/relations.ts"
import type { Result } from "../../schemas/results.ts"
import { significance } from "../../stages/aggregate/significance.ts"
import { corpusTitle } from "../corpora.ts"
import { type AskedPredictions, perfectRows, type PredictionsRow } from "../predictions.ts"
import { comparisonTable, testsOf } from "./systems.ts"
import type { ResultTables } from "./tables.ts"
import { count, interval, marksOf, one, superscript } from "./words.ts"

/** The file behind a row: its digest, what was counted in it, and what is to be known of it. */
interface FileFacts {
  readonly sha256: string | undefined
  readonly counts: Readonly<Record<string, number>>
  readonly warnings: ReadonlyArray<string>
}

const fileFacts = ({ name, corpus, setting = "full" }: PredictionsRow, { records }: Provenance): FileFacts => {
  const record = records.get(`predictions/asked/${name}/${corpus}/${setting}`)
  return {
    sha256: record?.files[0]?.digest,
    counts: record?.counts ?? {},
    warnings: record?.warnings ?? [],
  }
}

const isOf = ({ name }: PredictionsRow) => ({ model }: { readonly model: string }): boolean => model === name

/** The scores over all labels: the strict one first, then those of the corpus's own evaluation. */
const scoresOf = (row: PredictionsRow, { results }: ResultTables): ReadonlyArray<Result> =>
  results.filter(isOf(row)).filter(({ label }) => label === "micro")

/** What predictions without a mistake score by a measure, as texts and as lists of relations. */
const ceilingsOf = ({ measure, protocol }: Result, { results }: ResultTables): ReadonlyArray<number | undefined> =>
  perfectRows.map(({ name }) =>
    results.find((row) =>
      row.model === name && row.measure === measure && row.protocol === protocol && row.label === "micro"
    )?.f1
  )

/** What `dag score` says of files of predictions. */
export const renderAsked = (
  { rows }: AskedPredictions,
  tables: ResultTables,
  provenance: Provenance,
  width: number | undefined,
): string => {
  const { profile } = provenance
  const title = corpusTitle(rows[0]?.corpus ?? "")
  const [strict] = rows.flatMap((row) => scoresOf(row, tables))
  return [
    ...rows.map((row) => renderRow(row, tables, provenance, width)),
    strict === undefined ? "" : paint.dim(fitted(ceilingNote, width)),
    tables.systems.length === 0
      ? `Profile ${profile} has no finished cell on ${title} to compare with.`
      : [
        paint.bold(`compared with the finished cells of profile ${profile} on ${title}, by strict F1`),
        comparisonTable(tables.systems, width),
        paint.dim(fitted(
          `Difference: of the predictions less the cell; * where p < ${significance} after Holm's correction over ${
            testsOf(tables.systems)
          } and the interval leaves out 0. Better, worse: documents.`,
          width,
        )),
      ].join("\n"),
    ...rows.flatMap((row) => renderMistakes(row, tables, width)),
    paint.dim(fitted(
      "To have them as rows of the table and the page: experiment/rows.yaml (docs/predictions.md). All of this as JSON: --json",
      width,
    )),
  ].filter((part) => part !== "").join("\n\n")
}

const ceilingNote =
  "F1 in percent with its 95% bootstrap interval over documents. Ceilings: F1 of predictions without a mistake, as texts that "
  + "the template writes, and as lists of strings; lists of ids have no ceiling but 100."

const renderRow = (
  row: PredictionsRow,
  tables: ResultTables,
  provenance: Provenance,
  width: number | undefined,
): string => {
  const { sha256 = "", counts, warnings } = fileFacts(row, provenance)
  const { documents = 0, relations = 0, malformed = 0 } = counts
  return [
    `${paint.bold(`${row.name} on ${corpusTitle(row.corpus)}`)}: ${row.file}`,
    paint.dim(fitted(
      `sha256 ${sha256}; ${counted(documents, "document")}, ${counted(relations, "relation")}${
        malformed === 0
          ? ""
          : `, ${counted(malformed, "piece")} of text that ${malformed === 1 ? "is" : "are"} no relation`
      }`,
      width,
      2,
    )),
    // Colours take no place on the line.
    ...warnings.map((text) => fitted(`warning ${text}`, width, 2).replace("warning", paint.yellow("warning"))),
    columnsWithin(
      [
        "measure",
        ">precision",
        ">recall",
        ">F1",
        ">interval",
        ">right",
        ">predicted",
        ">gold",
        ">ceiling: texts",
        ">strings",
      ],
      scoresOf(row, tables).map((result) => {
        const { protocol, measure, precision, recall, f1, low, high, correct, predicted, gold } = result
        return [
          protocol === "official" ? `${measure} (official)` : measure,
          one(precision),
          one(recall),
          `${paint.bold(one(f1))}${superscript(marksOf(result))}`,
          low === null || high === null ? "–" : interval(low, high),
          count(correct),
          count(predicted),
          count(gold),
          ...ceilingsOf(result, tables).map((ceiling) => (ceiling === undefined ? "–" : one(ceiling))),
        ]
      }),
      width,
    ),
  ].join("\n")
}

const renderMistakes = (
  row: PredictionsRow,
  { errors, cases }: ResultTables,
  width: number | undefined,
): ReadonlyArray<string> => {
  const own = errors.filter(isOf(row)).filter((error) => error.count > 0)
  if (own.length === 0) return []
  const mine = cases.filter(isOf(row))
  return [
    [
      paint.bold(`what is wrong in ${row.name}`),
      ...own.flatMap(({ kind, count: times }) => [
        `${kind}: ${count(times)}`,
        ...mine.filter((each) => each.kind === kind).map((each) => fitted(`  ${caseText(each)}`, width, 4)),
      ]),
    ].join("\n"),
  ]
}

const relation = ({ label, arguments: names }: PredictedRelation): string => `${label}(${names.join("; ")})`

/** "document 1: said CID(a; b), right is CID(a; c)". */
const caseText = ({ document, said, wanted, text }: ErrorCase): string =>
  [
    `document ${document}: ${said === null ? "" : `said ${relation(said)}`}`,
    ...(wanted === null ? [] : [`right is ${relation(wanted)}`]),
    ...(text === "" ? [] : [JSON.stringify(text)]),
  ].join(said === null ? "" : ", ")

/** The same for machines: a list of the files with their scores and mistakes, and all comparisons. */
export const askedFacts = ({ rows }: AskedPredictions, tables: ResultTables, provenance: Provenance): object => ({
  profile: provenance.profile,
  predictions: rows.map((row) => ({
    name: row.name,
    corpus: row.corpus,
    file: row.file,
    ...fileFacts(row, provenance),
    results: tables.results.filter(isOf(row)),
    errors: tables.errors.filter(isOf(row)),
    cases: tables.cases.filter(isOf(row)),
  })),
  ceilings: perfectRows.flatMap(({ name, as }) =>
    tables.results.filter(({ model, label }) => model === name && label === "micro").map(
      ({ protocol, measure, precision, recall, f1 }) => ({ of: as, protocol, measure, precision, recall, f1 }),
    )
  ),
  comparisons: tables.systems,
})
