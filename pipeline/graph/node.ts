import type { Digest } from "../base/digest.ts"
import { InputError } from "../base/errors.ts"
import type { Facets } from "./facets.ts"
import type { FileSet } from "./files.ts"
import type { Filters } from "./filters.ts"
import type { Input, Resources, RowSchema, Size, Stage } from "./stage.ts"

/** An output of a node, to be wired into the input of another. `Row` is what its rows are. */
export interface Ref<Row> {
  readonly _tag: "Ref"
  readonly node: string
  readonly output: string
  /** The name of the artifact, as its Schema's identifier gives it. */
  readonly artifact: string
  /** The place of its node among those of its profile, in the order of their declaration, where that is known. */
  readonly at?: number
  /** Makes the type exact: an artifact of other rows is no substitute, whatever its columns. */
  readonly exactly?: (row: Row) => Row
}

/** What an input of a node is wired to. */
export type Wire<I extends Input> = I extends { _tag: "One"; row: infer S extends RowSchema } ? Ref<S["Type"]>
  : I extends { _tag: "Many" | "Available"; row: infer S extends RowSchema } ? ReadonlyArray<Ref<S["Type"]>>
  : FileSet

/** An input of a node, once the types have done their work. */
export type AnyWire =
  | { readonly _tag: "Artifacts"; readonly refs: ReadonlyArray<Ref<unknown>> }
  | { readonly _tag: "Files"; readonly set: FileSet }

/** A stage whose types were checked where it was declared. */
export type RunnableStage = Stage

/** What a node is expected to make. */
export interface Expected extends Size {
  /**
   * How many bytes it fetches from the network for that: 0 where a cache of this machine has them all, left out where it
   * never asks the network.
   */
  readonly download?: number
}

/** One step of the experiment: a stage with its params and inputs. Its name is for people; no key depends on it. */
export interface Node {
  readonly name: string
  readonly stage: RunnableStage
  /** The params as declared, for finding the file and line that a param came from. */
  readonly declared: object
  /** The params in their encoded form with every default filled in: what the key is made of. */
  readonly params: object
  readonly resources: Resources
  /** By the name of a choice, the options that the params take: what of the stage's code the node executes. */
  readonly options: Readonly<Record<string, ReadonlyArray<string>>>
  readonly inputs: ReadonlyMap<string, AnyWire>
  readonly expected?: Expected
}

/**
 * All that decides on the keys of a profile's nodes, as it was declared, in one digest: two declarations of one digest give
 * the same graph, as long as code and files are the same.
 */
export interface Outline {
  readonly digest: Digest
  /** The names of the nodes in the order in which they were declared, which is that of all that follows. */
  readonly names: ReadonlyArray<string>
  /** Of each node, a hash of how it was declared. */
  readonly hashes: () => ReadonlyArray<string>
  /** The stages that take some params otherwise than they are declared: what follows from those is in the digest too. */
  readonly adapting: ReadonlySet<string>
  readonly stages: ReadonlyMap<string, RunnableStage>
  /** What of the code of stages nodes execute: each stage with the options that params take, once. */
  readonly programs: ReadonlyMap<string, { readonly stage: string; readonly options: Node["options"] }>
  /** Of each node, its program. */
  readonly programOf: ReadonlyArray<string>
  /** The files that nodes read, each set once, with the places of the nodes that do. */
  readonly sets: ReadonlyMap<string, { readonly set: FileSet; readonly readers: ReadonlyArray<number> }>
}

/** What is known of nodes beside a part of a graph: all of them are up to date, and stay so. */
export interface Rest {
  /** How many there are. */
  readonly size: number
  /** Their names, and the key of each. */
  readonly all: () => { readonly nodes: ReadonlyArray<string>; readonly keys: ReadonlyArray<Digest> }
  /** The keys that nodes of the part last had, by name. */
  readonly heads: ReadonlyMap<string, Digest>
}

/** The nodes of one profile by name, every node after the nodes it takes input from. */
export interface Graph {
  readonly profile: string
  readonly nodes: ReadonlyMap<string, Node>
  /** What of the profile this is, where the user filtered it. */
  readonly filters?: Filters
  /** By filter, the names that its patterns choose from. */
  readonly choices?: ReadonlyMap<string, ReadonlySet<string>>
  /** What parts of the nodes' names mean, for selectors. */
  readonly facets?: Facets
  /** Other profiles with a node of which something is true; they are declared only when this is asked. */
  readonly elsewhere?: (isMeant: (node: Node) => boolean) => ReadonlyArray<string>
  /** The files of the project that its declaration read. */
  readonly read?: ReadonlyArray<string>
  /** How it was declared, where that was taken down. */
  readonly outline?: Outline
  /** Where this is only what a run has to look at: the others. */
  readonly rest?: Rest
}

/** The name of the artifact whose rows a Schema describes. */
export const artifactOf = (row: RowSchema): string => {
  const identifier = row.ast.annotations?.["identifier"]
  if (typeof identifier !== "string") {
    throw new InputError({
      message: "a row Schema of a stage has no identifier, which names the artifact",
      help: "add it to the Schema: .annotate({ identifier: \"NAME\" })",
    })
  }
  return identifier
}

/** The inputs of a node by role. Where they lead is worked out once: it is asked for many times. */
export class Wires extends Map<string, AnyWire> {
  /** The place of the node among those of its profile, in the order of their declaration. */
  readonly at: number
  /** The places of what it takes input from, some more than once; -1 where that is not known. */
  readonly from: ReadonlyArray<number>
  #sources: ReadonlyArray<string> | undefined

  constructor(at: number, from: ReadonlyArray<number>) {
    super()
    this.at = at
    this.from = from
  }

  get sources(): ReadonlyArray<string> {
    return (this.#sources ??= sourcesOf(this))
  }
}

const sourcesOf = (inputs: ReadonlyMap<string, AnyWire>): ReadonlyArray<string> => {
  const names = new Set<string>()
  for (const wire of inputs.values()) {
    if (wire._tag === "Artifacts") { for (const ref of wire.refs) names.add(ref.node) }
  }
  return [...names]
}

/** The names of the nodes that a node takes input from, each once, in the order of its roles. */
export const sources = ({ inputs }: Node): ReadonlyArray<string> =>
  inputs instanceof Wires ? inputs.sources : sourcesOf(inputs)

/** What a node takes where it is there, and does without where it is not: the names of nodes by role. */
export const dispensable = ({ stage, inputs }: Node): ReadonlyMap<string, ReadonlyArray<string>> =>
  new Map(
    [...inputs].flatMap(([role, wire]) =>
      wire._tag === "Artifacts" && stage.inputs[role]?._tag === "Available"
        ? [[role, wire.refs.map(({ node }) => node)] as const]
        : []
    ),
  )

/** Whether a node gathers what there is: it can do without some of what is wired to it. */
export const isPartial = (node: Node): boolean =>
  takesAvailable(node) && [...dispensable(node).values()].some((names) => names.length > 0)

const takesAvailable = ({ stage }: Node): boolean => {
  for (const role in stage.inputs) if (stage.inputs[role]?._tag === "Available") return true
  return false
}

/** The names of the nodes that a node cannot do without, each once. */
export const indispensable = (node: Node): ReadonlyArray<string> => {
  if (!takesAvailable(node)) return sources(node)
  const { stage, inputs } = node
  const names = new Set<string>()
  for (const [role, wire] of inputs) {
    if (wire._tag !== "Artifacts" || stage.inputs[role]?._tag === "Available") continue
    for (const ref of wire.refs) names.add(ref.node)
  }
  return [...names]
}
