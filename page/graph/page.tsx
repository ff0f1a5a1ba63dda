import { useEffect, useMemo, useState } from "preact/hooks"
import type { GraphMessage, NodeState } from "../../pipeline/cli/ui/messages.ts"
import { Answered, Problem, useAnswer } from "../answer.tsx"
import { asking, isFile, withQuery } from "../api.ts"
import { useLiveStates } from "../live.ts"
import { NodeFacts } from "../node.tsx"
import { addressOf, goTo, type Route } from "../route.ts"
import { counted, stateWords } from "../words.ts"
import { Canvas } from "./canvas.tsx"
import { firstFacets, fold, groupsOf, levelsOf } from "./fold.ts"
import { layout } from "./layout.ts"
import { GraphList } from "./list.tsx"
import { shapes, stateCounts } from "./states.ts"

/** So many found nodes are unfolded; of more, their groups are marked. */
const FEW = 300

export const GraphPage = ({ route }: { readonly route: Route }) => {
  const { version, states: live } = useLiveStates()
  const answer = useAnswer(asking("graph"), version)
  return <Answered of={answer}>{(graph) => <Graph graph={graph} live={live} route={route} />}</Answered>
}

const Graph = ({ graph, live, route: { query } }: {
  readonly graph: GraphMessage
  readonly live: ReadonlyMap<string, NodeState>
  readonly route: Route
}) => {
  const [by, foldBy] = useState(() => firstFacets(graph))
  const [open, unfold] = useState<ReadonlySet<string>>(new Set())
  const [showsCritical, showCritical] = useState(false)
  const [showsList, showList] = useState(false)
  const [words, say] = useState(query.get("q") ?? "")
  const asked = query.get("q") ?? ""
  const chosenName = query.get("node") ?? undefined

  const levels = useMemo(() => levelsOf(graph), [graph])
  const groups = useMemo(() => groupsOf(graph, by), [graph, by])
  const states = useMemo(
    () => graph.names.map((name, place) => live.get(name) ?? graph.states[graph.state[place] ?? 0] ?? "fresh"),
    [graph, live],
  )
  const selection = useAnswer(
    asked === "" ? undefined : withQuery(asking("select"), new URLSearchParams({ q: asked })),
  )
  const found = selection?._tag === "Here" ? selection.value.nodes : undefined
  useEffect(() => say(asked), [asked])
  useEffect(() => {
    if (found === undefined || found.length > FEW) return
    unfold((before) => new Set([...before, ...found.flatMap((place) => groups[place] ?? [])]))
  }, [found, groups])
  useEffect(() => {
    const place = chosenName === undefined ? -1 : graph.names.indexOf(chosenName)
    const group = groups[place]
    if (group !== undefined) unfold((before) => (before.has(group) ? before : new Set([...before, group])))
  }, [chosenName, graph, groups])

  const folded = useMemo(() => fold(graph, groups, levels, open), [graph, groups, levels, open])
  const placed = useMemo(() => layout(folded, Math.max(0.6, innerWidth / Math.max(300, innerHeight - 140))), [folded])
  const boxesOf = (nodes: ReadonlyArray<number>): ReadonlySet<number> =>
    new Set(nodes.flatMap((node) => folded.boxOf[node] ?? []))
  const chosen = chosenName === undefined ? undefined : folded.boxes.findIndex(({ id }) => id === chosenName)
  const scene = {
    folded,
    placed,
    states,
    critical: showsCritical ? boxesOf(graph.critical) : new Set<number>(),
    found: found === undefined ? new Set<number>() : boxesOf(found),
    chosen: chosen === -1 ? undefined : chosen,
  }
  const toggle = (group: string) =>
    unfold((before) =>
      before.has(group) ? new Set([...before].filter((each) => each !== group)) : new Set([...before, group])
    )
  const ask = (q: string, node?: string) =>
    goTo(addressOf(["graph"], { ...(q === "" ? {} : { q }), ...(node === undefined ? {} : { node }) }))
  const choose = (place: number | undefined) => {
    const box = place === undefined ? undefined : folded.boxes[place]
    if (box?.isGroup === true) return toggle(box.group)
    ask(asked, box?.id)
  }

  return (
    <div class="graph">
      <h1 class="unseen">Graph of profile {graph.profile}</h1>
      <div class="tools">
        <form
          role="search"
          onSubmit={(event) => {
            event.preventDefault()
            ask(words)
          }}
        >
          <label>
            Find{" "}
            <input
              type="search"
              value={words}
              placeholder="+score/*, stage=finetune, state:stale"
              onInput={(event) => say(event.currentTarget.value)}
              disabled={isFile}
            />
          </label>
          <button type="submit" disabled={isFile}>Find</button>
        </form>
        <fieldset>
          <legend>Fold by</legend>
          {graph.facets.filter(({ values }) => values.length > 0).map(({ name }) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={by.includes(name)}
                onChange={() => foldBy(by.includes(name) ? by.filter((each) => each !== name) : [...by, name])}
              />{" "}
              {name}
            </label>
          ))}
          {open.size === 0 ? null : <button type="button" onClick={() => unfold(new Set())}>Fold all</button>}
          {folded.boxes.length === graph.names.length
            ? null
            : <button type="button" onClick={() => unfold(new Set(groups))}>Unfold all</button>}
        </fieldset>
        <label>
          <input type="checkbox" checked={showsCritical} onChange={() => showCritical(!showsCritical)} /> Longest way
        </label>
        <label>
          <input type="checkbox" checked={showsList} onChange={() => showList(!showsList)} /> As a list
        </label>
      </div>
      <p class="legend">
        {counted(graph.names.length, "node")}:{" "}
        {stateCounts(states).map(({ state, count }) => (
          <a key={state} class={`state ${state}`} href={addressOf(["graph"], { q: selectorOf(state) })}>
            <span aria-hidden="true">{shapes[state]}</span> {count.toLocaleString("en")} {stateWords[state]}
          </a>
        ))}
        {found === undefined ? null : <b role="status">{counted(found.length, "node")} found</b>}
        {showsCritical && graph.critical.length === 0
          ? <b role="status">No node would run: there is no longest way</b>
          : null}
      </p>
      {selection?._tag === "Failed"
        ? <Problem message={selection.message} help={selection.help} />
        : null}
      <div class={chosenName === undefined ? "stage" : "stage with-panel"}>
        <Canvas scene={scene} choose={choose} />
        {chosenName === undefined ? null : (
          <aside aria-label={`Node ${chosenName}`}>
            <button type="button" class="close" onClick={() => ask(asked)}>Close</button>
            <NodeFacts name={chosenName} version={graph.version} />
          </aside>
        )}
      </div>
      {showsList
        ? (
          <div>
            <h2>All boxes</h2>
            <GraphList graph={graph} boxes={folded.boxes} states={states} toggle={toggle} />
          </div>
        )
        : null}
    </div>
  )
}

/** The selector of a state's nodes, as far as the grammar has one. */
const selectorOf = (state: NodeState): string =>
  state === "will-run" || state === "may-run" || state === "running" ? "state:stale" : `state:${state}`
