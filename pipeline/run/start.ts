import { Effect, Exit, FiberSet, Queue } from "effect"
import type { Digest } from "../base/digest.ts"
import type { DagError } from "../base/errors.ts"
import { Executor } from "../execute/executor.ts"
import type { Graph, Node } from "../graph/node.ts"
import { CodeBase } from "../identity/code.ts"
import { Events } from "../store/events.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import type { RunOptions } from "./options.ts"
import { makePool } from "./pool.ts"
import type { Action, States } from "./transition.ts"

/** How the execution for a node ended. */
export interface Completion {
  readonly node: Node
  readonly key: Digest
  readonly exit: Exit.Exit<ActionRecord, DagError>
}

/**
 * Gives the function that starts every ready node that there is room for, in the order in which they became ready.
 *
 * Executions run in `fibers`, and say in `completions` how they ended.
 */
export const makeStart = Effect.fnUntraced(function*(
  graph: Graph,
  states: States,
  { limits, commit }: RunOptions,
  fibers: FiberSet.FiberSet,
  completions: Queue.Enqueue<Completion>,
) {
  const store = yield* Store
  const codeBase = yield* CodeBase
  const executor = yield* Executor
  const events = yield* Events
  const pool = makePool(limits)
  const savedCode = new Set<Digest>()

  /** What an action is made of can be looked up later only if its code is in the store. */
  const saveCode = Effect.fnUntraced(function*(node: Node, digest: Digest) {
    if (savedCode.has(digest)) return
    savedCode.add(digest)
    yield* store.publishCode(digest, codeBase.of(node.stage.name, node.options).code)
  })

  const execute = Effect.fnUntraced(function*(node: Node, { key, preImage, files }: Action) {
    const granted = pool.take(node.resources)
    if (granted === undefined) return
    const { name } = node
    states.transition(name, { _tag: "Running", action: { key, preImage, files } })
    yield* events.emit({ _tag: "NodeStarted", node: name, key, resources: granted })
    yield* saveCode(node, preImage.code)
    const job = { key, preImage, node: name, files, resources: granted, environment: commit }
    const advanced = (advance: Parameters<Parameters<typeof executor.execute>[2]>[0]) =>
      events.emit({ _tag: "NodeProgressed", node: name, ...advance })
    yield* FiberSet.run(
      fibers,
      executor.execute(job, node.stage.isolation, advanced).pipe(
        Effect.exit,
        Effect.tap((exit) =>
          Effect.sync(() => pool.give(granted)).pipe(Effect.andThen(Queue.offer(completions, { node, key, exit })))
        ),
      ),
    )
  })

  return Effect.gen(function*() {
    for (const name of states.ready) {
      if (pool.isFull()) return
      const node = graph.nodes.get(name)
      const state = states.of(name)
      if (node !== undefined && state._tag === "Ready") yield* execute(node, state.action)
    }
  })
})
