import { Effect } from "effect"
import { Argument, Flag } from "effect/cli"
import { attempt } from "../base/attempt.ts"
import { some } from "../base/text.ts"
import type { Asked } from "../graph/needed.ts"
import type { Graph } from "../graph/node.ts"
import { asksForState, partOf, type Selection, selectNodes } from "../graph/select.ts"
import { standing } from "../status/standing.ts"
import { printNote } from "./text/output.ts"

/** The nodes that a command is given, by selectors; `what` says what it does with them. */
export const nodesArgument = (what: string) =>
  Argument.String("node").pipe(
    Argument.withDescription(
      `${what}. Selectors: NODE, +NODE, NODE+, @NODE, stage=NAME, state:NAME, a,b (docs/selectors.md)`,
    ),
    Argument.variadic(),
  )

/** The flag of every command that takes several nodes. */
export const excludeFlag = Flag.String("exclude").pipe(
  Flag.withDescription("Leave out these nodes, named as the others are; may be given again"),
  Flag.atLeast(0),
)

/** What a user selected of a graph. */
export interface Selected extends Asked {
  /** The selected nodes, also where none were named: all but the excluded. */
  readonly chosen: ReadonlySet<string>
  /** The part of the graph that makes them. */
  readonly part: Graph
}

/** Finds the nodes that a user selects, and says on standard error where no node is in a state that was asked for. */
export const selected = Effect.fnUntraced(function*(graph: Graph, selection: Selection) {
  const { include, exclude } = selection
  if (include.length + exclude.length === 0) {
    const chosen: ReadonlySet<string> = new Set(graph.nodes.keys())
    return { names: undefined, excluded: new Set<string>(), chosen, part: graph } satisfies Selected
  }
  const facts = (yield* attempt(() => asksForState(graph, [...include, ...exclude])))
    ? yield* standing(graph)
    : undefined
  const chosen = yield* attempt(() => selectNodes(graph, selection, facts))
  const excluded = exclude.length === 0
    ? new Set<string>()
    : yield* attempt(() => selectNodes(graph, { include: exclude, exclude: [] }, facts))
  if (chosen.size === 0) {
    yield* printNote(
      include.length === 0
        ? `every node of profile "${graph.profile}" is excluded`
        : `no node of profile "${graph.profile}" is ${some([...include])} now${
          exclude.length === 0 ? "" : " and not excluded"
        }`,
    )
  }
  return {
    names: include.length === 0 ? undefined : chosen,
    excluded,
    chosen,
    part: include.length === 0 && exclude.length === 0 ? graph : partOf(graph, chosen),
  } satisfies Selected
})

/** The names that selectors select; none where there are no selectors. */
export const selectedBy = Effect.fnUntraced(function*(graph: Graph, selectors: ReadonlyArray<string>) {
  if (selectors.length === 0) return noNames
  return (yield* selected(graph, { include: selectors, exclude: [] })).chosen
})

const noNames: ReadonlySet<string> = new Set()

/** Selectors as a user types them again: " train/t5 --exclude 'state:failed'". */
export const selectionText = ({ include, exclude }: Selection): string =>
  [...include.map(quoted), ...exclude.flatMap((each) => ["--exclude", quoted(each)])].map((each) => ` ${each}`).join("")

const quoted = (word: string): string => (/^[\w.,:=+@/-]+$/u.test(word) ? word : `'${word}'`)
