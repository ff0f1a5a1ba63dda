import { Effect } from "effect"
import { attempt } from "../base/attempt.ts"
import { InputError } from "../base/errors.ts"
import type { Graph } from "../graph/node.ts"
import { select, selectOne } from "../graph/select.ts"
import { current, type Located, locateDigest, looksLikeDigest } from "../status/lineage.ts"

/** The artifact that a user means by a node, "node:output", or the beginning of a digest. */
export const locate = Effect.fnUntraced(function*(graph: Graph, word: string) {
  if (looksLikeDigest(word)) {
    const found: Located | undefined = yield* locateDigest(graph, word)
    if (found !== undefined) return found
  }
  const [name = word, wanted] = word.split(":", 2)
  const node = yield* attempt(() => selectOne(graph, name))
  const record = (yield* current(select(graph, [node.name]))).records.get(node.name)
  if (record === undefined) {
    return yield* new InputError({
      field: node.name,
      message: "has not made anything yet",
      help: `make it: dag run ${node.name} --profile ${graph.profile}`,
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
