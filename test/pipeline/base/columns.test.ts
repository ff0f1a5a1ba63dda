import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type Column, columnsOf, type Field } from "../../../pipeline/base/columns.ts"
import { Ceiling } from "../../../schemas/ceilings.ts"
import { CheckpointFile } from "../../../schemas/checkpoints.ts"
import { Comparison } from "../../../schemas/comparisons.ts"
import { Document } from "../../../schemas/documents.ts"
import { ErrorCase, ErrorCount } from "../../../schemas/errors.ts"
import { Evaluation } from "../../../schemas/evaluations.ts"
import { Example } from "../../../schemas/examples.ts"
import { Generation } from "../../../schemas/generations.ts"
import { Origin } from "../../../schemas/origins.ts"
import { Outcome } from "../../../schemas/outcomes.ts"
import { Extraction } from "../../../schemas/relations.ts"
import { Result } from "../../../schemas/results.ts"
import { Score } from "../../../schemas/scores.ts"
import { Shot } from "../../../schemas/shots.ts"
import { StepSpeed } from "../../../schemas/speeds.ts"
import { Split } from "../../../schemas/splits.ts"
import { TrainingStep } from "../../../schemas/training.ts"

/** Columns as one line: "name text, spans list<{start integer}>, seed integer?". */
const written = (fields: ReadonlyArray<Field>): string =>
  fields.map(({ name, column }) => `${name} ${type(column)}`).join(", ")

const type = (column: Column): string => {
  const mark = column.nullable ? "?" : ""
  if (column._tag === "List") return `list<${type(column.item)}>${mark}`
  return column._tag === "Group" ? `{${written(column.fields)}}${mark}` : `${column._tag.toLowerCase()}${mark}`
}

const golden: ReadonlyArray<readonly [artifact: string, row: Schema.Top, columns: string]> = [
  ["checkpoints", CheckpointFile, "name text, blob {digest text, size integer}"],
  [
    "documents",
    Document,
    "corpus text, portion text, id text, text text, "
    + "mentions list<{id text, type text, text text, spans list<{start integer, end integer}>, concepts list<text>, "
    + "parts list<{text text, concepts list<text>}>}>, "
    + "relations list<{label text, level text, arguments list<text>}>",
  ],
  [
    "examples",
    Example,
    "document text, partition text, source text, target text, answers list<{label text, arguments list<list<text>>}>",
  ],
  [
    "generations",
    Generation,
    "document text, prompt text?, text text, tokens integer, finished boolean, sourceTruncated boolean",
  ],
  [
    "relations",
    Extraction,
    "document text, relations list<{label text, arguments list<text>}>, malformed list<text>, finished boolean, "
    + "sourceTruncated boolean",
  ],
  [
    "results",
    Result,
    "model text, parameters text, corpus text, setting text, protocol text, measure text, label text, f1 real, "
    + "precision real, recall real, correct real, predicted real, found real, gold real, deviation real?, low real?, "
    + "high real?, runs integer, published real?, flags list<text>, source text",
  ],
  [
    "comparisons",
    Comparison,
    "question text, figure integer, corpus text, setting text, protocol text, base text, other text, baseF1 real, "
    + "otherF1 real, difference real, low real, high real, better integer, worse integer, same integer, "
    + "dominance real, p real?, adjusted real?, conclusion text",
  ],
  ["errors", ErrorCount, "model text, corpus text, setting text, protocol text, kind text, count real"],
  [
    "cases",
    ErrorCase,
    "model text, corpus text, setting text, seed integer?, protocol text, document text, kind text, "
    + "said {label text, arguments list<text>}?, wanted {label text, arguments list<text>}?, text text, source text",
  ],
  [
    "scores",
    Score,
    "model text, corpus text, setting text, seed integer?, protocol text, measure text, label text, correct real, "
    + "predicted real, found real, gold real, precision real, recall real, f1 real, flags list<text>",
  ],
  [
    "outcomes",
    Outcome,
    "model text, corpus text, setting text, seed integer?, protocol text, measure text, document text, correct real, "
    + "predicted real, found real, gold real, finished boolean, sourceTruncated boolean, "
    + "mistakes list<{kind text, said {label text, arguments list<text>}?, wanted {label text, arguments list<text>}?, "
    + "text text}>",
  ],
  [
    "ceilings",
    Ceiling,
    "corpus text, model text, protocol text, measure text, correct real, predicted real, found real, gold real, "
    + "precision real, recall real, f1 real, lostToTemplate real, lostToTokenizer real, lostToTargetLength real, "
    + "lostToSourceLength real, lostToDecoding real, lostToSurroundings real, flags list<text>",
  ],
  [
    "shots",
    Shot,
    "document text, use text, source text, target text, answers list<{label text, arguments list<list<text>>}>",
  ],
  ["origins", Origin, "repository text?, revision text?, commit text?"],
  ["splits", Split, "document text, partition text"],
  [
    "training",
    TrainingStep,
    "step integer, epoch real, loss real, learningRate real, gradientNorm real, tokens integer, engine text",
  ],
  [
    "evaluations",
    Evaluation,
    "epoch integer, step integer, precision real, recall real, f1 real, correct integer, predicted integer, "
    + "gold integer, unfinished integer, chosen boolean",
  ],
  ["speeds", StepSpeed, "step integer, seconds real, tokensPerSecond real"],
]

describe("columns", () => {
  it.each(golden)("of %s", (artifact, row, columns) => {
    assert.strictEqual(written(columnsOf(row)), columns)
    assert.strictEqual(row.ast.annotations?.["identifier"], artifact)
  })

  const odd: ReadonlyArray<readonly [what: string, row: Schema.Top, message: RegExp]> = [
    ["a row that is no struct", Schema.String, /must be a struct/u],
    ["open names", Schema.Record(Schema.String, Schema.String), /open names/u],
    ["an optional field", Schema.Struct({ note: Schema.optionalKey(Schema.String) }), /note is optional/u],
    ["a tuple", Schema.Struct({ pair: Schema.Tuple([Schema.Int, Schema.Int]) }), /tuple/u],
    ["a union of unlike types", Schema.Struct({ a: Schema.Union([Schema.String, Schema.Int]) }), /unlike/u],
    ["nothing but null", Schema.Struct({ a: Schema.Null }), /no Parquet/u],
    ["anything at all", Schema.Struct({ a: Schema.Unknown }), /no Parquet column/u],
  ]
  it.each(odd)("refuses %s", (_, row, message) => {
    assert.throws(() => columnsOf(row), message)
  })
})
