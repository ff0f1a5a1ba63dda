import type { GraphMessage, NodeState } from "../../pipeline/cli/ui/messages.ts"
import { addressOf } from "../route.ts"
import { stateWords } from "../words.ts"
import type { Box } from "./fold.ts"
import { stateCounts } from "./states.ts"

/** So many nodes of an unfolded group, and so many boxes of all, are listed. */
const [MOST, MOST_BOXES] = [200, 2000]

/** "3 will run, 8 up to date". */
export const countsText = (states: ReadonlyArray<NodeState>): string =>
  stateCounts(states).map(({ state, count }) => `${count} ${stateWords[state]}`).join(", ")

/** What is drawn, as a list. */
export const GraphList = (
  { graph, boxes, states, toggle }: {
    readonly graph: GraphMessage
    readonly boxes: ReadonlyArray<Box>
    readonly states: ReadonlyArray<NodeState>
    readonly toggle: (group: string) => void
  },
) => {
  const columns = [...Map.groupBy(boxes.slice(0, MOST_BOXES), ({ level }) => level)].toSorted(([a], [b]) => a - b)
  return (
    <div class="list">
      {columns.map(([level, own]) => (
        <section key={level} aria-label={`Column ${level + 1}`}>
          <h3>Column {level + 1}</h3>
          <ul>
            {[...Map.groupBy(own, ({ group }) => group)].map(([group, members]) => (
              <li key={group}>
                {members.length === 1 && members[0]?.isGroup === false
                  ? <NodeLine name={members[0].id} state={states[members[0].members[0] ?? 0] ?? "fresh"} />
                  : (
                    <>
                      <button type="button" aria-expanded={members[0]?.isGroup === false} onClick={() => toggle(group)}>
                        {group},{" "}
                        {countsText(members.flatMap((box) => box.members.map((place) => states[place] ?? "fresh")))}
                      </button>
                      {members[0]?.isGroup === false
                        ? (
                          <ul>
                            {members.slice(0, MOST).map(({ label, members: [place = 0] }) => (
                              <li key={label}>
                                <NodeLine name={graph.names[place] ?? label} state={states[place] ?? "fresh"} />
                              </li>
                            ))}
                          </ul>
                        )
                        : null}
                    </>
                  )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

const NodeLine = ({ name, state }: { readonly name: string; readonly state: NodeState }) => (
  <a href={addressOf(["node", name])}>
    {name}, {stateWords[state]}
  </a>
)
