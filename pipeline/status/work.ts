import { Exit, Schema } from "effect"
import type { Digest } from "../base/digest.ts"
import { InputError } from "../base/errors.ts"
import type { Node, RunnableStage } from "../graph/node.ts"
import { type Size, unknownWork, type Work } from "../graph/stage.ts"
import type { ActionRecord } from "../store/record.ts"
import type { Measured } from "./measured.ts"
import type { NodeSnapshot, Snapshot } from "./snapshot.ts"

/** What actions are expected to take, as their stages say. */
export interface Works {
  /** The work of a node that is to run; nothing is known of another. */
  readonly of: (name: string) => Work
  /** The units of work that a recorded action was, by what the stage says now; undefined where it does not say. */
  readonly done: (stage: RunnableStage, record: ActionRecord) => number | undefined
}

/**
 * Works out what each of these nodes is expected to take, which stand in the order of the graph; recorded actions are known
 * from what was `measured`. Throws an InputError.
 */
export const worksOf = (
  snapshot: Snapshot,
  measured: Iterable<Measured>,
  toRun: ReadonlyArray<NodeSnapshot>,
): Works => {
  const works = new Map<string, Work>()
  const saying = toRun.filter(({ node }) => node.stage.work !== unknownWork)
  if (saying.length === 0) return { of: unknownWork, done: () => undefined }
  const running = new Set(toRun.map(({ node }) => node.name))

  const sizeOf = (name: string, output: string): Size => {
    const found = snapshot.nodes.get(name)
    const made = found?.record === undefined ? {} : madeBy(found.record, output)
    if (!running.has(name)) return made
    const { keeps } = works.get(name) ?? {}
    return { ...(keeps === undefined ? {} : { bytes: keeps }), ...made, ...found?.node.expected }
  }
  for (const { node, status } of saying) {
    const files = status._tag === "WillRun" ? status.action?.files : undefined
    const inputs: Record<string, Size> = {}
    for (const [role, wire] of node.inputs) {
      inputs[role] = wire._tag === "Artifacts"
        ? sumOf(wire.refs.map((ref) => sizeOf(ref.node, ref.output)))
        : files === undefined
        ? wire.set.provenance === undefined ? {} : { bytes: wire.set.provenance.bytes }
        : sumOf(files.filter((file) => file.role === role).map(({ size }) => ({ rows: 1, bytes: size })))
    }
    works.set(node.name, workOf(node.stage, node.params, inputs, node.expected ?? {}, node.name))
  }

  let sizes: ReadonlyMap<Digest, Size> | undefined
  return {
    of: (name) => works.get(name) ?? {},
    done: (stage, record) => {
      if (stage.work === unknownWork) return undefined
      sizes ??= sizesIn(measured)
      const inputs: Record<string, Size> = {}
      for (const [role, input] of Object.entries(record.preImage.inputs)) {
        inputs[role] = input._tag === "Artifacts"
          ? sumOf(input.digests.map((digest) => sizes?.get(digest) ?? {}))
          : sumOf(record.files.filter((file) => file.role === role).map(({ size }) => ({ rows: 1, bytes: size })))
      }
      const expected = sumOf(Object.keys(record.outputs).map((output) => madeBy(record, output)))
      return workOf(stage, record.preImage.params, inputs, expected, record.node).amount
    },
  }
}

/** What a stage says of params in their encoded form; nothing where they are no longer such as it takes. */
const workOf = (
  stage: RunnableStage,
  params: object,
  inputs: Readonly<Record<string, Size>>,
  expected: Node["expected"] & object,
  name: string,
): Work => {
  const decoded = decodeParams(stage, params)
  if (decoded === undefined) return {}
  try {
    return stage.work({ params: decoded, inputs, expected })
  } catch (cause) {
    throw new InputError({
      file: `stages/${stage.name}/stage.ts`,
      field: "work",
      message: `throws for the params of ${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
      help: "fix it: it only says how much there is to do",
    })
  }
}

const decoders = new WeakMap<RunnableStage, (params: object) => object | undefined>()

/** Params in their encoded form as a stage's functions take them; undefined where they are no longer such as it takes. */
export const decodeParams = (stage: RunnableStage, params: object): object | undefined => {
  const known = decoders.get(stage)
  if (known !== undefined) return known(params)
  const toExit = Schema.decodeUnknownExit(stage.params)
  // Nodes of equal params share them.
  const before = new WeakMap<object, object>()
  const decoder = (each: object) => {
    const decoded = before.get(each)
    if (decoded !== undefined) return decoded
    const exit = toExit(each)
    if (!Exit.isSuccess(exit)) return undefined
    before.set(each, exit.value)
    return exit.value
  }
  decoders.set(stage, decoder)
  return decoder(params)
}

/** How much an action made by one of its outputs, with all bytes that the output may name. */
const madeBy = ({ outputs, blobs }: ActionRecord, output: string): Size => {
  const made = outputs[output]
  return made === undefined
    ? {}
    : { rows: made.rows, bytes: blobs.reduce((total, { size }) => total + size, made.size) }
}

/** By the digest of each artifact that nodes stand for, how much it is. */
const sizesIn = (measured: Iterable<Measured>): ReadonlyMap<Digest, Size> => {
  const sizes = new Map<Digest, Size>()
  for (const { record } of measured) {
    if (record === undefined) continue
    for (const [output, { digest }] of Object.entries(record.outputs)) sizes.set(digest, madeBy(record, output))
  }
  return sizes
}

/** All of them together, as far as it is known of each. */
const sumOf = (sizes: ReadonlyArray<Size>): Size => {
  const rows = total(sizes.map((size) => size.rows))
  const bytes = total(sizes.map((size) => size.bytes))
  return { ...(rows === undefined ? {} : { rows }), ...(bytes === undefined ? {} : { bytes }) }
}

const total = (parts: ReadonlyArray<number | undefined>): number | undefined =>
  parts.reduce<number | undefined>(
    (sum, part) => (sum === undefined || part === undefined ? undefined : sum + part),
    0,
  )
