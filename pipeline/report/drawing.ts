import { type Graph, sources } from "../graph/node.ts"

/** A graph as it is drawn: boxes, and arrows from what makes something to what takes it. */
export interface Drawing {
  readonly boxes: ReadonlyArray<Box>
  readonly arrows: ReadonlyArray<Arrow>
}

/** A node, or all selected nodes of a stage. */
export interface Box {
  readonly name: string
  /** Its stage. */
  readonly stage: string
  /** How many nodes it stands for. */
  readonly nodes: number
}

/** How many wires it stands for is said where there are several. */
interface Arrow {
  readonly from: string
  readonly to: string
  readonly wires: number
}

/** Which of both a box is. */
export type By = "stage" | "node"

/** The named nodes of a graph, each a box, or each of their stages one; arrows between them alone. */
export const drawingOf = ({ nodes }: Graph, names: ReadonlySet<string>, by: By): Drawing => {
  const chosen = [...nodes.values()].filter(({ name }) => names.has(name))
  const boxOf = (name: string): string => by === "node" ? name : nodes.get(name)?.stage.name ?? name
  const boxes = new Map<string, { readonly name: string; readonly stage: string; nodes: number }>()
  const arrows = new Map<string, { readonly from: string; readonly to: string; wires: number }>()
  for (const node of chosen) {
    const to = boxOf(node.name)
    const box = boxes.get(to) ?? { name: to, stage: node.stage.name, nodes: 0 }
    box.nodes++
    boxes.set(to, box)
    for (const source of sources(node)) {
      if (!names.has(source)) continue
      const from = boxOf(source)
      const key = JSON.stringify([from, to])
      const arrow = arrows.get(key) ?? { from, to, wires: 0 }
      arrow.wires++
      arrows.set(key, arrow)
    }
  }
  return { boxes: [...boxes.values()], arrows: [...arrows.values()] }
}

/** A drawing as Mermaid's flowchart, which GitHub and many editors show. */
export const mermaid = ({ boxes, arrows }: Drawing): string => {
  const ids = new Map(boxes.map(({ name }, index) => [name, `n${index}`]))
  // A quote would end the label, an entity or a tag would be read as one.
  const label = (box: Box) => labelOf(box).replaceAll(/[#"&<>]/gu, (sign) => `#${sign.codePointAt(0)};`)
  return [
    "flowchart LR",
    ...boxes.map((box) => `  ${ids.get(box.name)}["${label(box)}"]`),
    ...arrows.map(({ from, to, wires }) => `  ${ids.get(from)} -->${wires > 1 ? `|${wires}|` : ""} ${ids.get(to)}`),
  ].join("\n")
}

/** A drawing for Graphviz: dot -Tsvg. */
export const dot = ({ boxes, arrows }: Drawing): string => {
  const quoted = (text: string) => `"${text.replaceAll("\\", "\\\\").replaceAll("\"", "\\\"")}"`
  // Graphviz reads entities in labels, not in the names of nodes.
  const label = (box: Box) => quoted(labelOf(box).replaceAll("&", "&amp;"))
  return [
    "digraph dag {",
    "  rankdir=LR",
    "  node [shape=box]",
    ...boxes.map((box) => `  ${quoted(box.name)} [label=${label(box)}]`),
    ...arrows.map(({ from, to, wires }) =>
      `  ${quoted(from)} -> ${quoted(to)}${wires > 1 ? ` [label=${quoted(String(wires))}]` : ""}`
    ),
    "}",
  ].join("\n")
}

const labelOf = ({ name, nodes }: Box): string => (nodes === 1 ? name : `${name} x ${nodes}`)
