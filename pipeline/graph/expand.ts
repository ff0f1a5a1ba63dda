import { canonical, NotCanonical } from "../base/canonical.ts"
import { InputError } from "../base/errors.ts"
import { didYouMean, nearest } from "../base/nearest.ts"
import type { Profiles } from "./builder.ts"
import { type Filters, keptBy, noFilters } from "./filters.ts"
import { misdeclared } from "./misdeclared.ts"
import { checkName } from "./names.ts"
import type { Graph, Node, RunnableStage } from "./node.ts"
import { inOrder } from "./order.ts"
import { Outliner } from "./outline.ts"
import { checkedParams } from "./params.ts"
import { checkedWires, outputRef } from "./wires.ts"
import { readYaml } from "./yaml.ts"

/** Refuses what is no experiment, as a config says that types were not checked of. */
const checkDeclared = (definition: unknown): void => {
  const fields = typeof definition === "object" && definition !== null ? Object.keys(definition) : []
  for (const wanted of ["profiles", "defaultProfile"]) {
    if (fields.includes(wanted)) continue
    throw new InputError({
      file: "dag.config.ts",
      field: wanted,
      message: "is missing",
      help: `${
        nearest(wanted, fields, 1).map((written) => `"${written}" is written "${wanted}"; `).join("")
      }export default experiment({ defaultProfile: "NAME", profiles: { NAME: (dag) => … } })`,
    })
  }
}

/** Whether a profile has a node of which something is true; one that cannot be declared has none. */
const hasNode = (definition: Profiles, profile: string, root: string, isMeant: (node: Node) => boolean): boolean => {
  try {
    return [...expand(definition, profile, root).nodes.values()].some(isMeant)
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}

/**
 * Expands one profile into its graph, or into the part of it that filters keep.
 *
 * Throws an InputError that names the node and field. Where it is `outlined`, the graph has an outline, if it can have one.
 */
export const expand = (
  definition: Profiles,
  profile: string,
  root: string,
  filters: Filters = noFilters,
  outlined = false,
): Graph => {
  checkDeclared(definition)
  for (const name of Object.keys(definition.profiles)) checkName("profile", name)
  const declare = Object.hasOwn(definition.profiles, profile) ? definition.profiles[profile] : undefined
  if (declare === undefined) {
    throw new InputError({
      field: "--profile",
      message: `there is no profile "${profile}"`,
      help: `${didYouMean(nearest(profile, Object.keys(definition.profiles), 1))}use one of: ${
        Object.keys(definition.profiles).join(", ")
      }`,
    })
  }
  const nodes = new Map<string, Node>()
  const stages = new Map<string, RunnableStage>()
  const files = new Map<string, { readonly schema: unknown; readonly value: unknown }>()
  const used = new Set<string>()
  const choices = new Map<string, Set<string>>()
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
  declare({
    root,
    kept: (filter, entries, namesOf) => {
      used.add(filter)
      for (const entry of entries) choices.set(filter, (choices.get(filter) ?? new Set()).add(namesOf(entry)[0] ?? ""))
      return keptBy(filters, filter, entries, namesOf)
    },
    yaml: (file, schema) => {
      // A file is often asked for once per use of it.
      const known = files.get(file)
      if (known?.schema === schema) return known.value
      const value = readYaml(root, file, schema)
      files.set(file, { schema, value })
      return value
    },
    ref: (stage, name, output) =>
      outputRef(stage as unknown as RunnableStage, `${stage.name}/${name}`, output) as never,
    add: (typed, { name: rest, params, inputs, resources, expected }) => {
      const stage = typed as unknown as RunnableStage
      const name = `${stage.name}/${rest}`
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
      const made = checkedParams(stage, name, params, resources)
      nodes.set(name, {
        name,
        stage,
        declared: params,
        params: made.params,
        resources: made.resources,
        options: made.options,
        inputs: checkedWires(stage, name, inputs),
        ...(expected === undefined ? {} : { expected }),
      })
      outline((outliner) =>
        outliner.add({
          stage,
          name,
          inputs,
          resources,
          expected,
          params: made.text ?? canonical(params),
          resolved: made.isAsDeclared ? undefined : made,
        })
      )
      return Object.fromEntries(
        Object.keys(stage.outputs).map((output) => [output, outputRef(stage, name, output)]),
      ) as never
    },
  })
  const unused = [...filters.keys()].find((filter) => !used.has(filter))
  if (unused !== undefined) {
    throw new InputError({
      field: `--${unused}`,
      message: `profile "${profile}" has no ${unused} to choose from`,
      help: `leave --${unused} out`,
    })
  }
  const { facets } = definition
  const outlineMade = outline((outliner) => outliner.outline(used))
  return {
    profile,
    nodes: inOrder(nodes),
    read: [...files.keys()],
    elsewhere: (isMeant) =>
      Object.keys(definition.profiles).filter((other) =>
        other !== profile && hasNode(definition, other, root, isMeant)
      ),
    ...(choices.size === 0 ? {} : { choices }),
    ...(filters.size === 0 ? {} : { filters }),
    ...(facets === undefined ? {} : { facets }),
    ...(outlineMade === undefined ? {} : { outline: outlineMade }),
  }
}
