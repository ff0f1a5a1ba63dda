import { Effect } from "effect"
import type { Declaration } from "../graph/declare.ts"
import type { Outline } from "../graph/node.ts"
import { outlineOf } from "../graph/outline.ts"
import { isRef } from "../graph/wires.ts"
import type { RememberedPlan } from "../store/fresh-plan.ts"
import type { Layout } from "../store/layout.ts"
import {
  factsOf,
  type Find,
  type FoundFacts,
  isCodeThere,
  isStillFresh,
  isUndisturbed,
  nodeChecker,
} from "./fresh-plans.ts"

/** What a plan has to look at of nodes that were all up to date; nodes are named by their places in the declaration. */
export interface Changed extends FoundFacts {
  readonly plan: RememberedPlan
  readonly declaration: Declaration
  readonly outline: Outline
  /** Nodes that may not be up to date any more: something is otherwise of them, or of nodes that they depend on. */
  readonly affected: ReadonlySet<number>
  /** The other nodes that these take input from. */
  readonly sources: ReadonlySet<number>
  /** The place that a node has in the memory; undefined where it is declared otherwise than any there. */
  readonly placeOf: (at: number) => number | undefined
}

/** What a run is about that all nodes may be up to date for. */
export interface About {
  readonly profile: string
  readonly layout: Layout
  readonly build: string
  readonly find: Find
  /** Whether the results that were printed are those that are to be printed of a declaration. */
  readonly isShown: (declaration: Declaration) => boolean
}

/**
 * Whether there is still nothing to do since a plan found every node up to date, or what changed; undefined where that cannot
 * be told. `declare` runs the function of the profile, and is called where that may be of use.
 */
export const sinceThen = Effect.fnUntraced(function*(
  plan: RememberedPlan,
  { profile, layout, build, find, isShown }: About,
  declare: () => Declaration,
) {
  if (!(yield* isUndisturbed(plan, layout, profile))) return undefined
  const declaration = declare()
  // Code of another build may take params otherwise.
  const isSame = plan.build === build
  const outline = outlineOf(declaration, isSame ? new Set(plan.adapting) : "all")
  if (outline === undefined) return undefined
  const found = yield* factsOf(outline, find)
  if (found === undefined) return undefined
  if (
    isSame && isShown(declaration) && plan.outline === outline.digest
    && (yield* isStillFresh(plan, found.facts, layout))
  ) {
    return "nothing"
  }
  return yield* changedSince(plan, declaration, outline, found, layout)
})

/** Where so large a share of all nodes is to be looked at, a plan of all is made: it reads records many at a time. */
const MOST = 0.5

/**
 * What changed since a plan found every node up to date; undefined where that cannot be told, or is so much that all nodes
 * are to be looked at.
 */
const changedSince = Effect.fnUntraced(function*(
  plan: RememberedPlan,
  declaration: Declaration,
  outline: Outline,
  { facts, files }: FoundFacts,
  layout: Layout,
) {
  const placeOf = placesIn(plan, outline)
  // What is gone of code that stays in use is written again by a run that looks at all.
  if (!(yield* isCodeThere(plan, layout, Object.values(facts.programs)))) return undefined
  const isSound = yield* nodeChecker(plan, layout)
  const isOther = (kind: keyof typeof facts, name: string): boolean => facts[kind][name] !== plan[kind][name]
  const stages = new Set(Object.keys(facts.stages).filter((name) => isOther("stages", name)))
  const programs = new Set(Object.keys(facts.programs).filter((id) => isOther("programs", id)))
  const readers = new Set([...outline.sets].flatMap(([text, set]) => (isOther("sets", text) ? set.readers : [])))
  const isItself = (at: number): boolean => {
    const place = placeOf(at)
    return place === undefined || readers.has(at) || programs.has(outline.programOf[at] ?? "")
      || stages.has(declaration.nodes[at]?.stage.name ?? "") || !isSound(place)
  }

  const affected = new Set<number>()
  const names = new Set<string>()
  const seen = new Set<string>()
  for (const [at, { name, inputs }] of declaration.nodes.entries()) {
    const from = sourcesIn(inputs)
    // What comes later, or is not there, is for who looks at all.
    if (seen.has(name) || !from.every((each) => seen.has(each))) return undefined
    const isAffected = from.some((each) => names.has(each)) || isItself(at)
    seen.add(name)
    if (!isAffected) continue
    affected.add(at)
    names.add(name)
    if (affected.size > declaration.nodes.length * MOST) return undefined
  }
  const wanted = new Set([...affected].flatMap((at) => sourcesIn(declaration.nodes[at]?.inputs ?? {})))
  const sources = new Set<number>()
  for (const [at, { name }] of declaration.nodes.entries()) if (wanted.has(name) && !affected.has(at)) sources.add(at)
  return { plan, declaration, outline, facts, files, affected, sources, placeOf } satisfies Changed
})

/** Finds for each node its place in the memory: nodes may have come or gone in one place. */
const placesIn = ({ nodes }: RememberedPlan, outline: Outline): Changed["placeOf"] => {
  const hashes = outline.hashes()
  const isSame = (at: number, place: number): boolean => {
    const hash = hashes[at]
    return hash !== undefined && nodes.wasDeclared(place, hash)
  }
  const more = hashes.length - nodes.size
  if (more === 0) return (at) => (isSame(at, at) ? at : undefined)
  const shorter = Math.min(hashes.length, nodes.size)
  let first = 0
  while (first < shorter && isSame(first, first)) first++
  let last = 0
  while (last < shorter - first && isSame(hashes.length - 1 - last, nodes.size - 1 - last)) last++
  const behind = hashes.length - last
  return (at) => (at < first ? at : at >= behind ? at - more : undefined)
}

/** The names of the nodes that wires lead to, as they were declared. */
const sourcesIn = (inputs: object): ReadonlyArray<string> => {
  const names: Array<string> = []
  const add = (wire: unknown): void => {
    if (isRef(wire)) names.push(wire.node)
  }
  for (const role of Object.keys(inputs)) {
    const wire: unknown = Reflect.get(inputs, role)
    if (Array.isArray(wire)) wire.forEach(add)
    else add(wire)
  }
  return names
}
