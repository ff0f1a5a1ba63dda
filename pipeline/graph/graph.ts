import { Result, Schema } from "effect"
import { canonical } from "../base/canonical.ts"
import { InputError } from "../base/errors.ts"
import { checker, fieldName } from "../base/validation.ts"
import type { Check } from "../doctor/check.ts"
import type { ResultsView } from "../report/results.ts"
import type { FileSet } from "./files.ts"
import { originOf } from "./origin.ts"
import type { Input, Resources, RowSchema, Stage } from "./stage.ts"
import { readYaml, type YamlSchema } from "./yaml.ts"

/** An output of a node, to be wired into the input of another. `Row` is what its rows are. */
export interface Ref<Row> {
  readonly _tag: "Ref"
  readonly node: string
  readonly output: string
  /** The name of the artifact, as its Schema's identifier gives it. */
  readonly artifact: string
  /** Makes the type exact: an artifact of other rows is no substitute, whatever its columns. */
  readonly exactly?: (row: Row) => Row
}

/** What an input of a node is wired to. */
export type Wire<I extends Input> = I extends { _tag: "One"; row: infer S extends RowSchema } ? Ref<S["Type"]>
  : I extends { _tag: "Many"; row: infer S extends RowSchema } ? ReadonlyArray<Ref<S["Type"]>>
  : FileSet

/** An input of a node, once the types have done their work. */
export type AnyWire =
  | { readonly _tag: "Artifacts"; readonly refs: ReadonlyArray<Ref<unknown>> }
  | { readonly _tag: "Files"; readonly set: FileSet }

/** A stage whose types were checked where it was declared. */
export type RunnableStage = Stage

/** One step of the experiment: a stage with its params and inputs. Its name is for people; no key depends on it. */
export interface Node {
  readonly name: string
  readonly stage: RunnableStage
  /** The params as declared, for finding the file and line that a param came from. */
  readonly declared: object
  /** The params in their encoded form with every default filled in: what the key is made of. */
  readonly params: object
  readonly resources: Resources
  readonly inputs: ReadonlyMap<string, AnyWire>
}

/** The nodes of one profile by name, every node after the nodes it takes input from. */
export interface Graph {
  readonly profile: string
  readonly nodes: ReadonlyMap<string, Node>
}

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
  }) => { readonly [Output in keyof Outputs]: Ref<Outputs[Output]["Type"]> }
  /** An output of a node that is added later, or elsewhere. */
  readonly ref: <
    Name extends string,
    Params extends Schema.Codec<object, object>,
    Inputs extends Record<string, Input>,
    Outputs extends Record<string, RowSchema>,
    Output extends keyof Outputs & string,
  >(stage: Stage<Name, Params, Inputs, Outputs>, name: string, output: Output) => Ref<Outputs[Output]["Type"]>
  /** Reads a YAML file whose values keep their line numbers when they go into params. */
  readonly yaml: <S extends YamlSchema>(file: string, schema: S) => S["Encoded"]
}

/** An experiment: named profiles, each a function that declares nodes. */
export interface Experiment {
  readonly profiles: Readonly<Record<string, (dag: Builder) => void>>
  readonly defaultProfile: string
  /** Where the results are, and how they are shown. */
  readonly results?: ResultsView
  /** What `dag doctor` tries besides the machine itself, by name; in the order in which it tells of it. */
  readonly checks?: Readonly<Record<string, Check>>
}

/** Declares an experiment; the default export of `dag.config.ts`. */
export const experiment = (definition: Experiment): Experiment => definition

/** Expands one profile into its graph. Throws an InputError that names the node and field. */
export const expand = (definition: Experiment, profile: string, root: string): Graph => {
  const declare = definition.profiles[profile]
  if (declare === undefined) {
    throw new InputError({
      field: "--profile",
      message: `there is no profile "${profile}"`,
      help: `use one of: ${Object.keys(definition.profiles).join(", ")}`,
    })
  }
  const nodes = new Map<string, Node>()
  const stages = new Map<string, RunnableStage>()
  const files = new Map<string, { readonly schema: unknown; readonly value: unknown }>()
  declare({
    root,
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
    add: (typed, { name: rest, params, inputs, resources }) => {
      const stage = typed as unknown as RunnableStage
      const name = `${stage.name}/${rest}`
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
      nodes.set(name, {
        name,
        stage,
        declared: params,
        ...checkedParams(stage, name, params, resources),
        inputs: checkedWires(stage, name, inputs),
      })
      return Object.fromEntries(
        Object.keys(stage.outputs).map((output) => [output, outputRef(stage, name, output)]),
      ) as never
    },
  })
  return { profile, nodes: inOrder(nodes) }
}

/** The name of the artifact whose rows a Schema describes. */
export const artifactOf = (row: RowSchema): string => {
  const identifier = row.ast.annotations?.["identifier"]
  if (typeof identifier !== "string") throw new Error("an artifact's row Schema needs an identifier annotation")
  return identifier
}

const outputRef = (stage: RunnableStage, node: string, output: string): Ref<never> => {
  const row = stage.outputs[output]
  if (row === undefined) {
    throw misdeclared(node, output, `stage "${stage.name}" has no such output`, `use ${list(stage.outputs)}`)
  }
  return { _tag: "Ref", node, output, artifact: artifactOf(row) }
}

/** What a stage makes of params: the same params come back hundreds of times in a grid, so each is worked out once. */
interface Resolver {
  readonly check: ReturnType<typeof checker<Schema.Codec<object, object>>>
  readonly encode: (params: object) => object
  readonly known: Map<string, Pick<Node, "params" | "resources">>
}
const resolvers = new WeakMap<RunnableStage, Resolver>()
const resolverOf = (stage: RunnableStage): Resolver => {
  const resolver = resolvers.get(stage)
    ?? { check: checker(stage.params, { excess: "error" }), encode: Schema.encodeSync(stage.params), known: new Map() }
  resolvers.set(stage, resolver)
  return resolver
}

/** The params as text, or undefined where no text holds them exactly; such params are checked each time. */
const textOf = (params: object): string | undefined => {
  try {
    return canonical(params)
  } catch {
    return undefined
  }
}

const checkedParams = (
  stage: RunnableStage,
  node: string,
  params: object,
  resources: Partial<Resources> = {},
): Pick<Node, "params" | "resources"> => {
  const { check, encode, known } = resolverOf(stage)
  const text = textOf(params)
  const before = text === undefined ? undefined : known.get(text)
  if (before !== undefined) return { params: before.params, resources: { ...before.resources, ...resources } }
  const checked = check(params)
  if (Result.isSuccess(checked)) {
    const resolved = { params: encode(checked.success), resources: stage.resources(checked.success) }
    if (text !== undefined) known.set(text, resolved)
    return { params: resolved.params, resources: { ...resolved.resources, ...resources } }
  }
  const { path, message } = checked.failure
  const origin = originOf(params, path)
  throw new InputError({
    file: origin?.file ?? "dag.config.ts",
    ...(origin === undefined ? {} : { line: origin.line }),
    field: `${node} params.${fieldName(path)}`,
    message,
    help: `mend the param; stage "${stage.name}" declares its params in stages/${stage.name}/stage.ts`,
  })
}

const checkedWires = (stage: RunnableStage, node: string, wires: object): ReadonlyMap<string, AnyWire> => {
  const given = new Map<string, unknown>(Object.entries(wires))
  const checked = new Map<string, AnyWire>()
  for (const [role, input] of Object.entries(stage.inputs)) {
    const field = `inputs.${role}`
    if (!given.has(role)) throw misdeclared(node, field, "is not wired", "wire it to an artifact or to files")
    const wire = given.get(role)
    given.delete(role)
    if (input._tag === "Files") {
      if (!isFileSet(wire)) throw misdeclared(node, field, "takes files", "give { title, base, names }")
      checked.set(role, { _tag: "Files", set: wire })
      continue
    }
    const expected = artifactOf(input.row)
    const refs: ReadonlyArray<unknown> = input._tag === "One" ? [wire] : Array.isArray(wire) ? wire : [undefined]
    for (const ref of refs) {
      const help = `wire an output of a stage that makes "${expected}"`
      if (!isRef(ref)) throw misdeclared(node, field, `takes ${describeInput(input, expected)}`, help)
      if (ref.artifact !== expected) {
        throw misdeclared(node, field, `takes "${expected}", but "${ref.node}" gives "${ref.artifact}"`, help)
      }
    }
    checked.set(role, { _tag: "Artifacts", refs: refs as ReadonlyArray<Ref<unknown>> })
  }
  for (const role of given.keys()) {
    throw misdeclared(node, `inputs.${role}`, `stage "${stage.name}" has no such input`, `use ${list(stage.inputs)}`)
  }
  return checked
}

const describeInput = (input: Input, artifact: string): string =>
  input._tag === "Many" ? `a list of "${artifact}" artifacts` : `one "${artifact}" artifact`

const isRef = (value: unknown): value is Ref<unknown> =>
  typeof value === "object" && value !== null && (value as { _tag?: unknown })._tag === "Ref"

const isFileSet = (value: unknown): value is FileSet =>
  typeof value === "object" && value !== null && Array.isArray((value as { names?: unknown }).names)

const list = (names: object): string => Object.keys(names).map((name) => `"${name}"`).join(", ") || "none"

const misdeclared = (node: string, field: string, message: string, help: string): InputError =>
  new InputError({ file: "dag.config.ts", field: `${node} ${field}`, message, help })

/** The names of the nodes that a node takes input from, each once, in the order of its roles. */
export const sources = (node: Node): ReadonlyArray<string> => {
  const names = new Set<string>()
  for (const wire of node.inputs.values()) {
    if (wire._tag === "Artifacts") { for (const ref of wire.refs) names.add(ref.node) }
  }
  return [...names]
}

/** The nodes in an order in which every node comes after its sources; throws on a missing node or a cycle. */
const inOrder = (nodes: ReadonlyMap<string, Node>): ReadonlyMap<string, Node> => {
  const ordered = new Map<string, Node>()
  const open = new Set<string>()
  for (const start of nodes.keys()) {
    // An explicit stack, since a long chain of nodes would overflow the call stack.
    const stack: Array<{ readonly node: Node; readonly rest: Array<string> }> = []
    const enter = (name: string, from: string) => {
      if (ordered.has(name)) return
      const node = nodes.get(name)
      if (node === undefined) {
        throw misdeclared(from, "inputs", `takes input from "${name}", which is not declared`, "declare that node")
      }
      if (open.has(name)) {
        const path = [...open]
        const cycle = [...path.slice(path.indexOf(name)), name].toReversed().join(" -> ")
        throw misdeclared(name, "inputs", `form a cycle: ${cycle}`, "remove one of these wires")
      }
      open.add(name)
      stack.push({ node, rest: [...sources(node)].toReversed() })
    }
    enter(start, start)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.rest.pop()
      if (next !== undefined) {
        enter(next, top.node.name)
      } else {
        stack.pop()
        open.delete(top.node.name)
        ordered.set(top.node.name, top.node)
      }
    }
  }
  return ordered
}
