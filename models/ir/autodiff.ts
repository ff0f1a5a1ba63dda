import { GradientError } from "./errors.ts"
import { gradientRule } from "./gradients.ts"
import { independent, noContributions, onlyScalars } from "./messages.ts"
import { describe, type Node } from "./node.ts"
import { add, concat, scatterAdd } from "./ops.ts"
import { dimension } from "./shape.ts"

/**
 * The gradients of a scalar `loss` with respect to `parameters`, in their order, as nodes of the same graph:
 * reverse-mode differentiation. Throws `GradientError` for a parameter that the loss does not depend on.
 */
export const gradients = (loss: Node, parameters: readonly Node[]): readonly Node[] => {
  if (loss.shape.length !== 0) throw new GradientError(describe(loss), onlyScalars)
  const { graph } = loss
  const forward = graph.nodes.slice(0, loss.id + 1)
  const dependent = new Set<Node>(parameters)
  for (const node of forward) if (node.inputs.some((input) => dependent.has(input))) dependent.add(node)

  const contributions = new Map<Node, Node[]>([[loss, [graph.scalar(1)]]])
  const complete = new Map<Node, Node>()
  for (const node of forward.toReversed()) {
    const parts = contributions.get(node)
    if (parts === undefined || !dependent.has(node)) continue
    graph.scope(`gradient of ${node.scope}`, () => {
      const dy = accumulate(parts)
      complete.set(node, dy)
      if (node.inputs.length === 0) return
      gradientRule(node, dy).forEach((gradient, index) => {
        const input = node.inputs[index]
        if (gradient === undefined || input === undefined || !dependent.has(input)) return
        contributions.set(input, [...contributions.get(input) ?? [], gradient])
      })
    })
  }
  return parameters.map((parameter) => {
    const gradient = complete.get(parameter)
    if (gradient === undefined) throw new GradientError(describe(parameter), independent)
    return gradient
  })
}

/**
 * The sum of a value's gradient contributions. Scattered rows are added straight into the sum of the others: a table
 * used twice, such as tied embeddings, would otherwise cost a table of zeros and one more pass for each use. Slices
 * that together cover the value are put side by side rather than padded and added.
 */
const accumulate = (parts: readonly Node[]): Node => {
  const joined = sideBySide(parts)
  if (joined !== undefined) return joined
  const dense = parts.filter((part) => part.kind !== "scatterAdd")
  const [first, ...others] = dense.length === 0
    ? parts
    : [...dense, ...parts.filter((part) => part.kind === "scatterAdd")]
  if (first === undefined) throw new Error(noContributions)
  return others.reduce<Node>(
    (total, part) => part.kind === "scatterAdd" ? scatterAdd(total, part.inputs[1], part.inputs[2]) : add(total, part),
    first,
  )
}

/** The parts as one concatenation, if they are slices that follow each other along one axis from its start to its end. */
const sideBySide = (parts: readonly Node[]): Node | undefined => {
  const pads = parts.flatMap((part) => part.kind === "pad" ? [part] : [])
  pads.sort((a, b) => a.attributes.before - b.attributes.before)
  const [first, ...others] = pads
  if (first === undefined || others.length === 0 || pads.length !== parts.length) return undefined
  const { axis } = first.attributes
  let end = 0
  for (const { attributes, inputs: [x] } of pads) {
    if (attributes.axis !== axis || attributes.before !== end) return undefined
    end += dimension(x.shape, axis)
  }
  if (end !== dimension(first.shape, axis)) return undefined
  return concat([first.inputs[0], ...others.map(({ inputs: [x] }) => x)], axis)
}
