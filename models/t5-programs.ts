import { gradients } from "./ir/autodiff.ts"
import { Graph, type Node, type Shape } from "./ir/graph.ts"
import { add, argmax, crossEntropy, mul, reshape, sum } from "./ir/ops.ts"
import type { Program } from "./ir/program.ts"
import type { T5Config } from "./t5-config.ts"
import { t5Shapes } from "./t5-parameters.ts"
import { type T5, type T5Cache, t5CrossMemory, t5Decode, t5DecodeStep, t5Encode } from "./t5.ts"
import type { Weights } from "./weights.ts"

/** The padded size of a batch. */
export interface BatchShape {
  readonly batch: number
  readonly source: number
  readonly target: number
}

/** A training program with the dropout masks it wants filled before every run. */
export interface TrainingProgram {
  readonly program: Program
  readonly masks: ReadonlyMap<string, Shape>
}

/** Names of a program's inputs and outputs that belong to a parameter or a block. */
export const portName = {
  gradient: (parameter: string): string => `gradient of ${parameter}`,
  accumulated: (parameter: string): string => `accumulated ${parameter}`,
  cache: (part: CachePart, block: number): string => `${part} ${block}`,
}

/** What a decoder block holds or yields while decoding. */
export type CachePart = "self keys" | "self values" | "cross keys" | "cross values" | "new key" | "new value"

const build = (config: T5Config, dropout: (graph: Graph, x: Node) => Node): T5 => {
  const graph = new Graph()
  const shapes = t5Shapes(config)
  return {
    config,
    graph,
    parameter: (name) => {
      const shape = shapes.get(name)
      if (shape === undefined) throw new Error(`T5 has no parameter ${name}`)
      return graph.input(name, shape)
    },
    dropout: (x) => dropout(graph, x),
  }
}

const keepAll = (_: Graph, x: Node): Node => x

/**
 * Loss and gradients of one batch. Inputs: `source ids` int32 [B,S], `source mask` [B,S], `decoder ids` and `labels`
 * int32 [B,T], `label weights` [B,T], every parameter, and the dropout masks. Outputs: `loss`, the sum of
 * weight · cross-entropy over labels, and the gradient of each parameter; with `accumulate` each is added to an
 * input of its own, which may be the very array that receives it.
 */
export const trainingProgram = (
  config: T5Config,
  shape: BatchShape,
  options: { readonly dropout: boolean; readonly accumulate: boolean },
): TrainingProgram => {
  const masks = new Map<string, Shape>()
  const t5 = build(config, (graph, x) => {
    if (!options.dropout) return x
    const name = `dropout ${masks.size}`
    masks.set(name, x.shape)
    return mul(x, graph.input(name, x.shape))
  })
  const { graph } = t5
  const [source, target]: [Shape, Shape] = [[shape.batch, shape.source], [shape.batch, shape.target]]
  const mask = graph.input("source mask", source)
  const encoded = t5Encode(t5, graph.input("source ids", source, "int32"), mask)
  const logits = t5Decode(t5, graph.input("decoder ids", target, "int32"), encoded, mask)
  const rows: Shape = [shape.batch * shape.target]
  const losses = crossEntropy(logits, reshape(graph.input("labels", target, "int32"), rows))
  const loss = reshape(sum(mul(losses, reshape(graph.input("label weights", target), rows)), [0]), [])
  const names = [...t5Shapes(config).keys()]
  const parts = gradients(loss, names.map(t5.parameter))
  const outputs = new Map<string, Node>([["loss", loss]])
  names.forEach((name, index) => {
    const gradient = parts[index]
    if (gradient === undefined) return
    const total = options.accumulate ? add(gradient, graph.input(portName.accumulated(name), gradient.shape)) : gradient
    outputs.set(portName.gradient(name), total)
  })
  return { program: { graph, outputs }, masks }
}

/** The logits [B·T,V] of a batch without dropout, from `source ids`, `source mask`, `decoder ids` and the parameters. */
export const logitsProgram = (config: T5Config, shape: BatchShape): Program => {
  const t5 = build(config, keepAll)
  const { graph } = t5
  const mask = graph.input("source mask", [shape.batch, shape.source])
  const encoded = t5Encode(t5, graph.input("source ids", [shape.batch, shape.source], "int32"), mask)
  const ids = graph.input("decoder ids", [shape.batch, shape.target], "int32")
  return { graph, outputs: new Map([["logits", t5Decode(t5, ids, encoded, mask)]]) }
}

/** From `source ids` and `source mask` [B,S] and the parameters, the `cross keys` and `cross values` of every block. */
export const encoderProgram = (config: T5Config, batch: number, source: number): Program => {
  const t5 = build(config, keepAll)
  const { graph } = t5
  const encoded = t5Encode(
    t5,
    graph.input("source ids", [batch, source], "int32"),
    graph.input("source mask", [batch, source]),
  )
  const outputs = new Map<string, Node>()
  for (let block = 0; block < config.decoderLayers; block++) {
    const { keys, values } = t5CrossMemory(t5, block, encoded)
    outputs.set(portName.cache("cross keys", block), keys)
    outputs.set(portName.cache("cross values", block), values)
  }
  return { graph, outputs }
}

/**
 * One greedy decoding step with the weights bound: see `t5DecodeStep`. Inputs: `ids` int32 [B,1], `place`,
 * `position bias`, `source mask` [B,S] and the caches; outputs: `next ids` int32 [B] and each block's new key and value.
 */
export const decodingProgram = (
  config: T5Config,
  weights: Weights,
  shape: { readonly batch: number; readonly source: number; readonly capacity: number },
): Program => {
  const t5 = build(config, keepAll)
  const { graph } = t5
  const { heads, headWidth } = config
  const memory = (part: CachePart, block: number, length: number): Node =>
    graph.input(portName.cache(part, block), [shape.batch, heads, length, headWidth])
  const caches = Array.from({ length: config.decoderLayers }, (_, block): T5Cache => ({
    selfKeys: memory("self keys", block, shape.capacity),
    selfValues: memory("self values", block, shape.capacity),
    crossKeys: memory("cross keys", block, shape.source),
    crossValues: memory("cross values", block, shape.source),
  }))
  const step = t5DecodeStep(
    t5,
    graph.input("ids", [shape.batch, 1], "int32"),
    graph.input("place", [1, 1, 1, shape.capacity]),
    graph.input("position bias", [1, heads, 1, shape.capacity]),
    graph.input("source mask", [shape.batch, shape.source]),
    caches,
  )
  const outputs = new Map([["next ids", argmax(step.logits)]])
  step.keys.forEach((key, block) => outputs.set(portName.cache("new key", block), key))
  step.values.forEach((value, block) => outputs.set(portName.cache("new value", block), value))
  return { graph, outputs, bound: new Map([...weights].map(([name, { data }]) => [name, data])) }
}
