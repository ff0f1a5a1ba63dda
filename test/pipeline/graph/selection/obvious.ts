import { type Graph, sources } from "../../../../pipeline/graph/node.ts"
import type { State } from "../../../../pipeline/graph/selection/expression.ts"

/** A term as a test makes it, not read from a text. */
export interface Made {
  readonly pick: { readonly name: string } | { readonly stage: string } | { readonly state: State }
  readonly at: boolean
  /** Undefined for none, -1 for all. */
  readonly up: number | undefined
  readonly down: number | undefined
}

/** A term as a user writes it. */
export const written = ({ pick, at, up, down }: Made): string => {
  const core = "name" in pick ? pick.name : "stage" in pick ? `stage=${pick.stage}` : `state:${pick.state}`
  if (at) return `@${core}`
  const count = (edges: number) => (edges < 0 ? "" : String(edges))
  return `${up === undefined ? "" : `${count(up)}+`}${core}${down === undefined ? "" : `+${count(down)}`}`
}

/** What a term selects, as slowly and as plainly as can be: step by step along single edges. */
export const obvious = (
  graph: Graph,
  stands: (name: string) => ReadonlySet<State>,
  made: Made,
): ReadonlySet<string> => {
  const { pick, at, up, down } = made
  const all = [...graph.nodes.values()]
  const parents = (name: string) => all.filter((node) => node.name === name).flatMap(sources)
  const children = (name: string) => all.filter((node) => sources(node).includes(name)).map((node) => node.name)
  const isPicked = (name: string): boolean => {
    if ("state" in pick) return stands(name).has(pick.state)
    if ("stage" in pick) return name.split("/")[0] === pick.stage
    const [own, parts] = [pick.name.split("/"), name.split("/")]
    return own.every((segment, index) => segment === "*" ? parts[index] !== undefined : segment === parts[index])
  }
  const own = new Set(all.map((node) => node.name).filter(isPicked))
  const along = (from: ReadonlySet<string>, next: (name: string) => ReadonlyArray<string>, edges: number) => {
    let found = new Set(from)
    for (let step = 0; edges < 0 ? step < all.length : step < edges; step++) {
      found = new Set([...found, ...[...found].flatMap(next)])
    }
    return found
  }
  if (at) return along(along(own, children, -1), parents, -1)
  return new Set([
    ...own,
    ...(up === undefined ? [] : along(own, parents, up)),
    ...(down === undefined ? [] : along(own, children, down)),
  ])
}
