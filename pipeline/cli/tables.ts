import { Effect, Schema } from "effect"
import type { Digest } from "../base/digest.ts"
import { InputError, type StoreError } from "../base/errors.ts"
import type { Node } from "../graph/node.ts"
import type { RowSchema } from "../graph/stage.ts"
import { columnsDigest } from "../identity/fingerprint.ts"
import type { Tables } from "../report/results.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"

/** An output of an action that can be read as what its node makes now. */
export interface Readable {
  readonly name: string
  readonly row: RowSchema
  readonly digest: Digest
}

/** The outputs of an action of a node; an InputError where the action made other columns than the node now does. */
export const readable = (
  node: Node,
  { preImage, outputs }: Pick<ActionRecord, "preImage"> & {
    readonly outputs: Readonly<Record<string, { readonly digest: Digest }>>
  },
): Effect.Effect<ReadonlyArray<Readable>, InputError> =>
  Effect.forEach(Object.entries(node.stage.outputs), ([name, row]) => {
    const output = outputs[name]
    return output !== undefined && preImage.outputs[name] === columnsDigest(row)
      ? Effect.succeed({ name, row, digest: output.digest })
      : new InputError({
        field: node.name,
        message: `was made when its output "${name}" ${output === undefined ? "did not exist" : "had other columns"}`,
        help: `make it again: dag run ${node.name}`,
      })
  })

/** The rows of outputs. */
export const readTables = Effect.fnUntraced(function*(
  outputs: ReadonlyArray<Readable>,
): Effect.fn.Return<Tables, StoreError, Store> {
  const store = yield* Store
  const tables: Record<string, ReadonlyArray<object>> = {}
  for (const { name, row, digest } of outputs) tables[name] = yield* store.readRows(row, digest)
  return tables
})

/** Rows as JSON holds them. */
export const encoded = (row: RowSchema, rows: ReadonlyArray<object>): ReadonlyArray<object> =>
  Schema.encodeSync(Schema.Array(row))(rows)
