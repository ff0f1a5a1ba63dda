/** What `dag.config.ts` and stages are written with. */
/** For rendering results on a terminal. */
export { bytes, columns, counted, paint } from "./cli/output.ts"
export { InputError, StageError, StoreError } from "./errors.ts"
export type { FileSet, Provenance } from "./files.ts"
export { type Builder, type Experiment, experiment, type Ref } from "./graph.ts"
export type { Made, Provenance as ResultsProvenance, ResultsView, Tables } from "./results.ts"
export {
  type BlobRef,
  Blobs,
  files,
  many,
  one,
  Progress,
  type Resources,
  type SourceFile,
  stage,
  type StageFailure,
  type Table,
  Unfinished,
} from "./stage.ts"
