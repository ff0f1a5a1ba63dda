import { canonical, NotCanonical } from "../base/canonical.ts"
import { InputError } from "../base/errors.ts"
import type { Profiles } from "./builder.ts"
import { type Declaration, declarationOf, type Declared } from "./declare.ts"
import type { Facets } from "./facets.ts"
import { type Filters, noFilters } from "./filters.ts"
import { misdeclared } from "./misdeclared.ts"
import { checkName } from "./names.ts"
import { type Graph, type Node, type Rest, type RunnableStage, Wires } from "./node.ts"
import { inOrder } from "./order.ts"
import { Outliner } from "./outline.ts"
import { checkedParams } from "./params.ts"
import { checkedWires } from "./wires.ts"

/** Whether a profile has a node of which something is true; one that cannot be declared has none. */
const hasNode = (definition: Profiles, profile: string, root: string, isMeant: (node: Node) => boolean): boolean => {
  try {
    return [...expand(definition, profile, root).nodes.values()].some(isMeant)
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}

/** Expands one profile into its graph, or into the part of it that filters keep: {@link expandDeclared}. */
export const expand = (
  definition: Profiles,
  profile: string,
  root: string,
  filters: Filters = noFilters,
  outlined = false,
): Graph => expandDeclared(definition, declarationOf(definition, profile, root, filters), outlined)

/** A node that was checked, and what its stage made of its params. */
export interface Checked {
  readonly node: Node
  readonly made: ReturnType<typeof checkedParams>
}

/** Checks a node of `all` by itself; throws an InputError that names the node and field. */
export const checkedNode = (
  { stage, name, at, params, inputs, resources, expected }: Declared,
  all: Declaration["nodes"],
): Checked => {
  const made = checkedParams(stage, name, params, resources)
  const node = {
    name,
    stage,
    declared: params,
    params: made.params,
    resources: made.resources,
    options: made.options,
    inputs: checkedWires(stage, name, inputs, at, all),
    ...(expected === undefined ? {} : { expected }),
  }
  return { node, made }
}

/** Throws an InputError where filters were given that a profile has nothing for. */
const checkUsed = ({ profile, filters, used }: Declaration): void => {
  const unused = [...filters.keys()].find((filter) => !used.has(filter))
  if (unused === undefined) return
  throw new InputError({
    field: `--${unused}`,
    message: `profile "${profile}" has no ${unused} to choose from`,
    help: `leave --${unused} out`,
  })
}

/**
 * Makes the graph of what was declared.
 *
 * Throws an InputError that names the node and field. Where it is `outlined`, the graph has an outline, if it can have one.
 */
export const expandDeclared = (definition: Profiles, declaration: Declaration, outlined = false): Graph => {
  const nodes = new Map<string, Node>()
  const stages = new Map<string, RunnableStage>()
  let outliner = outlined ? new Outliner() : undefined
  const outline = <A>(take: (outliner: Outliner) => A): A | undefined => {
    try {
      return outliner === undefined ? undefined : take(outliner)
    } catch (thrown) {
      if (!(thrown instanceof NotCanonical)) throw thrown
      outliner = undefined
      return undefined
    }
  }
  for (const declared of declaration.nodes) {
    const { stage, name } = declared
    if (!stages.has(stage.name)) checkName("stage", stage.name)
    checkName("node", name)
    if (nodes.has(name)) throw misdeclared(name, "name", "is declared twice", "give each node a name of its own")
    // Keys and workers know a stage by its name alone.
    if ((stages.get(stage.name) ?? stage) !== stage) {
      throw misdeclared(
        name,
        "stage",
        `is not the "${stage.name}" of other nodes`,
        "give each stage a name of its own",
      )
    }
    stages.set(stage.name, stage)
    const { node, made } = checkedNode(declared, declaration.nodes)
    nodes.set(name, node)
    outline((outliner) =>
      outliner.add(declared, made.text ?? canonical(declared.params), made.isAsDeclared ? undefined : made)
    )
  }
  if (declaration.thrown !== undefined) throw declaration.thrown.error
  checkUsed(declaration)
  const outlineMade = outline((outliner) => outliner.outline(declaration.used))
  return {
    ...graphOf(definition, declaration, inOrder(nodes)),
    ...(outlineMade === undefined ? {} : { outline: outlineMade }),
  }
}

/**
 * Makes the part of a graph that a run has to look at where the others are up to date: nodes of these names, of which the
 * `settled` are up to date too and are wired to nothing here. Throws as {@link expandDeclared} does.
 */
export const expandPart = (
  definition: Profiles,
  declaration: Declaration,
  part: Iterable<readonly [declared: Declared, isSettled: boolean]>,
  rest: Rest,
): Graph => {
  const nodes = new Map<string, Node>()
  for (const [declared, isSettled] of part) {
    const { stage, name } = declared
    checkName("stage", stage.name)
    checkName("node", name)
    const { node } = checkedNode(declared, declaration.nodes)
    nodes.set(name, isSettled ? { ...node, inputs: new Wires(declared.at, []) } : node)
  }
  checkUsed(declaration)
  return { ...graphOf(definition, declaration, nodes), rest }
}

const graphOf = (
  definition: Profiles,
  { profile, root, filters, choices, facets: more, read }: Declaration,
  nodes: ReadonlyMap<string, Node>,
): Graph => {
  const facets = more.size === 0 ? definition.facets : withMore(definition.facets ?? {}, more)
  return {
    profile,
    nodes,
    read,
    elsewhere: (isMeant) =>
      Object.keys(definition.profiles).filter((other) =>
        other !== profile && hasNode(definition, other, root, isMeant)
      ),
    ...(choices.size === 0 ? {} : { choices }),
    ...(filters.size === 0 ? {} : { filters }),
    ...(facets === undefined ? {} : { facets }),
  }
}

const withMore = (facets: Facets, more: ReadonlyMap<string, ReadonlyArray<string>>): Facets => ({
  ...facets,
  ...Object.fromEntries([...more].map(([name, words]) => {
    const known = Object.hasOwn(facets, name) ? facets[name] ?? [] : []
    return [name, [...known, ...words]]
  })),
})
