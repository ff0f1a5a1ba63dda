import { Graph } from "../ir/graph.ts"
import { matmul } from "../ir/ops.ts"
import type { Engine } from "../ir/program.ts"

/** The elements of a product of two matrices of small whole numbers, which no rounding changes, as an engine gives it. */
export const smallProduct = async (engine: Engine): Promise<readonly number[]> => {
  const graph = new Graph()
  const product = matmul(graph.input("a", [2, 2]), graph.input("b", [2, 2]))
  const session = await engine.compile({ graph, outputs: new Map([["product", product]]) }, { threads: 1 })
  const result = new Float32Array(4)
  const inputs = new Map([["a", Float32Array.of(1, 2, 3, 4)], ["b", Float32Array.of(5, 6, 7, 8)]])
  await session.run(session.bind(inputs, new Map([["product", result]])))
  await session.release()
  return [...result]
}

/** Whether the elements are those of the product. */
export const isRight = (product: readonly number[]): boolean => product.join(" ") === "19 22 43 50"
