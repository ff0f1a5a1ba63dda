import { InputError } from "../../base/errors.ts"
import { didYouMean, nearest } from "../../base/nearest.ts"
import { clipped } from "../../base/text.ts"

/** How a term of a selector picks nodes, before its neighbours are added. */
export type Method =
  /** The beginning of a name, segment by segment. */
  | { readonly _tag: "Name"; readonly pattern: string }
  /** A stage, a facet or a param whose value is as a pattern says. */
  | { readonly _tag: "Value"; readonly key: string; readonly pattern: string }
  /** How a node stands in the store. */
  | { readonly _tag: "State"; readonly state: State }

/** One term: what it picks, and how far it goes on to what those depend on and to what depends on them. */
export interface Term {
  /** The term as it was written. */
  readonly text: string
  /** The selector that it stands in, as the user gave it. */
  readonly selector: string
  readonly method: Method
  /** How many edges up, towards what a node depends on: 0 for none, Infinity for all. */
  readonly ancestors: number
  /** How many edges down, towards what depends on a node. */
  readonly descendants: number
  /** "@": all that depends on the nodes, and all that these depend on. */
  readonly isComplete: boolean
}

/** Terms of which a node meets all. */
export type Intersection = readonly [Term, ...ReadonlyArray<Term>]

/** How a node stands, as selectors ask for it; a node may stand in several ways. */
export const states = {
  fresh: "up to date",
  stale: "will run or may run",
  failed: "its last execution failed, and nothing changed since",
  accepted: "up to date by dag accept",
  missing: "lacks files",
  blocked: "depends on what cannot run",
} as const

/** The name of a state. */
export type State = keyof typeof states

/** Whether a word is the name of a state. */
export const isState = (word: string): word is State => Object.hasOwn(states, word)

/**
 * Reads one argument of a command: terms with spaces between them are a union, terms with commas an intersection.
 *
 * `isNode` says whether a text is the whole name of a node: names may hold any of these signs, and then mean the node.
 * Throws an InputError that says at which character something is wrong.
 */
export const parse = (selector: string, isNode: (name: string) => boolean): ReadonlyArray<Intersection> => {
  if (isNode(selector)) return [[plain(selector, selector)]]
  const union: Array<Intersection> = []
  for (const { 0: word, index } of selector.matchAll(/\S+/gu)) {
    const [first, ...rest] = partsOf(word).map(({ text, at }) => termOf(selector, text, index + at, isNode))
    if (first !== undefined) union.push([first, ...rest])
  }
  if (union.length === 0) throw wrong(selector, 0, "nothing is selected by an empty text", "name a node, or use \"*\"")
  return union
}

/** The parts of a word between its commas, and where each begins. */
const partsOf = (word: string): ReadonlyArray<{ readonly text: string; readonly at: number }> => {
  let at = 0
  return word.split(",").map((text) => {
    const part = { text, at }
    at += text.length + 1
    return part
  })
}

const plain = (selector: string, name: string): Term => ({
  text: name,
  selector,
  method: { _tag: "Name", pattern: name },
  ancestors: 0,
  descendants: 0,
  isComplete: false,
})

const termOf = (selector: string, text: string, at: number, isNode: (name: string) => boolean): Term => {
  if (text === "") throw wrong(selector, at, "a comma has nothing beside it", "give a term on both sides of a comma")
  if (isNode(text)) return plain(selector, text)
  const isComplete = text.startsWith("@")
  const [, up, rest = ""] = /^(\d*\+)?(.*)$/u.exec(isComplete ? text.slice(1) : text) ?? []
  const [, method = "", down] = isNode(rest) ? [rest, rest] : /^(.*?)(\+\d*)?$/u.exec(rest) ?? []
  const start = at + (isComplete ? 1 : 0) + (up?.length ?? 0)
  if (method === "") {
    throw wrong(
      selector,
      start,
      `nothing is named in "${clipped(text)}"`,
      `name what it is of: "+NODE", "NODE+" or "@NODE"`,
    )
  }
  if (isComplete && (up !== undefined || down !== undefined)) {
    throw wrong(
      selector,
      at,
      "\"@\" and \"+\" exclude each other",
      `use "@${clipped(method)}" (what depends on it, and all that needs) or "+${clipped(method)}+"`,
    )
  }
  return {
    text,
    selector,
    method: methodOf(selector, method, start, isNode),
    ancestors: edges(up?.slice(0, -1)),
    descendants: edges(down?.slice(1)),
    isComplete,
  }
}

/** How many edges the digits beside a "+" mean: all where there are none. */
const edges = (digits: string | undefined): number =>
  digits === undefined ? 0 : digits === "" ? Infinity : Number(digits)

const methodOf = (selector: string, text: string, at: number, isNode: (name: string) => boolean): Method => {
  if (isNode(text)) return { _tag: "Name", pattern: text }
  const [, method, word = ""] = /^([a-z]+):(.*)$/u.exec(text) ?? []
  if (method === "state") {
    if (isState(word)) return { _tag: "State", state: word }
    throw wrong(
      selector,
      at + "state:".length,
      word === "" ? "no state is named" : `there is no state "${clipped(word)}"`,
      `${
        didYouMean((ofDbt[word] === undefined ? nearest(word, Object.keys(states), 1) : [ofDbt[word]]).map((state) =>
          `state:${state}`
        ))
      }use one of: ${Object.keys(states).join(", ")}`,
    )
  }
  // In a name "=" may stand behind the first "/", as in "train/rate=0.1".
  const [, key, pattern = ""] = /^([^/=]*)=(.*)$/u.exec(text) ?? []
  if (key === undefined) return { _tag: "Name", pattern: text }
  if (key === "" || pattern === "") {
    throw wrong(
      selector,
      key === "" ? at : at + key.length + 1,
      key === "" ? "\"=\" has no name before it" : `"${clipped(key)}=" has no value`,
      "give both, as in \"stage=score\"",
    )
  }
  return { _tag: "Value", key, pattern }
}

/** What states are called here that dbt calls by other names. */
const ofDbt: Readonly<Record<string, State>> = { modified: "stale", new: "stale", old: "fresh", unmodified: "fresh" }

/** What is wrong with a selector, and at which of its characters, counted from 1. */
const wrong = (selector: string, at: number, message: string, help: string): InputError =>
  new InputError({
    field: selector === "" ? "\"\"" : clipped(selector),
    message: selector === "" ? message : `${message} (at character ${at + 1})`,
    help,
  })
