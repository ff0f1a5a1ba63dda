import { InputError } from "../../base/errors.ts"
import { didYouMean, nearest } from "../../base/nearest.ts"
import { clipped } from "../../base/text.ts"
import { valuesOf } from "../facets.ts"
import type { Graph } from "../node.ts"
import { wildcard } from "../wildcards.ts"
import { type Intersection, type Method, type Term } from "./expression.ts"
import { beginsAs, paramsOf } from "./methods.ts"

/** That a term selects no node, with what the user may have meant. */
export const nothingOf = (graph: Graph, term: Term): InputError => {
  const { method } = term
  return method._tag === "Value" ? noValue(graph, term, method) : noName(graph, term)
}

/** That no node meets all terms of an intersection, each of which some meet. */
export const nothingInAll = (graph: Graph, terms: Intersection): InputError =>
  new InputError({
    field: clipped(terms.map(({ text }) => text).join(",")),
    message: `no node of profile "${graph.profile}" is all of these`,
    help: "a comma takes what all terms select; put a space there for what any selects",
  })

const noName = (graph: Graph, { selector, text, method }: Term): InputError => {
  const word = method._tag === "Name" ? method.pattern : text
  const stages = new Set([...graph.nodes.values()].map((node) => node.stage.name))
  const [, asked, value = ""] = /^([a-z]+):(.*)$/u.exec(word) ?? []
  const meant = asked === undefined ? proposed(graph, word) : likeMethod(graph, asked, value)
  return new InputError({
    field: clipped(selector),
    message: `${selector === text ? "" : `"${clipped(text)}" `}selects no node of profile "${graph.profile}"`,
    help: `${inOthers(graph, asked === undefined ? beginsAs(word) : undefined)}${
      didYouMean(meant)
    }names begin with a stage (${[...stages].join(", ")}); "dag ls" lists them`,
  })
}

/** Which profiles have what this one has not, to begin a help with. */
const inOthers = ({ elsewhere }: Graph, isMeant: ((name: string) => boolean) | undefined): string => {
  const [first, ...rest] = isMeant === undefined ? [] : elsewhere?.(({ name }) => isMeant(name)) ?? []
  return first === undefined
    ? ""
    : `add --profile ${first}, which has it${rest.length === 0 ? "" : `, as have ${rest.join(", ")}`}; here `
}

/** What "stage:score" means: a facet is asked for with "=", and only states with ":". */
const likeMethod = (graph: Graph, method: string, value: string): ReadonlyArray<string> => {
  const [facet] = nearest(method, ["stage", ...Object.keys(graph.facets ?? {})], 1)
  const asked = facet === undefined ? [] : nearest(value, valuesUnder(graph, facet), 1)
  return asked.length > 0 ? asked.map((each) => `${facet}=${each}`) : nearest(`${method}:`, ["state:"])
}

/** Patterns of names like a word that is none, each of which selects something. */
const proposed = (graph: Graph, word: string): ReadonlyArray<string> => {
  const segments = word.split("/").filter((segment) => segment !== "")
  const names = [...graph.nodes.keys()].map((name) => name.split("/"))
  const tests = segments.map((segment) => wildcard(segment.toLowerCase()))
  // The first part that no name has behind those before it.
  let left = names
  let depth = 0
  for (const matches of tests) {
    const next = left.filter((parts) => matches((parts[depth] ?? "").toLowerCase()))
    if (next.length === 0) break
    left = next
    depth++
  }
  const known = depth === 0
    ? []
    : (left[0] ?? []).slice(0, depth).map((part, at) => segments[at]?.includes("*") === true ? segments[at] : part)
  const rest = segments.slice(depth + 1)
  const wrong = segments[depth]
  const there = new Set(left.flatMap((parts) => parts[depth] ?? []))
  if (wrong === undefined || there.size === 0) return [known.join("/")]
  const begun = [...there].filter((part) => part.toLowerCase().startsWith(wrong.toLowerCase()))
  const candidates = [
    ...(begun.length > 1 ? [`${wrong}*`] : []),
    ...nearest(wrong, there),
  ]
  const found = candidates.map((part) => [...known, part, ...rest].join("/"))
  const elsewhere = depth > 0 ? [] : placesOf(names, wrong).map((place) => [...place, ...rest].join("/"))
  const facets = segments.length > 1 ? [] : facetsLike(graph, wrong)
  return [...facets, ...[...found, ...elsewhere].filter((pattern) => selectsSome(names, pattern))].slice(0, 3)
}

/** Values of facets like a word: "cdr" as "corpus=cdr". */
const facetsLike = (graph: Graph, word: string): ReadonlyArray<string> =>
  Object.keys(graph.facets ?? {}).flatMap((facet) =>
    nearest(word, valuesUnder(graph, facet), 1).map((value) => `${facet}=${value}`)
  )

/** Where a part stands in names behind their first: "t5-mini" as "*\/t5-mini". */
const placesOf = (names: ReadonlyArray<ReadonlyArray<string>>, part: string): ReadonlyArray<ReadonlyArray<string>> => {
  const places = new Map<number, string>()
  for (const parts of names) {
    const at = parts.findIndex((each) => each.toLowerCase() === part.toLowerCase())
    if (at > 0) places.set(at, parts[at] ?? part)
  }
  return [...places].toSorted(([one], [other]) => one - other).map(([at, own]) => [
    ...Array.from({ length: at }, () => "*"),
    own,
  ])
}

const selectsSome = (names: ReadonlyArray<ReadonlyArray<string>>, pattern: string): boolean => {
  const tests = pattern.split("/").map(wildcard)
  return names.some((parts) => tests.length <= parts.length && tests.every((matches, at) => matches(parts[at] ?? "")))
}

const noValue = (
  graph: Graph,
  { selector }: Term,
  { key, pattern }: Extract<Method, { _tag: "Value" }>,
): InputError => {
  const values = valuesUnder(graph, key)
  if (values.size > 0) {
    const all = [...values]
    return new InputError({
      field: clipped(selector),
      message: `no node of profile "${graph.profile}" has ${key}=${clipped(pattern)}`,
      help: `${didYouMean(nearest(pattern, all).map((value) => `${key}=${value}`))}${key} is one of: ${
        all.slice(0, 12).join(", ")
      }${all.length > 12 ? ", …" : ""}`,
    })
  }
  const facets = ["stage", ...Object.keys(graph.facets ?? {})]
  const params = new Set([...graph.nodes.values()].flatMap((node) => [...paramsOf(node).keys()]))
  return new InputError({
    field: clipped(selector),
    message: `nodes of profile "${graph.profile}" have no "${clipped(key)}"`,
    help: `${
      didYouMean(nearest(key, [...facets, ...params]).map((name) => `${name}=${clipped(pattern)}`))
    }name one of ${facets.join(", ")}, or a param by its dotted name`,
  })
}

/** The values that nodes have of a facet, or of params of a name; texts that are long are no values to name. */
export const valuesUnder = (graph: Graph, key: string): ReadonlySet<string> => {
  const values = new Set<string>()
  const facet = Object.hasOwn(graph.facets ?? {}, key) ? graph.facets?.[key] : undefined
  const ofFacet = facet === undefined ? undefined : valuesOf(facet)
  const isName = wildcard(key)
  for (const node of graph.nodes.values()) {
    if (key === "stage") values.add(node.stage.name)
    else if (ofFacet !== undefined) { for (const value of ofFacet(node.name)) values.add(value) }
    else {
      for (const [name, value] of paramsOf(node)) if (isName(name) && value.length <= 40) values.add(value)
    }
  }
  return values
}
