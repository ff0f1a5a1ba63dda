import { Effect } from "effect"
import { attempt } from "../../base/attempt.ts"
import { valuesOf } from "../../graph/facets.ts"
import { sources } from "../../graph/node.ts"
import { rankOf } from "../../graph/priority.ts"
import { selected } from "../selecting.ts"
import type { GraphMessage, NodeState, SelectionMessage } from "./messages.ts"
import type { Asked } from "./route.ts"
import type { View } from "./view.ts"

const states: ReadonlyArray<NodeState> = [
  "fresh",
  "will-run",
  "may-run",
  "missing",
  "blocked",
  "unneeded",
  "running",
  "failed",
]

const made = new WeakMap<View, GraphMessage>()

/** A graph as its page draws it, in columns; made once for each look. */
export const graphMessage = (view: View): GraphMessage => {
  const message = made.get(view) ?? messageOf(view)
  made.set(view, message)
  return message
}

const messageOf = (view: View): GraphMessage => {
  const { graph, snapshot, places, version } = view
  const stages = new Map<string, number>()
  const [stage, time, from, to]: [Array<number>, Array<number>, Array<number>, Array<number>] = [[], [], [], []]
  for (const [name, node] of graph.nodes) {
    stage.push(placeIn(stages, node.stage.name))
    const took = snapshot.nodes.get(name)?.record?.milliseconds ?? view.forecast.durations.get(name)?.milliseconds
    time.push(took === undefined ? -1 : Math.round(took))
    const own = places.get(name) ?? 0
    for (const source of sources(node)) {
      const place = places.get(source)
      if (place === undefined) continue
      from.push(place)
      to.push(own)
    }
  }
  const facets = Object.entries(graph.facets ?? {}).map(([name, words]) => {
    const [values, valueOf] = [new Map<string, number>(), valuesOf(words)]
    const of = [...graph.nodes.keys()].map((node) => {
      const [value] = valueOf(node)
      return value === undefined ? -1 : placeIn(values, value)
    })
    return { name, values: [...values.keys()], of }
  })
  return {
    version,
    profile: graph.profile,
    names: [...graph.nodes.keys()],
    stages: [...stages.keys()],
    stage,
    states,
    state: view.states.map((state) => states.indexOf(state)),
    facets,
    from,
    to,
    time,
    critical: criticalPath(view, time),
  }
}

const placeIn = (places: Map<string, number>, value: string): number => {
  const known = places.get(value)
  if (known !== undefined) return known
  places.set(value, places.size)
  return places.size - 1
}

/**
 * The longest way through the nodes that will or may run, empty where none will; a node whose time is not known counts as
 * the mean of the others.
 */
const criticalPath = (
  { graph, places, snapshot }: View,
  times: ReadonlyArray<number>,
): ReadonlyArray<number> => {
  const known = times.filter((time) => time >= 0)
  const mean = known.length === 0 ? 1 : known.reduce((sum, time) => sum + time, 0) / known.length
  const own = (name: string): number | undefined => {
    const status = snapshot.nodes.get(name)?.status._tag
    if (status !== "WillRun" && status !== "MayRun") return undefined
    const time = times[places.get(name) ?? -1] ?? -1
    return time < 0 ? mean : time
  }
  const ranks = rankOf(graph, own)
  const users = new Map<string, Array<string>>()
  for (const [name, node] of graph.nodes) {
    for (const source of sources(node)) {
      const all = users.get(source)
      if (all === undefined) users.set(source, [name])
      else all.push(name)
    }
  }
  const longest = (names: Iterable<string>): string | undefined => {
    let best: string | undefined
    for (const name of names) {
      const rank = ranks.get(name)
      if (rank !== undefined && (best === undefined || rank > (ranks.get(best) ?? 0))) best = name
    }
    return best
  }
  const path: Array<number> = []
  for (let name = longest(graph.nodes.keys()); name !== undefined; name = longest(users.get(name) ?? [])) {
    path.push(places.get(name) ?? 0)
  }
  return path
}

/** The nodes that a selector selects, in its grammar of `docs/selectors.md`. */
export const selectionOf = Effect.fnUntraced(function*({ graph, places }: View, { query }: Asked) {
  const words = (query.get("q") ?? "").split(/\s+/u).filter((word) => word !== "")
  const { chosen } = yield* selected(graph, { include: words, exclude: [] })
  return yield* attempt((): SelectionMessage => ({ nodes: [...chosen].flatMap((name) => places.get(name) ?? []) }))
})
