import { misdeclared } from "./misdeclared.ts"
import { type Node, sources } from "./node.ts"

/** The nodes in an order in which every node comes after its sources; throws on a missing node or a cycle. */
export const inOrder = (nodes: ReadonlyMap<string, Node>): ReadonlyMap<string, Node> => {
  const ordered = new Map<string, Node>()
  const open = new Set<string>()
  for (const start of nodes.keys()) {
    // An explicit stack, since a long chain of nodes would overflow the call stack.
    if (ordered.has(start)) continue
    const stack: Array<{ readonly node: Node; readonly from: ReadonlyArray<string>; at: number }> = []
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
      stack.push({ node, from: sources(node), at: 0 })
    }
    enter(start, start)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.from[top.at++]
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
