/** What the engine should do, worked out without a store, a scheduler or a file. */

/** One node of a random graph. */
export interface NodeSpec {
  readonly stage: number
  /** The param that decides on the value. */
  readonly add: number
  /** A second param, which keeps nodes apart that would else do equal work. */
  readonly tag: number
  /** Indices of earlier nodes. */
  readonly from: ReadonlyArray<number>
  /** A file that it reads, if it reads one. */
  readonly file: number | null
}

/** Everything outside the store that decides on what a run does. */
export interface World {
  readonly nodes: ReadonlyArray<NodeSpec>
  /** By stage, which of its codes is in force. */
  readonly versions: ReadonlyArray<number>
  /** By file, its content; null where it is not there. */
  readonly files: ReadonlyArray<number | null>
  /** Stages that fail whatever they are given. */
  readonly broken: ReadonlySet<number>
}

/** What a node makes: small, so that different work often makes the same. */
export interface Value {
  readonly value: number
  readonly tag: number
}

/** What a stage computes. */
export const compute = (
  version: number,
  { add, tag }: Pick<NodeSpec, "add" | "tag">,
  inputs: ReadonlyArray<Value>,
  file: number,
): Value => ({ value: (inputs.reduce((sum, { value }) => sum + value, 0) + add + version + file) % 3, tag })

/** How a node ends up, and the key of what is executed or found for it. */
export type Expected =
  | { readonly _tag: "Made"; readonly key: string; readonly value: Value }
  | { readonly _tag: "Failed"; readonly key: string }
  | { readonly _tag: "Missing" | "Blocked" }

/** The fewest and the most executions of a key. */
export interface Bounds {
  readonly least: number
  readonly most: number
}

/** What a run does: how every node ends, and how often each key is executed. */
export interface Outcome {
  readonly nodes: ReadonlyArray<Expected>
  readonly executions: ReadonlyMap<string, Bounds>
  /** Keys that the store has and that may all the same be executed: reading what they made shows that it is damaged. */
  readonly remade: ReadonlySet<string>
}

/** A store as far as it matters: which value each key has, and which values are there. */
export class ModelStore {
  readonly records = new Map<string, Value>()
  /** Objects that are gone, or that are known to be damaged. */
  readonly lost = new Set<string>()
  /** Objects that are damaged, which shows when they are read. */
  readonly hidden = new Set<string>()

  /** What a run of the world does with this store, which stays as it is. */
  expect(world: World): Outcome {
    const nodes: Array<Expected> = []
    const executions = new Map<string, Bounds>()
    const remade = new Set<string>()
    const inputsOf = ({ from }: NodeSpec) => from.map((index) => nodes[index])

    /** What is executed reads all of its inputs; those that are damaged are made again for it. */
    const remakeInputs = (spec: NodeSpec): void => {
      for (const index of spec.from) {
        const [node, source] = [nodes[index], world.nodes[index]]
        if (node?._tag !== "Made" || source === undefined || !this.hidden.has(objectOf(node.value))) continue
        if (executions.has(node.key)) continue
        // Another execution may bring the same bytes before.
        executions.set(node.key, { least: 0, most: 1 })
        remade.add(node.key)
        remakeInputs(source)
      }
    }

    for (const spec of world.nodes) {
      const file = spec.file === null ? undefined : world.files[spec.file]
      if (file === null) {
        nodes.push({ _tag: "Missing" })
        continue
      }
      const sources = inputsOf(spec)
      if (sources.some((source) => source?._tag !== "Made")) {
        nodes.push({ _tag: "Blocked" })
        continue
      }
      const inputs = sources.flatMap((source) => (source?._tag === "Made" ? [source.value] : []))
      const version = world.versions[spec.stage] ?? 0
      const key = workOf(spec, version, inputs, spec.file, file ?? 0)
      const known = this.records.get(key)
      if (known !== undefined && !this.lost.has(objectOf(known))) {
        nodes.push({ _tag: "Made", key, value: known })
        continue
      }
      const count = executions.get(key) ?? { least: 0, most: 0 }
      if (known === undefined && world.broken.has(spec.stage)) {
        // Twins that are ready together fail together; one that comes later tries for itself.
        executions.set(key, { least: 1, most: count.most + 1 })
        nodes.push({ _tag: "Failed", key })
        continue
      }
      const value = compute(version, spec, inputs, file ?? 0)
      // With only the object lost, another execution may bring it back before this one is looked at.
      executions.set(key, known === undefined ? { least: 1, most: 1 } : { least: count.least, most: 1 })
      nodes.push({ _tag: "Made", key, value })
      remakeInputs(spec)
    }
    return { nodes, executions, remade }
  }

  /** Notes what a run made that went to its end. */
  finish({ nodes }: Outcome): void {
    for (const node of nodes) if (node._tag === "Made") this.records.set(node.key, node.value)
  }
}

/** What makes two executions the same, as text. */
export const workOf = (
  { stage, add, tag }: Pick<NodeSpec, "stage" | "add" | "tag">,
  version: number,
  inputs: ReadonlyArray<Value>,
  file: number | null,
  content: number,
): string => JSON.stringify({ stage, add, tag, version, inputs: inputs.map(objectOf), file, content })

/** The identity of the object that holds a value. */
export const objectOf = ({ value, tag }: Value): string => `${value}/${tag}`
