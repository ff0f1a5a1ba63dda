import { canonical } from "../base/canonical.ts"
import { digester } from "../base/digest.ts"
import type { Builder, Profiles } from "./builder.ts"
import type { FileSet } from "./files.ts"
import { type Filters, keptBy } from "./filters.ts"
import type { Node, Outline, Ref, RunnableStage } from "./node.ts"
import { checkedParams } from "./params.ts"
import { outputRef } from "./wires.ts"
import { readYaml } from "./yaml.ts"

type Options = Node["options"]

/** A node as it was declared. */
interface Declared {
  readonly stage: RunnableStage
  readonly name: string
  readonly inputs: object
  readonly resources: object | undefined
  readonly expected: object | undefined
  /** The params in canonical JSON. */
  readonly params: string
  /** What the stage makes of them, where that is not the same. */
  readonly resolved: { readonly params: object; readonly options: Options } | undefined
}

/** What most params take of code: all that there is. */
const none: Options = {}

/** So many characters are hashed at once. */
const AT_ONCE = 1 << 16

const isRef = (value: unknown): value is Ref<unknown> =>
  typeof value === "object" && value !== null && (value as { _tag?: unknown })._tag === "Ref"

/** Takes down the outline of a profile while its nodes are declared. */
export class Outliner {
  readonly #sha256 = digester()
  readonly #adapting = new Set<string>()
  readonly #stages = new Map<string, RunnableStage>()
  readonly #programs = new Map<string, { readonly stage: string; readonly options: Options }>()
  readonly #sets = new Map<object, string>()
  readonly #bySet = new Map<string, FileSet>()
  #text = ""
  #nodes = 0

  /** Throws NotCanonical on what JSON cannot hold exactly. */
  add({ stage, name, inputs, resources, expected, params, resolved }: Declared): void {
    const { name: stageName } = stage
    if (!this.#stages.has(stageName)) this.#stages.set(stageName, stage)
    this.#program(stageName, resolved?.options ?? none)
    this.#nodes++
    let text = `${JSON.stringify(stageName)}${JSON.stringify(name)}${params}`
    for (const role of Object.keys(inputs)) text += `${JSON.stringify(role)}${this.#wire(Reflect.get(inputs, role))}`
    if (resources !== undefined) text += `r${canonical(resources)}`
    if (expected !== undefined) text += `e${canonical(expected)}`
    if (resolved !== undefined) {
      this.#adapting.add(stageName)
      text += `p${canonical(resolved.params)}${canonical(resolved.options)}`
    }
    this.#text += `${text}\n`
    if (this.#text.length > AT_ONCE) this.#hash()
  }

  outline(used: Iterable<string>): Outline {
    this.#text += canonical([...used].sort())
    this.#hash()
    return {
      digest: this.#sha256.digest(),
      nodes: this.#nodes,
      adapting: this.#adapting,
      stages: this.#stages,
      programs: [...this.#programs.values()],
      sets: [...this.#bySet.values()],
    }
  }

  #program(stage: string, options: Options): void {
    const id = options === none ? stage : `${stage} ${canonical(options)}`
    if (!this.#programs.has(id)) this.#programs.set(id, { stage, options })
  }

  #wire(wire: unknown): string {
    if (isRef(wire)) return refText(wire)
    if (Array.isArray(wire)) {
      let text = "["
      for (const each of wire as ReadonlyArray<unknown>) text += isRef(each) ? refText(each) : canonical(each)
      return `${text}]`
    }
    return typeof wire === "object" && wire !== null ? this.#set(wire) : canonical(wire)
  }

  #set(set: object): string {
    const known = this.#sets.get(set)
    if (known !== undefined) return known
    const text = canonical(set)
    this.#sets.set(set, text)
    // What is no set of files is refused where wires are checked.
    if (!this.#bySet.has(text)) this.#bySet.set(text, set as FileSet)
    return text
  }

  #hash(): void {
    this.#sha256.update(Buffer.from(this.#text))
    this.#text = ""
  }
}

const refText = ({ node, output, artifact }: Ref<unknown>): string =>
  `>${JSON.stringify(node)}${JSON.stringify(output)}${JSON.stringify(artifact)}`

/**
 * The outline of a profile, without checking what it declares: equal to that of a graph which was expanded, it declares
 * that graph. All of the user's code runs, whatever it looks at. Undefined where nodes cannot be declared so.
 *
 * Only params of the `adapting` stages are looked at by their stages; others took what was declared as it is.
 */
export const outlineOf = (
  { profiles }: Profiles,
  profile: string,
  root: string,
  filters: Filters,
  adapting: ReadonlySet<string>,
): Outline | undefined => {
  const declare = Object.hasOwn(profiles, profile) ? profiles[profile] : undefined
  if (declare === undefined) return undefined
  const outliner = new Outliner()
  const used = new Set<string>()
  const stages = new Map<string, RunnableStage>()
  const outputs = new Map<RunnableStage, ReadonlyArray<readonly [output: string, artifact: string]>>()
  const files = new Map<string, { readonly schema: unknown; readonly value: unknown }>()
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
      return keptBy(filters, filter, entries, namesOf)
    },
    yaml: (file, schema) => {
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
      if ((stages.get(stage.name) ?? stage) !== stage) throw new Error("two stages have one name")
      stages.set(stage.name, stage)
      const name = `${stage.name}/${rest}`
      const made = adapting.has(stage.name) ? checkedParams(stage, name, params, resources) : undefined
      outliner.add({
        stage,
        name,
        inputs,
        resources,
        expected,
        params: made?.text ?? canonical(params),
        resolved: made === undefined || made.isAsDeclared ? undefined : made,
      })
      const refs: Record<string, Ref<unknown>> = {}
      for (const [output, artifact] of outputsOf(stage, name)) {
        refs[output] = { _tag: "Ref", node: name, output, artifact }
      }
      return refs as never
    },
  }
  try {
    declare(builder)
    return outliner.outline(used)
  } catch {
    // Whoever expands the profile says what is wrong with it.
    return undefined
  }
}
