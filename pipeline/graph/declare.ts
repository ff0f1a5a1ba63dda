import { InputError } from "../base/errors.ts"
import { didYouMean, nearest } from "../base/nearest.ts"
import type { Builder, Profiles } from "./builder.ts"
import { type Filters, keptBy, noFilters } from "./filters.ts"
import { checkName } from "./names.ts"
import type { Ref, RunnableStage } from "./node.ts"
import { outputRef } from "./wires.ts"
import { parseYaml, readYaml } from "./yaml.ts"

/** A node as a profile declares it, before anything of it is checked. */
export interface Declared {
  readonly stage: RunnableStage
  readonly name: string
  /** Its place among the nodes that the profile declares. */
  readonly at: number
  readonly params: object
  readonly inputs: object
  readonly resources: object | undefined
  readonly expected: object | undefined
}

/** What the function of a profile said, call by call. It is the user's code: it runs once, whatever is made of it. */
export interface Declaration {
  readonly profile: string
  readonly root: string
  readonly filters: Filters
  readonly nodes: ReadonlyArray<Declared>
  /** The files of the project that it read. */
  readonly read: ReadonlyArray<string>
  /** The filters that it has entries for. */
  readonly used: ReadonlySet<string>
  /** By filter, the names that its patterns choose from. */
  readonly choices: ReadonlyMap<string, ReadonlySet<string>>
  /** By facet, the words that it declares beyond those of every profile. */
  readonly facets: ReadonlyMap<string, ReadonlyArray<string>>
  /** What ended it behind these nodes, where it did not come to its end. */
  readonly thrown: { readonly error: unknown } | undefined
}

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

/** The function of a profile; throws an InputError where there is none of that name. */
const profileOf = (definition: Profiles, profile: string): (dag: Builder) => void => {
  checkDeclared(definition)
  for (const name of Object.keys(definition.profiles)) checkName("profile", name)
  const declare = Object.hasOwn(definition.profiles, profile) ? definition.profiles[profile] : undefined
  if (declare !== undefined) return declare
  throw new InputError({
    field: "--profile",
    message: `there is no profile "${profile}"`,
    help: `${didYouMean(nearest(profile, Object.keys(definition.profiles), 1))}use one of: ${
      Object.keys(definition.profiles).join(", ")
    }`,
  })
}

const textOf = (texts: ReadonlyMap<string, string>, file: string): string => {
  const text = texts.get(file)
  if (text !== undefined) return text
  throw new InputError({
    message: `would read ${file}, which the profile does not read as it is`,
    help: "save the text to plan with that file: what is tried here looks up no other file",
  })
}

/**
 * Runs the function of a profile and takes down what it declares. Where `texts` are given, they are the files that there
 * are: no other one is read. Throws an InputError where there is no such profile.
 */
export const declarationOf = (
  definition: Profiles,
  profile: string,
  root: string,
  filters: Filters = noFilters,
  texts?: ReadonlyMap<string, string>,
): Declaration => {
  const declare = profileOf(definition, profile)
  const nodes: Array<Declared> = []
  const outputs = new Map<RunnableStage, ReadonlyArray<readonly [output: string, artifact: string]>>()
  const files = new Map<string, { readonly schema: unknown; readonly value: unknown }>()
  const used = new Set<string>()
  const choices = new Map<string, Set<string>>()
  const facets = new Map<string, ReadonlyArray<string>>()
  const outputsOf = (stage: RunnableStage, node: string) => {
    const known = outputs.get(stage)
    if (known !== undefined) return known
    const all = Object.keys(stage.outputs).map((output) => [output, outputRef(stage, node, output).artifact] as const)
    outputs.set(stage, all)
    return all
  }
  const builder: Builder = {
    root,
    kept: (filter, entries, namesOf) => {
      used.add(filter)
      for (const entry of entries) choices.set(filter, (choices.get(filter) ?? new Set()).add(namesOf(entry)[0] ?? ""))
      return keptBy(filters, filter, entries, namesOf)
    },
    facet: (name, words) => {
      if (words.length > 0) facets.set(name, [...facets.get(name) ?? [], ...words])
    },
    yaml: (file, schema) => {
      // A file is often asked for once per use of it.
      const known = files.get(file)
      if (known?.schema === schema) return known.value
      const value = texts === undefined
        ? readYaml(root, file, schema)
        : parseYaml(textOf(texts, file), file, schema)
      files.set(file, { schema, value })
      return value
    },
    ref: (stage, name, output) =>
      outputRef(stage as unknown as RunnableStage, `${stage.name}/${name}`, output) as never,
    add: (typed, { name: rest, params, inputs, resources, expected }) => {
      const stage = typed as unknown as RunnableStage
      const name = `${stage.name}/${rest}`
      const at = nodes.length
      nodes.push({ stage, name, at, params, inputs, resources, expected })
      const refs: Record<string, Ref<unknown>> = {}
      for (const [output, artifact] of outputsOf(stage, name)) {
        refs[output] = { _tag: "Ref", node: name, output, artifact, at }
      }
      return refs as never
    },
  }
  let thrown: Declaration["thrown"]
  try {
    declare(builder)
  } catch (error) {
    thrown = { error }
  }
  return { profile, root, filters, nodes, read: [...files.keys()], used, choices, facets, thrown }
}
