import type { BlobRef } from "../base/blob-ref.ts"
import type { Digest } from "../base/digest.ts"
import type { ActionRecord } from "./record.ts"

/** What of a record decides on what else is kept with it. */
export interface Holding {
  readonly key: Digest
  readonly node: string
  readonly stage: string
  readonly code: Digest
  /** The artifacts that it was made from. */
  readonly inputs: ReadonlyArray<Digest>
  /** Whether it read files from outside the store: only they can make it again. */
  readonly readsFiles: boolean
  /** The artifacts that it made. */
  readonly outputs: ReadonlyArray<BlobRef>
  /** Bytes that are no tables, such as weights. */
  readonly blobs: ReadonlyArray<BlobRef>
  /** What its process printed: nothing is missed where it is gone. */
  readonly log: BlobRef | null
  /** How long it took. */
  readonly milliseconds: number
}

/** What a record holds. */
export const holdingOf = (
  { key, node, preImage, outputs, blobs, log, milliseconds }: ActionRecord,
): Holding => {
  return {
    key,
    node,
    stage: preImage.stage,
    code: preImage.code,
    inputs: Object.values(preImage.inputs).flatMap((input) => (input._tag === "Artifacts" ? input.digests : [])),
    readsFiles: Object.values(preImage.inputs).some(({ _tag }) => _tag === "Files"),
    outputs: Object.values(outputs).map(({ digest, size }) => ({ digest, size })),
    blobs,
    log,
    milliseconds,
  }
}

/** All objects that a record names. */
export const objectsOf = ({ outputs, blobs, log }: Holding): ReadonlyArray<BlobRef> => [
  ...outputs,
  ...blobs,
  ...(log === null ? [] : [log]),
]
