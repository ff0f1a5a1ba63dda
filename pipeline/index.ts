/** What `dag.config.ts` and stages are written with. */
export { attempt, attemptPromise } from "./base/attempt.ts"
export { BlobRef } from "./base/blob-ref.ts"
export { type Digest, digestOf, digestOfFile, digestOfPieces } from "./base/digest.ts"
export { InputError, StageError, StoreError } from "./base/errors.ts"
export { message } from "./base/message.ts"
export { checker, fieldName } from "./base/validation.ts"
/** For rendering results on a terminal. */
export { bytes, counted, fitted } from "./base/text.ts"
export type { Builder } from "./graph/builder.ts"
export { type Choice, choice } from "./graph/choice.ts"
export { digestOfFiles, type FileSet, type FileSource, isThere } from "./graph/files.ts"
export type { Expected, Ref } from "./graph/node.ts"
export { selects } from "./graph/select.ts"
export {
  type Advance,
  available,
  Blobs,
  files,
  many,
  one,
  Progress,
  Replies,
  type Resources,
  type SavedFile,
  type SavedState,
  type SaveInterval,
  type Size,
  type SourceFile,
  stage,
  type StageFailure,
  type Table,
  Unfinished,
  type Work,
} from "./graph/stage.ts"
export { type ActionFacts, actionFacts, type CodeFacts } from "./report/action.ts"
export type { ChecklistItem } from "./report/checklist.ts"
export { csvOf } from "./report/csv.ts"
export type { Curve, NodeCurves } from "./report/curves.ts"
export { type Experiment, experiment } from "./report/experiment.ts"
export type { Exported, ExportSource, OfficialExport } from "./report/exports.ts"
export type { MetricsByArtifact } from "./report/metrics.ts"
export type { Block, ExperimentPage, Link, PageContent, PageNode, PageSource, Piece } from "./report/pages.ts"
export type { Executed, ProvenanceAction } from "./report/provenance/facts.ts"
export type { Made, ProvedCell, Provenance, ResultsView, Tables } from "./report/results.ts"
export type { Scoring, ToScore } from "./report/scoring.ts"
export type { Series, SeriesByArtifact } from "./report/series.ts"
export { columns, columnsWithin, paint } from "./report/terminal.ts"
export { absenceOrder, type AbsenceReason, type Absent, type MissingSet } from "./status/absent.ts"
