import type { Schema } from "effect"
import type { Facets } from "./facets.ts"
import type { Expected, Ref, Wire } from "./node.ts"
import type { Input, Resources, RowSchema, Stage } from "./stage.ts"
import type { YamlSchema } from "./yaml.ts"

/** Declares the nodes of a profile. Every method throws an InputError on a mistake. */
export interface Builder {
  /** The project's folder. */
  readonly root: string
  /** Adds a node and gives its outputs for wiring. */
  readonly add: <
    Name extends string,
    Params extends Schema.Codec<object, object>,
    Inputs extends Record<string, Input>,
    Outputs extends Record<string, RowSchema>,
  >(stage: Stage<Name, Params, Inputs, Outputs>, node: {
    /** Below the stage's own name: "cdr/train" makes the node "ingest/cdr/train". */
    readonly name: string
    readonly params: Params["Encoded"]
    readonly inputs: { readonly [Role in keyof Inputs]: Wire<Inputs[Role]> }
    /** What this node needs, where it differs from what its stage expects of such params. */
    readonly resources?: Partial<Resources>
    /** What it is expected to make and fetch, for those who are shown a run before it begins. */
    readonly expected?: Expected
  }) => { readonly [Output in keyof Outputs]: Ref<Outputs[Output]["Type"]> }
  /** An output of a node that is added later, or elsewhere. */
  readonly ref: <
    Name extends string,
    Params extends Schema.Codec<object, object>,
    Inputs extends Record<string, Input>,
    Outputs extends Record<string, RowSchema>,
    Output extends keyof Outputs & string,
  >(stage: Stage<Name, Params, Inputs, Outputs>, name: string, output: Output) => Ref<Outputs[Output]["Type"]>
  /**
   * The entries of a list that the user's patterns for a filter keep, in their order: all where none were given. An entry
   * may have several names, of which the first is shown.
   */
  readonly kept: <A>(
    filter: string,
    entries: ReadonlyArray<A>,
    namesOf: (entry: A) => ReadonlyArray<string>,
  ) => ReadonlyArray<A>
  /** Says of more words what they mean as parts of nodes' names, as `facets` of the experiment does for every profile. */
  readonly facet: (name: string, words: ReadonlyArray<string>) => void
  /** Reads a YAML file whose values keep their line numbers when they go into params. */
  readonly yaml: <S extends YamlSchema>(file: string, schema: S) => S["Encoded"]
}

/** Named profiles, each a function that declares nodes. */
export interface Profiles {
  readonly profiles: Readonly<Record<string, (dag: Builder) => void>>
  readonly defaultProfile: string
  /** What parts of nodes' names mean, for selectors such as "corpus=cdr,model=t5-*". */
  readonly facets?: Facets
}
