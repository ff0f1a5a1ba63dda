import { Effect } from "effect"
import { noFilters } from "../../graph/filters.ts"
import type { Graph } from "../../graph/node.ts"
import { Project } from "../project.ts"
import { filtersText } from "../view-text.ts"
import { diffMessage } from "./diff.ts"
import { followFiles } from "./follow-files.ts"
import { graphMessage, selectionOf } from "./graph.ts"
import { lookingAgain } from "./looking.ts"
import type { LiveMessage, ProjectMessage, RunsMessage } from "./messages.ts"
import { logMessage, nodeMessage, sourceMessage } from "./node.ts"
import { makePages } from "./pages.ts"
import type { Asked } from "./route.ts"
import { makeRunner } from "./runner.ts"
import { makeRuns } from "./runs.ts"
import { tableMessage } from "./table.ts"
import { makeViews, type View } from "./view.ts"
import { fileMessage, filesMessage, whatIf } from "./what-if.ts"

/** All that the page of a profile may ask for. */
export const routesOf = Effect.fnUntraced(function*(profile: string, mayRun: boolean) {
  const { experiment } = yield* Project
  const views = yield* makeViews(profile)
  const hearers = new Set<(message: LiveMessage) => void>()
  /** What a page that is opened later has to hear, too. */
  const standing = new Map<LiveMessage["_tag"], LiveMessage>()
  const say = (message: LiveMessage): void => {
    if (message._tag === "Graph") standing.delete("Problem")
    if (message._tag === "Problem" || message._tag === "Outdated") standing.set(message._tag, message)
    for (const hear of hearers) hear(message)
  }
  let follow: (graph: Graph) => void = () => undefined
  const look = yield* lookingAgain(views, say, ({ graph }) => follow(graph))
  const runs = yield* makeRuns((hasEnded) => look(hasEnded ? "now" : "soon"))
  const pageOf = yield* makePages
  const runner = yield* makeRunner
  const pages = Object.entries(experiment.pages ?? {}).map(([name, { title }]) => ({ name, title }))
  const looked = ({ query }: Asked) => (query.has("again") ? views.again : views.current)
  /** A route that only looks at what was last seen. */
  const of = <A, E, R>(answer: (view: View, asked: Asked) => Effect.Effect<A | undefined, E, R>) => ({
    method: "GET" as const,
    answer: (asked: Asked) => Effect.flatMap(looked(asked), (view) => answer(view, asked)),
  })
  /** The same for a request that asks for more than to read. */
  const doing = <A, E, R>(answer: (view: View, asked: Asked) => Effect.Effect<A | undefined, E, R>) => ({
    ...of(answer),
    method: "POST" as const,
  })
  const routes = {
    "project": of(({ graph }) =>
      Effect.succeed<ProjectMessage>({
        profile: graph.profile,
        filters: filtersText(graph.filters ?? noFilters),
        mayRun,
        pages,
      })
    ),
    "graph": of((view) => Effect.succeed(graphMessage(view))),
    "select": of(selectionOf),
    "node": of(nodeMessage),
    "source": of(sourceMessage),
    "log": of(logMessage),
    "table": of(tableMessage),
    "diff": of(diffMessage),
    "page": of(pageOf),
    "runs": {
      method: "GET" as const,
      answer: () => Effect.map(runs.list, (list): RunsMessage => ({ runs: list })),
    },
    "run": {
      method: "GET" as const,
      answer: ({ path: [name = ""] }: Asked) => runs.run(name),
    },
    "files": of((view) => Effect.succeed(filesMessage(view))),
    "file": of(fileMessage),
    "what-if": doing(whatIf),
    ...(mayRun
      ? { "started": of(runner.started), "start": doing(runner.run), "cancel": doing(runner.cancel) }
      : {}),
  }
  return {
    routes,
    listen: (hear: (message: LiveMessage) => void) => {
      hearers.add(hear)
      for (const message of standing.values()) hear(message)
      const stop = runs.listen(hear)
      return () => {
        hearers.delete(hear)
        stop()
      }
    },
    ready: Effect.gen(function*() {
      const { graph } = yield* views.current
      follow = yield* followFiles(graph, say, look)
      yield* runs.list
    }),
  }
})
