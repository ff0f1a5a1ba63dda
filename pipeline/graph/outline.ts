import { hash } from "node:crypto"
import { canonical } from "../base/canonical.ts"
import { digester } from "../base/digest.ts"
import type { Declaration, Declared } from "./declare.ts"
import type { FileSet } from "./files.ts"
import type { Node, Outline, Ref, RunnableStage } from "./node.ts"
import { checkedParams } from "./params.ts"
import { isRef } from "./wires.ts"

type Options = Node["options"]

/** What a stage makes of params, where that is not what was declared. */
interface Resolved {
  readonly params: object
  readonly options: Options
}

/** What most params take of code: all that there is. */
const none: Options = {}

/** So many characters of a sha256 in base64 tell how one node was declared from how it was declared otherwise. */
export const HASH = 22

/** So many characters are hashed at once. */
const AT_ONCE = 1 << 16

/** Takes down the outline of a profile while its nodes are declared. */
export class Outliner {
  readonly #sha256 = digester()
  readonly #adapting = new Set<string>()
  readonly #stages = new Map<string, RunnableStage>()
  readonly #programs = new Map<string, { readonly stage: string; readonly options: Options }>()
  readonly #sets = new Map<object, string>()
  readonly #bySet = new Map<string, { readonly set: FileSet; readonly readers: Array<number> }>()
  readonly #names: Array<string> = []
  readonly #programOf: Array<string> = []
  /** How each node was declared, as many as were hashed at once in one text. */
  readonly #parts: Array<Part> = []
  #text = ""
  #ends: Array<number> = []

  /** Takes a node with its params in canonical JSON. Throws NotCanonical on what that cannot hold exactly. */
  add({ stage, name, inputs, resources, expected }: Declared, params: string, resolved: Resolved | undefined): void {
    const { name: stageName } = stage
    if (!this.#stages.has(stageName)) this.#stages.set(stageName, stage)
    this.#programOf.push(this.#program(stageName, resolved?.options ?? none))
    this.#names.push(name)
    let text = `${JSON.stringify(stageName)}${JSON.stringify(name)}${params}`
    for (const role of Object.keys(inputs)) text += `${JSON.stringify(role)}${this.#wire(Reflect.get(inputs, role))}`
    if (resources !== undefined) text += `r${canonical(resources)}`
    if (expected !== undefined) text += `e${canonical(expected)}`
    if (resolved !== undefined) {
      this.#adapting.add(stageName)
      text += `p${canonical(resolved.params)}${canonical(resolved.options)}`
    }
    this.#text += text
    this.#ends.push(this.#text.length)
    this.#text += "\n"
    if (this.#text.length > AT_ONCE) this.#hash()
  }

  outline(used: Iterable<string>): Outline {
    this.#hash()
    this.#sha256.update(Buffer.from(canonical([...used].sort())))
    return {
      digest: this.#sha256.digest(),
      names: this.#names,
      adapting: this.#adapting,
      stages: this.#stages,
      programs: this.#programs,
      programOf: this.#programOf,
      sets: this.#bySet,
      hashes: hashesOf(this.#parts),
    }
  }

  #program(stage: string, options: Options): string {
    const id = options === none ? stage : `${stage} ${canonical(options)}`
    if (!this.#programs.has(id)) this.#programs.set(id, { stage, options })
    return id
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
    const text = this.#sets.get(set) ?? canonical(set)
    this.#sets.set(set, text)
    const reader = this.#names.length - 1
    const known = this.#bySet.get(text)
    // What is no set of files is refused where wires are checked.
    if (known === undefined) this.#bySet.set(text, { set: set as FileSet, readers: [reader] })
    else known.readers.push(reader)
    return text
  }

  #hash(): void {
    // A text that was put together piece by piece takes three times its size until its bytes are asked for.
    this.#sha256.update(Buffer.from(this.#text))
    this.#parts.push({ text: this.#text, ends: this.#ends })
    this.#text = ""
    this.#ends = []
  }
}

/** Some texts, one behind the other with a line break between, and where each ends. */
interface Part {
  readonly text: string
  readonly ends: ReadonlyArray<number>
}

/** Most runs have nothing to do, and ask for none. */
const hashesOf = (parts: ReadonlyArray<Part>): Outline["hashes"] => {
  let hashes: ReadonlyArray<string> | undefined
  const hashesIn = ({ text, ends }: Part) =>
    ends.map((end, at) => {
      const start = at === 0 ? 0 : (ends[at - 1] ?? 0) + 1
      return hash("sha256", text.slice(start, end), "base64url").slice(0, HASH)
    })
  return () => (hashes ??= parts.flatMap(hashesIn))
}

const refText = ({ node, output, artifact }: Ref<unknown>): string =>
  `>${JSON.stringify(node)}${JSON.stringify(output)}${JSON.stringify(artifact)}`

/**
 * The outline of what was declared, without checking it: equal to that of a graph which was expanded, it declares that
 * graph. Undefined where nodes cannot be declared so.
 *
 * Only params of the `adapting` stages are looked at by their stages; others took what was declared as it is, as long as
 * the code is the same.
 */
export const outlineOf = (
  { nodes, used, thrown }: Declaration,
  adapting: ReadonlySet<string> | "all",
): Outline | undefined => {
  if (thrown !== undefined) return undefined
  const outliner = new Outliner()
  const stages = new Map<string, RunnableStage>()
  try {
    for (const declared of nodes) {
      const { stage, name, params, resources } = declared
      if ((stages.get(stage.name) ?? stage) !== stage) return undefined
      stages.set(stage.name, stage)
      const made = adapting === "all" || adapting.has(stage.name)
        ? checkedParams(stage, name, params, resources)
        : undefined
      outliner.add(declared, made?.text ?? canonical(params), made?.isAsDeclared === false ? made : undefined)
    }
    return outliner.outline(used)
  } catch {
    // Whoever expands the profile says what is wrong with it.
    return undefined
  }
}
