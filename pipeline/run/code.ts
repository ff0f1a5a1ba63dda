import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { Graph, Node } from "../graph/node.ts"
import { CodeBase } from "../identity/code.ts"
import { Store } from "../store/store.ts"
import type { States } from "./transition.ts"

/**
 * Gives the function that sees to it that the store has the code of a node, each code once.
 *
 * What an action is made of can be looked up later only if its code is in the store.
 */
export const makeSaveCode = Effect.gen(function*() {
  const store = yield* Store
  const codeBase = yield* CodeBase
  const saved = new Set<Digest>()
  return Effect.fnUntraced(function*({ stage, options }: Node) {
    const found = codeBase.of(stage.name, options)
    if (saved.has(found.digest)) return
    yield* store.publishCode(found.digest, () => found.code)
    saved.add(found.digest)
  })
})

/**
 * Writes the code again that is gone from the store or damaged, of nodes that were found up to date and not executed.
 *
 * Nothing depends on it, so a store that cannot be written keeps no run from its end.
 */
export const restoreCode = Effect.fnUntraced(function*({ nodes }: Graph, { outcomes }: States) {
  const saveCode = yield* makeSaveCode
  const codeBase = yield* CodeBase
  const seen = new Set<Digest>()
  for (const node of nodes.values()) {
    const outcome = outcomes.get(node.name)
    if (outcome?._tag !== "Fresh" || outcome.by === "execution") continue
    const { digest } = codeBase.of(node.stage.name, node.options)
    if (seen.has(digest)) continue
    seen.add(digest)
    yield* Effect.ignore(saveCode(node))
  }
})
