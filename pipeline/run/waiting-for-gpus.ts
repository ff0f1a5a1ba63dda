import { Effect, FiberSet, Queue } from "effect"
import type { GpuHolder } from "../execute/gpu-leases.ts"
import type { Node } from "../graph/node.ts"
import { Events } from "../store/events.ts"
import type { Completion } from "./completion.ts"

/** Nodes that wait for nothing but GPUs, which other runs of the machine hold. */
export interface WaitingForGpus {
  /** Nobody waits, as far as is known. */
  readonly forget: () => void
  /** Notes that there was no room for a node, and who was in the way; nobody where it waits for something else. */
  readonly note: (node: Node, inTheWay: ReadonlyArray<GpuHolder>) => void
  readonly isAny: () => boolean
  readonly has: (name: string) => boolean
  /** Has the run look again in a moment, as long as one waits, and says once of each node what it waits for. */
  readonly lookAgain: Effect.Effect<void>
}

/** The time between two looks, in milliseconds; a node that finds a GPU at the second one is not spoken of. */
const BETWEEN = 1000

/** Says in `completions` when to look. */
export const makeWaitingForGpus = Effect.fnUntraced(function*(
  fibers: FiberSet.FiberSet,
  completions: Queue.Enqueue<Completion>,
): Effect.fn.Return<WaitingForGpus, never, Events> {
  const events = yield* Events
  const waiting = new Map<string, ReadonlyArray<GpuHolder>>()
  /** Of nodes that waited before: how many looks, until it was said. */
  const looks = new Map<string, number>()
  let isLooking = false
  return {
    forget: () => waiting.clear(),
    note: ({ name }, inTheWay) => {
      if (inTheWay.length > 0) waiting.set(name, inTheWay)
    },
    isAny: () => waiting.size > 0,
    has: (name) => waiting.has(name),
    lookAgain: Effect.gen(function*() {
      if (waiting.size === 0 || isLooking) return
      isLooking = true
      for (const [node, holders] of waiting) {
        const look = (looks.get(node) ?? 0) + 1
        looks.set(node, look)
        if (look === 2) yield* events.emit({ _tag: "NodeWaits", node, gpus: [...holders] })
      }
      // With some chance in it: two that hindered each other should not do so again.
      const time = BETWEEN * (0.5 + Math.random())
      const look = Effect.suspend(() => {
        isLooking = false
        return Queue.offer(completions, { _tag: "Room" })
      })
      yield* FiberSet.run(fibers, Effect.andThen(Effect.sleep(time), look))
    }),
  }
})
