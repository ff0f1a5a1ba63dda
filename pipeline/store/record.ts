import { Schema } from "effect"
import { BlobRef } from "../base/blob-ref.ts"
import { Digest } from "../base/digest.ts"
import { PreImage } from "../identity/pre-image.ts"

/** One output of an action. */
export const OutputRecord = Schema.Struct({
  artifact: Schema.String,
  ...BlobRef.fields,
  rows: Schema.Natural,
  /** Whether it may be another one each time that the action is executed, as the speed of a training is. */
  varies: Schema.Boolean,
})
export type OutputRecord = typeof OutputRecord.Type

/** Where and with what an action ran: nothing here is part of its key. */
export const Environment = Schema.Struct({
  host: Schema.String,
  platform: Schema.String,
  processor: Schema.String,
  /** How many threads the machine, or the container, runs at a time. */
  threads: Schema.optionalKey(Schema.Natural),
  versions: Schema.Record(Schema.String, Schema.String),
  /** The project's commit, null outside git; `dirty` where files differed from it. */
  commit: Schema.NullOr(Schema.String),
  dirty: Schema.Boolean,
})
export type Environment = typeof Environment.Type

/** What an action is granted. */
export const Granted = Schema.Struct({
  cpu: Schema.Finite,
  /** In MiB. */
  memory: Schema.Finite,
  /** How many GPUs. */
  gpu: Schema.Finite,
  /** Which GPUs, by their ids; absent where the run has none to lend, and in older records. */
  gpus: Schema.optionalKey(Schema.Array(Schema.String)),
})
export type Granted = typeof Granted.Type

/** What the store keeps of one finished action, in `actions/<key>.json`. Written last: its presence means "finished". */
export const ActionRecord = Schema.Struct({
  key: Digest,
  preImage: PreImage,
  /** The node that the action ran for; the same action may serve others. */
  node: Schema.String,
  /** The files behind the inputs of kind Files, as they were found. */
  files: Schema.Array(
    Schema.Struct({
      role: Schema.String,
      name: Schema.String,
      path: Schema.String,
      ...BlobRef.fields,
    }),
  ),
  outputs: Schema.Record(Schema.String, OutputRecord),
  blobs: Schema.Array(BlobRef),
  counts: Schema.Record(Schema.String, Schema.Finite),
  /** What is suspicious in what it was given, a sentence each; absent where nothing is. */
  warnings: Schema.optionalKey(Schema.Array(Schema.String)),
  log: Schema.NullOr(BlobRef),
  started: Schema.String,
  milliseconds: Schema.Natural,
  resources: Granted,
  /** Peak resident memory of its process in MiB; null where it shared the engine's process. */
  peakMemory: Schema.NullOr(Schema.Finite),
  environment: Environment,
})
export type ActionRecord = typeof ActionRecord.Type

const isNatural = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

/**
 * What a record is in JSON, its fields in the order of the Schema. A record that this program made holds what its type
 * says but for numbers that no type keeps in their bounds: where one is not, the Schema says so. To encode by the Schema
 * costs as much as all else that is done to write a record.
 */
export const plainRecord = (record: ActionRecord): ActionRecord | undefined => {
  const { key, preImage, node, files, outputs, blobs, counts, warnings, log } = record
  const { started, milliseconds, resources, peakMemory, environment } = record
  const isWithin = isNatural(milliseconds) && (peakMemory === null || Number.isFinite(peakMemory))
    && Object.values(counts).every(Number.isFinite)
    && Object.values(outputs).every(({ size, rows }) => isNatural(size) && isNatural(rows))
  if (!isWithin) return undefined
  return {
    key,
    preImage: {
      format: preImage.format,
      stage: preImage.stage,
      params: preImage.params,
      inputs: preImage.inputs,
      code: preImage.code,
      outputs: preImage.outputs,
    },
    node,
    files,
    outputs,
    blobs,
    counts,
    ...(warnings === undefined ? {} : { warnings }),
    log,
    started,
    milliseconds,
    resources,
    peakMemory,
    environment,
  }
}

/** What is of one execution alone: another of the same action has others, whatever record counts. */
export const Execution = Schema.Struct({
  started: ActionRecord.fields.started,
  milliseconds: ActionRecord.fields.milliseconds,
  counts: ActionRecord.fields.counts,
})
export type Execution = typeof Execution.Type

/** The part of a record that is of its execution alone. */
export const executionOf = ({ started, milliseconds, counts }: Execution): Execution => ({
  started,
  milliseconds,
  counts,
})

/** What an executor needs to execute an action, in `pending/`: no live object, so that any machine can. */
export const Job = Schema.Struct({
  key: Digest,
  preImage: PreImage,
  node: Schema.String,
  files: ActionRecord.fields.files,
  resources: ActionRecord.fields.resources,
  environment: Schema.Struct({ commit: Schema.NullOr(Schema.String), dirty: Schema.Boolean }),
})
export type Job = typeof Job.Type
