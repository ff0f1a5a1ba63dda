import { type Filters, noFilters } from "../graph/filters.ts"
import type { Graph } from "../graph/node.ts"

/** The part of a graph that says which profile, and how much of it, a command looks at. */
type View = Pick<Graph, "profile" | "filters">

/** The flags that stand for what a user looks at: "--profile paper --models 't5-*'", for commands that help texts name. */
export const viewText = ({ profile, filters = noFilters }: View): string =>
  [`--profile ${profile}`, ...(filters.size === 0 ? [] : [filtersText(filters)])].join(" ")

/** The same as far as they are not the default; `profile` is that of commands without flags. */
export const viewBeside = (graph: View, profile: string): string =>
  graph.profile !== profile ? viewText(graph) : filtersText(graph.filters ?? noFilters)

/** The filters of a graph as the user gave them: "--models 't5-*' --corpora cdr,dce". */
export const filtersText = (filters: Filters): string =>
  [...filters].map(([name, text]) => `--${name} ${/^[\w.,-]+$/u.test(text) ? text : `'${text}'`}`).join(" ")
