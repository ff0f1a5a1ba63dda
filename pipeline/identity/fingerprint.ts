import { canonical } from "../base/canonical.ts"
import { columnsOf } from "../base/columns.ts"
import { type Digest, digestOf, digestOfValue } from "../base/digest.ts"
import { artifactOf, type Node, type RunnableStage } from "../graph/node.ts"
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
  outputs: outputsOf(node.stage),
})

const outputsOf = ({ outputs }: RunnableStage): PreImage["outputs"] =>
  Object.fromEntries(Object.entries(outputs).map(([name, row]) => [name, columnsDigest(row)]))

/** Of each row Schema, what readers of it depend on: it is asked for once a node. */
const columnsDigests = new WeakMap<RowSchema, Digest>()

/** What readers of an output depend on: its artifact and columns. */
export const columnsDigest = (row: RowSchema): Digest => {
  const known = columnsDigests.get(row)
  if (known !== undefined) return known
  const digest = digestOfValue("schema/1", { artifact: artifactOf(row), columns: columnsOf(row) })
  columnsDigests.set(row, digest)
  return digest
}

const actionType = "action/1"

/** The key of an action. */
export const keyOf = (preImage: PreImage): Digest => digestOfValue(actionType, preImage)

/** A pre-image with something in every field. */
const sample = (): PreImage => {
  const digest = digestOf("sample")
  return {
    format,
    stage: "sample",
    params: { flag: true, list: [null, 0.5], text: "\u00e9" },
    inputs: {
      artifacts: { _tag: "Artifacts", artifact: "sample", digests: [digest] },
      files: { _tag: "Files", files: [{ name: "sample", digest }] },
    },
    code: digest,
    outputs: { sample: digest },
  }
}

let sampleKey: Digest | undefined

/** The key of an action that never is: an engine that takes keys otherwise, or is of another format, gives another one. */
export const keyOfSample = (): Digest => (sampleKey ??= keyOf(sample()))

/**
 * The key of what {@link preImageOf} gives for the same, without making that: a plan takes the keys of all nodes, and
 * looks into few of them. Throws NotCanonical as {@link keyOf} does.
 */
export const keyOfNode = (node: Node, inputs: ReadonlyMap<string, ResolvedInput>, code: Digest): Digest => {
  const { roles, outputs, name } = stageText(node.stage)
  let taken = ""
  for (const { role, text } of roles) {
    const input = inputs.get(role)
    if (input !== undefined) taken += `${taken === "" ? "" : ","}${text}${inputText(input)}`
  }
  return digestOf(
    `redag/${actionType}\n{"code":"${code}","format":"${format}","inputs":{${taken}},"outputs":${outputs},"params":${
      canonical(node.params)
    },"stage":${name}}`,
  )
}

/** What is the same in the pre-images of all nodes of a stage, as canonical text; roles in the order of that. */
interface StageText {
  readonly roles: ReadonlyArray<{ readonly role: string; readonly text: string }>
  readonly outputs: string
  readonly name: string
}

const stageTexts = new WeakMap<RunnableStage, StageText>()

const stageText = (stage: RunnableStage): StageText => {
  const known = stageTexts.get(stage)
  if (known !== undefined) return known
  const text = {
    roles: Object.keys(stage.inputs).sort().map((role) => ({ role, text: `${canonical(role)}:` })),
    outputs: canonical(outputsOf(stage)),
    name: canonical(stage.name),
  }
  stageTexts.set(stage, text)
  return text
}

/** Of each list of files, its canonical text: many nodes read the same files. */
const filesTexts = new WeakMap<ReadonlyArray<SourceFile>, string>()

const inputText = (input: ResolvedInput): string => {
  if (input._tag === "Artifacts") {
    const digests = input.digests.length === 0 ? "" : `"${input.digests.join("\",\"")}"`
    return `{"_tag":"Artifacts","artifact":${canonical(input.artifact)},"digests":[${digests}]}`
  }
  const known = filesTexts.get(input.files)
  if (known !== undefined) return known
  const text = canonical({ _tag: input._tag, files: input.files.map(({ name, digest }) => ({ name, digest })) })
  filesTexts.set(input.files, text)
  return text
}
