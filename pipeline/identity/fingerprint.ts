import { columnsOf } from "../base/columns.ts"
import { type Digest, digestOfValue } from "../base/digest.ts"
import { artifactOf, type Node } from "../graph/node.ts"
import type { RowSchema, SourceFile } from "../graph/stage.ts"
import type { PreImage } from "../identity/pre-image.ts"

/**
 * The version of what the engine itself writes: keys, canonical JSON, Parquet bytes.
 *
 * Raise it when a change in pipeline/ changes the bytes that the same stage code and inputs lead to; every action of
 * every store then runs again.
 */
export const format = "redag/2"

/** An input as it stands before an action runs. */
export type ResolvedInput =
  | { readonly _tag: "Artifacts"; readonly artifact: string; readonly digests: ReadonlyArray<Digest> }
  | { readonly _tag: "Files"; readonly files: ReadonlyArray<SourceFile> }

/**
 * What makes an execution of `node` the execution it is.
 *
 * Not in it: the node's name, so that equal work under two names is done once; paths and times, so that a project can
 * move; resources and the machine, which must not change what a stage computes.
 */
export const preImageOf = (node: Node, inputs: ReadonlyMap<string, ResolvedInput>, code: Digest): PreImage => ({
  format,
  // Two stages may share all of their code but the entry.
  stage: node.stage.name,
  // Template text and seeds are params, so a change of either is a change of one named field.
  params: node.params as Record<string, unknown>,
  // Content, not keys: a source that ran again and made the same bytes changes nothing downstream.
  inputs: Object.fromEntries(
    [...inputs].map(([role, input]) => [
      role,
      input._tag === "Artifacts"
        ? { _tag: "Artifacts", artifact: input.artifact, digests: input.digests } as const
        // A file's name below its folder is content: corpora name their documents by it.
        : { _tag: "Files", files: input.files.map(({ name, digest }) => ({ name, digest })) } as const,
    ]),
  ),
  // The program that is executed, and the packages that it can reach.
  code,
  // The same code may be given a wider or narrower row, and readers depend on the columns.
  outputs: Object.fromEntries(
    Object.entries(node.stage.outputs).map(([name, row]) => [name, columnsDigest(row)]),
  ),
})

/** What readers of an output depend on: its artifact and columns. */
export const columnsDigest = (row: RowSchema): Digest =>
  digestOfValue("schema/1", { artifact: artifactOf(row), columns: columnsOf(row) })

/** The key of an action. */
export const keyOf = (preImage: PreImage): Digest => digestOfValue("action/1", preImage)
