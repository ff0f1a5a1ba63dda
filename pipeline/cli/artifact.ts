import { Effect } from "effect"
import { attempt } from "../base/attempt.ts"
import { InputError } from "../base/errors.ts"
import { some } from "../base/text.ts"
import type { Graph, Node } from "../graph/node.ts"
import { select, selectOne } from "../graph/select.ts"
import type { RowSchema } from "../graph/stage.ts"
import { type Underway, underwayOf } from "../report/underway.ts"
import { lastFailureOf } from "../status/failures.ts"
import { type NodeSnapshot, type Snapshot, snapshotOf } from "../status/snapshot.ts"
import type { ActionRecord } from "../store/record.ts"
import { withoutStore } from "./project.ts"
import { printNote } from "./text/output.ts"
import { reasonText } from "./text/reasons.ts"
import { staleText } from "./text/stale.ts"
import { viewText } from "./view-text.ts"

/** An output of an action, and the node whose it is. */
export interface Located {
  readonly node: Node
  readonly output: string
  readonly record: ActionRecord
  readonly found: NodeSnapshot
}

/** What an execution that is not done made so far of an output. */
export interface LocatedUnderway {
  readonly node: Node
  readonly output: string
  readonly row: RowSchema
  readonly underway: Underway
  /** The rows so far as JSON holds them, and how many were made: of many rows some are left out. */
  readonly rows: ReadonlyArray<object>
  readonly made: number
}

/**
 * What was made so far of what a user means by a node or "node:output"; undefined where its node is up to date, or no
 * execution of what it is now showed rows of that output. Without an output it is the first that has rows.
 */
export const locateUnderway = Effect.fnUntraced(function*(graph: Graph, word: string) {
  if (isDigestStart(word)) return undefined
  const [name = word, wanted] = word.split(":", 2)
  const node = yield* attempt(() => selectOne(graph, name))
  const found = (yield* snapshotOf(select(graph, [node.name]))).nodes.get(node.name)
  const underway = found === undefined ? undefined : yield* underwayOf(found)
  for (const [output, row] of Object.entries(node.stage.outputs)) {
    const shown = underway?.soFar.outputs.get(output)
    if (underway === undefined || shown === undefined || output !== (wanted ?? output)) continue
    if (shown.rows.length > 0) return { node, output, row, underway, ...shown } satisfies LocatedUnderway
  }
  return undefined
})

const isDigestStart = (word: string): boolean => /^[0-9a-f]{6,64}$/u.test(word)

/** The artifact that a user means by a node, "node:output", or the beginning of a digest (six digits or more). */
export const locate = Effect.fnUntraced(function*(graph: Graph, word: string) {
  if (isDigestStart(word)) {
    const [first, ...others] = yield* locateDigest(yield* snapshotOf(graph), word)
    if (first !== undefined) {
      if (others.length > 0) {
        const names = some(others.map(({ node, output }) => `${node.name}:${output}`))
        yield* printNote(`these are the bytes of ${first.node.name}:${first.output}, and also of ${names}`)
      }
      return first
    }
  }
  const [name = word, wanted] = word.split(":", 2)
  const node = yield* attempt(() => selectOne(graph, name))
  const found = (yield* snapshotOf(select(graph, [node.name]))).nodes.get(node.name)
  const record = found?.record
  if (found === undefined || record === undefined) {
    const [reason] = found?.status._tag === "WillRun" ? found.status.reasons : []
    return yield* new InputError({
      field: node.name,
      message: reason?._tag === "RecordDamaged" ? reasonText(reason) : `has not run yet${yield* withoutStore}`,
      help: `run it: dag run ${node.name} ${viewText(graph)}`,
    })
  }
  const outputs = Object.keys(record.outputs)
  const output = wanted ?? outputs[0]
  if (output === undefined || record.outputs[output] === undefined) {
    return yield* new InputError({
      field: word,
      message: `${node.name} has no output "${wanted}"`,
      help: `use one of: ${outputs.map((each) => `${node.name}:${each}`).join(", ")}`,
    })
  }
  return { node, output, record, found } satisfies Located
})

/**
 * Says on standard error what whoever reads an artifact should know: that its node is not up to date, and why.
 *
 * Not among what is printed, which scripts read.
 */
export const noteStale = Effect.fnUntraced(function*({ profile }: Graph, { found }: Located) {
  if (found.status._tag === "Fresh") return
  const failed = yield* lastFailureOf(profile, found.node.name)
  yield* printNote(staleText(found, failed))
})

const locateDigest = ({ nodes }: Snapshot, prefix: string): Effect.Effect<ReadonlyArray<Located>, InputError> => {
  const found = [...nodes.values()].flatMap((each) => {
    const { node, record } = each
    return record === undefined ? [] : Object.entries(record.outputs)
      .filter(([, { digest }]) => digest.startsWith(prefix))
      .map(([output, { digest }]) => ({ node, output, record, digest, found: each }))
  })
  return new Set(found.map(({ digest }) => digest)).size > 1
    ? Effect.fail(new InputError({ field: prefix, message: "begins several digests", help: "give more digits" }))
    : Effect.succeed(found)
}
