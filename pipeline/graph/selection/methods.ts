import type { Facets } from "../facets.ts"
import { valuesOf } from "../facets.ts"
import type { Node } from "../node.ts"
import { wildcard } from "../wildcards.ts"
import type { Method, State } from "./expression.ts"

/** What selectors may ask besides what a graph says. */
export interface Facts {
  /** How a node stands; asked only where a selector says "state:". */
  readonly state: (node: string) => ReadonlySet<State>
}

/** Whether a name begins as a pattern says, segment by segment; a "/" at the end of the pattern changes nothing. */
export const beginsAs = (pattern: string): (name: string) => boolean => {
  const own = pattern.length > 1 && pattern.endsWith("/") ? pattern.slice(0, -1) : pattern
  if (own === "") return () => false
  const below = `${own}/`
  if (!own.includes("*")) {
    return (name) => name.startsWith(own) && (name.length === own.length || name.startsWith(below))
  }
  // Most stars stand at the end.
  if (own.indexOf("*") === own.length - 1) {
    const first = own.slice(0, -1)
    return (name) => name.startsWith(first)
  }
  const segments = own.split("/").map(wildcard)
  return (name) => {
    let start = 0
    for (const matches of segments) {
      if (start > name.length) return false
      const slash = name.indexOf("/", start)
      const end = slash === -1 ? name.length : slash
      if (!matches(name.slice(start, end))) return false
      start = end + 1
    }
    return true
  }
}

/** Whether a node is as a method says. */
export const meets = (method: Method, facets: Facets, facts: Facts): (node: Node) => boolean => {
  switch (method._tag) {
    case "Name": {
      const begins = beginsAs(method.pattern)
      return ({ name }) => begins(name)
    }
    case "State":
      return ({ name }) => facts.state(name).has(method.state)
    case "Value": {
      const { key } = method
      const matches = remembered(wildcard(method.pattern.toLowerCase()))
      if (key === "stage") return ({ stage }) => matches(stage.name)
      const facet = Object.hasOwn(facets, key) ? facets[key] : undefined
      if (facet !== undefined) {
        const values = valuesOf(facet)
        return ({ name }) => values(name).some(matches)
      }
      const path = key.split(".").map((name) => (name.includes("*") ? wildcard(name) : name))
      return ({ params }) => hasParam(params, path, 0, matches)
    }
  }
}

/** Letters count alike whatever their case; the few values that many nodes share are compared once. */
const remembered = (matches: (value: string) => boolean): (value: string) => boolean => {
  const known = new Map<string, boolean>()
  return (value) => {
    const found = known.get(value) ?? matches(value.toLowerCase())
    known.set(value, found)
    return found
  }
}

/** Parts of a dotted name: a name, or what a pattern with stars allows. */
type Path = ReadonlyArray<string | ((name: string) => boolean)>

/** Whether a param below a value has a name and a value as asked for; of a list, its entries have their numbers as names. */
const hasParam = (value: unknown, path: Path, depth: number, matches: (value: string) => boolean): boolean => {
  const part = path[depth]
  if (part === undefined) return isPlain(value) && matches(String(value))
  if (typeof value !== "object" || value === null) return false
  if (typeof part === "string") {
    const below: unknown = Object.getOwnPropertyDescriptor(value, part)?.value
    return below !== undefined && hasParam(below, path, depth + 1, matches)
  }
  // Names alone: their values are looked at only where a name is as asked for.
  for (const name of Object.keys(value)) {
    if (!part(name)) continue
    const below: unknown = Object.getOwnPropertyDescriptor(value, name)?.value
    if (hasParam(below, path, depth + 1, matches)) return true
  }
  return false
}

const isPlain = (value: unknown): value is string | number | boolean | null =>
  value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean"

/** The params of a node by their dotted names, with the texts of their values. */
export const paramsOf = ({ params }: Node): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  const enter = (value: unknown, path: string): void => {
    if (isPlain(value)) found.set(path, String(value))
    else if (typeof value === "object") {
      for (const [name, below] of Object.entries(value ?? {})) enter(below, path === "" ? name : `${path}.${name}`)
    }
  }
  enter(params, "")
  return found
}
