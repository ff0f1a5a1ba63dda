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
  /** The same, of which it takes those that there are. */
  readonly any: ReadonlyArray<number>
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

/** Nodes that a run treats otherwise than what changed says, by index. */
export interface Overrides {
  readonly forced: ReadonlySet<number>
  readonly frozen: ReadonlySet<number>
}

/** How a node ends up, and the key of what is executed or found for it. */
export type Expected =
  | { readonly _tag: "Made"; readonly key: string; readonly value: Value }
  | { readonly _tag: "Failed"; readonly key: string }
  /** "NotStarted": a failure elsewhere, or an interruption, kept the run from it. */
  | { readonly _tag: "Missing" | "Blocked" | "NotStarted" }

/** The fewest and the most executions of a key. */
export interface Bounds {
  readonly least: number
  readonly most: number
}

/** What a run does: how every node ends, and how often each key is executed. */
export interface Outcome {
  readonly nodes: ReadonlyArray<Expected>
  readonly executions: ReadonlyMap<string, Bounds>
  /** What the nodes have that are up to date before the run. */
  readonly fresh: ReadonlyMap<number, Value>
  /** Keys that the store has and that may all the same be executed: reading what they made shows that it is damaged. */
  readonly remade: ReadonlySet<string>
  /** Objects of which an execution may find that they are damaged. */
  readonly foundDamaged: ReadonlySet<string>
  /** Keys whose record is there and whose object is not. */
  readonly incomplete: ReadonlySet<string>
}

/** A store as far as it matters: which value each key has, and which values are there. */
export class ModelStore {
  readonly records = new Map<string, Value>()
  /** By node, the key of its last action; a node is left out where that depends on the order of events. */
  readonly heads = new Map<number, string>()
  /** Objects that are gone, or that are known to be damaged. */
  readonly lost = new Set<string>()
  /** Objects that are damaged, which shows when they are read. */
  readonly hidden = new Set<string>()

  /** Keys whose record is there and damaged. */
  readonly damaged = new Set<string>()
  /** By key, the key of another action whose outputs were accepted for its. */
  readonly accepted = new Map<string, string>()

  /** The value of a key whose record and object are there, as far as can be told without reading it. */
  found(key: string): Value | undefined {
    const known = this.records.get(key)
    return known !== undefined && !this.lost.has(objectOf(known)) ? known : undefined
  }

  /** The key that the store has for a key: itself, or, where there is no record of it, the one that was accepted. */
  standing(key: string): string {
    const other = this.records.has(key) || this.damaged.has(key) ? undefined : this.accepted.get(key)
    return other === undefined || this.found(other) === undefined ? key : other
  }

  /**
   * What a run of the world does with this store, which stays as it is. `absent` are the nodes that the run did not come
   * to: what is up to date before the run does not depend on them.
   */
  expect(world: World, overrides: Overrides, absent: ReadonlySet<number> = new Set()): Outcome {
    const whole = this.#expect(world, overrides, new Set())
    if (absent.size === 0) return whole
    const reached = this.#expect(world, overrides, absent)
    // What a run would have read it may have found damaged before it said anything of it.
    return {
      ...reached,
      fresh: whole.fresh,
      remade: whole.remade.union(reached.remade),
      foundDamaged: whole.foundDamaged.union(reached.foundDamaged),
    }
  }

  #expect(world: World, { forced, frozen }: Overrides, absent: ReadonlySet<number>): Outcome {
    const nodes: Array<Expected> = []
    const executions = new Map<string, Bounds>()
    const plain = new Set<string>()
    const fresh = new Map<number, Value>()
    /** Nodes of which is known before the run that they cannot run. */
    const stuck = new Set<number>()
    const byStore = new Set<number>()
    const remade = new Set<string>()
    const incomplete = new Set<string>()
    const foundDamaged = new Set<string>()

    /** What is executed reads all of its inputs: whatever above it made one that is damaged may be executed again. */
    const remakeInputs = (spec: NodeSpec): void => {
      const above = ancestorsOf(world.nodes, spec)
      for (const input of [...spec.from, ...spec.any]) {
        const read = nodes[input]
        if (read?._tag !== "Made" || !this.hidden.has(objectOf(read.value))) continue
        foundDamaged.add(objectOf(read.value))
        for (const index of above) {
          const [maker, its] = [nodes[index], world.nodes[index]]
          if (maker?._tag !== "Made" || its === undefined || !byStore.has(index) || remade.has(maker.key)) continue
          if (objectOf(maker.value) !== objectOf(read.value)) continue
          // Another execution may bring the same bytes before.
          const { least, most } = executions.get(maker.key) ?? { least: 0, most: 0 }
          executions.set(maker.key, { least, most: most + 1 })
          remade.add(maker.key)
          remakeInputs(its)
        }
      }
    }

    /** What a node is by what changed alone; `isFresh` says whether that is known before the run. */
    const settle = (index: number, spec: NodeSpec): { readonly expected: Expected; readonly isFresh: boolean } => {
      const file = spec.file === null ? undefined : world.files[spec.file]
      if (file === null) return { expected: { _tag: "Missing" }, isFresh: false }
      const sources = spec.from.map((source) => nodes[source])
      if (sources.some((source) => source?._tag !== "Made")) return { expected: { _tag: "Blocked" }, isFresh: false }
      const valuesOf = (indices: ReadonlyArray<number>) =>
        indices.map((each) => nodes[each]).flatMap((source) => (source?._tag === "Made" ? [source.value] : []))
      const [inputs, others] = [valuesOf(spec.from), valuesOf(spec.any)]
      if (spec.any.length > 0 && others.length === 0) return { expected: { _tag: "Blocked" }, isFresh: false }
      const version = world.versions[spec.stage] ?? 0
      const key = workOf(spec, version, inputs, others, spec.file, file ?? 0)
      const standing = this.standing(key)
      const found = this.found(standing)
      if (found !== undefined && !forced.has(index)) {
        const isFresh = spec.from.every((source) => fresh.has(source))
          && spec.any.every((source) => fresh.has(source) || stuck.has(source))
        return { expected: { _tag: "Made", key: standing, value: found }, isFresh }
      }
      const known = this.records.get(key)
      const isLost = known !== undefined && this.found(key) === undefined
      if (!isLost && world.broken.has(spec.stage)) return { expected: { _tag: "Failed", key }, isFresh: false }
      return {
        expected: { _tag: "Made", key, value: compute(version, spec, [...inputs, ...others], file ?? 0) },
        isFresh: false,
      }
    }

    for (const [index, spec] of world.nodes.entries()) {
      if (absent.has(index)) {
        nodes.push({ _tag: "NotStarted" })
        continue
      }
      const { expected, isFresh } = settle(index, spec)
      if (isFresh && expected._tag === "Made") fresh.set(index, expected.value)
      const head = this.heads.get(index)
      const last = head === undefined ? undefined : this.found(head)
      if (!isFresh && frozen.has(index) && head !== undefined && last !== undefined) {
        fresh.set(index, last)
        nodes.push({ _tag: "Made", key: head, value: last })
        continue
      }
      nodes.push(expected)
      if (
        expected._tag === "Missing" || spec.from.some((source) => stuck.has(source))
        || (spec.any.length > 0 && spec.any.every((source) => stuck.has(source)))
      ) stuck.add(index)
      if (!("key" in expected)) continue
      const { key } = expected
      const { least, most } = executions.get(key) ?? { least: 0, most: 0 }
      if (expected._tag === "Failed" || forced.has(index)) {
        // Twins that are ready together fail together, or are made together; one that comes later is executed by itself.
        executions.set(key, { least: 1, most: most + 1 })
      } else if (this.found(key) === undefined) {
        // With only the object lost, another execution may bring it back before this one is looked at.
        const isKnown = this.records.has(key)
        if (isKnown) incomplete.add(key)
        executions.set(key, { least: isKnown ? least : 1, most: plain.has(key) ? most : most + 1 })
        plain.add(key)
      } else {
        byStore.add(index)
        continue
      }
      remakeInputs(spec)
    }
    // What the plan left open is looked up when its sources have settled: by then its own object, which others may have
    // made too, may have been found damaged.
    for (let before = -1; before !== remade.size;) {
      before = remade.size
      for (const index of byStore) {
        const [maker, its] = [nodes[index], world.nodes[index]]
        if (maker?._tag !== "Made" || its === undefined || fresh.has(index) || remade.has(maker.key)) continue
        if (!foundDamaged.has(objectOf(maker.value))) continue
        const { least, most } = executions.get(maker.key) ?? { least: 0, most: 0 }
        executions.set(maker.key, { least, most: most + 1 })
        remade.add(maker.key)
        remakeInputs(its)
      }
    }
    return { nodes, executions, fresh, remade, foundDamaged, incomplete }
  }
}

/** All nodes that a node takes input from, directly or not. */
const ancestorsOf = (nodes: ReadonlyArray<NodeSpec>, spec: NodeSpec): ReadonlySet<number> => {
  const found = new Set<number>()
  const add = (index: number): void => {
    if (found.has(index)) return
    found.add(index)
    const its = nodes[index]
    if (its !== undefined) addAll(its)
  }
  const addAll = ({ from, any }: NodeSpec): void => {
    for (const index of [...from, ...any]) add(index)
  }
  addAll(spec)
  return found
}

/** What makes two executions the same, as text. */
export const workOf = (
  { stage, add, tag }: Pick<NodeSpec, "stage" | "add" | "tag">,
  version: number,
  inputs: ReadonlyArray<Value>,
  others: ReadonlyArray<Value>,
  file: number | null,
  content: number,
): string =>
  JSON.stringify({ stage, add, tag, version, inputs: inputs.map(objectOf), any: others.map(objectOf), file, content })

/** The identity of the object that holds a value. */
export const objectOf = ({ value, tag }: Value): string => `${value}/${tag}`
