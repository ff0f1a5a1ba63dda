import { Effect } from "effect"
import type { Graph } from "../../graph/node.ts"
import { Project } from "../project.ts"
import { concerns, isOutdated, sourcesOf } from "../watch/outdated.ts"
import { ignoredIn, isIn, placesOf } from "../watch/places.ts"
import { makeWatcher } from "../watch/watcher.ts"
import type { When } from "./looking.ts"
import type { LiveMessage } from "./messages.ts"

/**
 * Follows the files that a profile is declared with, and the code that this process was started from, until the scope
 * ends. An edit of a file has the graph looked at again; one of the code is said, since it counts in another process.
 * Gives what is to be told of each graph that is seen: others of its files may decide on it.
 */
export const followFiles = Effect.fnUntraced(function*(
  first: Graph,
  say: (message: LiveMessage) => void,
  look: (when: When) => void,
) {
  const { root, store, build } = yield* Project
  const sources = sourcesOf(root, build)
  let graph = first
  let watched = ""
  let isSaid = false

  const watch = (): void => {
    const paths = placesOf(root, Object.keys(sources?.files ?? {}), graph).filter((path) => !isIn(store, path))
    const text = paths.join("\n")
    if (text !== watched) watcher.watch(paths)
    watched = text
  }
  const changed = (paths: ReadonlyArray<string>): void => {
    if (!isSaid && isOutdated(root, build, sources, graph, paths)) {
      isSaid = true
      say({ _tag: "Outdated" })
    }
    if (concerns(sources, paths)) look(paths.length === 0 ? "now" : "renewed")
  }
  const watcher = makeWatcher(ignoredIn(root, store), {
    changed,
    // What happened before a path was watched is found by looking at all.
    settled: () => changed([]),
    // Without it the page shows what is there when it is asked for.
    failed: () => undefined,
  })
  yield* Effect.addFinalizer(() => Effect.promise(watcher.close))
  watch()
  return (now: Graph): void => {
    graph = now
    watch()
  }
})
