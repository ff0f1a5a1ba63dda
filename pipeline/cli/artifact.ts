import { Effect } from "effect"
import { attempt } from "../base/attempt.ts"
import { InputError } from "../base/errors.ts"
import type { Graph, Node } from "../graph/node.ts"
import { select, selectOne } from "../graph/select.ts"
import { type Snapshot, snapshotOf } from "../status/snapshot.ts"
import type { ActionRecord } from "../store/record.ts"
import { withoutStore } from "./project.ts"

/** An output of an action, and the node whose it is. */
export interface Located {
  readonly node: Node
  readonly output: string
  readonly record: ActionRecord
}

/** The artifact that a user means by a node, "node:output", or the beginning of a digest (six digits or more). */
export const locate = Effect.fnUntraced(function*(graph: Graph, word: string) {
  if (/^[0-9a-f]{6,64}$/u.test(word)) {
    const found = yield* locateDigest(yield* snapshotOf(graph), word)
    if (found !== undefined) return found
  }
  const [name = word, wanted] = word.split(":", 2)
  const node = yield* attempt(() => selectOne(graph, name))
  const { nodes } = yield* snapshotOf(select(graph, [node.name]))
  const record = nodes.get(node.name)?.record
  if (record === undefined) {
    return yield* new InputError({
      field: node.name,
      message: `has not run yet${yield* withoutStore}`,
      help: `run it: dag run ${node.name} --profile ${graph.profile}`,
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
  return { node, output, record } satisfies Located
})

const locateDigest = ({ nodes }: Snapshot, prefix: string): Effect.Effect<Located | undefined, InputError> => {
  const found = [...nodes.values()].flatMap(({ node, record }) =>
    record === undefined ? [] : Object.entries(record.outputs)
      .filter(([, { digest }]) => digest.startsWith(prefix))
      .map(([output, { digest }]) => ({ node, output, record, digest }))
  )
  return new Set(found.map(({ digest }) => digest)).size > 1
    ? Effect.fail(new InputError({ field: prefix, message: "begins several digests", help: "give more digits" }))
    : Effect.succeed(found[0])
}
