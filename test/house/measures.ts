import { importsOf } from "./imports.ts"
import { targetOf } from "./refused.ts"
import type { Tree } from "./tree.ts"

/** What one area of the repository (`pipeline`, `stages`, `models`, …) looks like from above. */
export interface AreaMeasures {
  readonly area: string
  readonly files: number
  readonly lines: number
  /** The folders and files directly below the area. */
  readonly rooms: ReadonlyArray<string>
  /** `a -> b` where a file of room a imports one of room b. */
  readonly arrows: ReadonlyArray<string>
  /** Files that import each other in a circle, types included. */
  readonly circles: ReadonlyArray<ReadonlyArray<string>>
}

/** Measures one area of a tree. */
export const measure = (tree: Tree, area: string): AreaMeasures => {
  const files = [...tree.keys()].filter((file) => file.startsWith(`${area}/`))
  const imports = new Map(files.map((file) => [file, importedFiles(tree, file).filter((one) => files.includes(one))]))
  const arrows = new Set<string>()
  for (const [file, targets] of imports) {
    for (const target of targets) {
      const [from, to] = [below(area, file), below(area, target)]
      if (from !== to) arrows.add(`${from} -> ${to}`)
    }
  }
  return {
    area,
    files: files.length,
    lines: files.reduce((sum, file) => sum + (tree.get(file) ?? "").split("\n").length - 1, 0),
    rooms: [...new Set(files.map((file) => below(area, file)))].sort(),
    arrows: [...arrows].sort(),
    circles: circlesOf(imports),
  }
}

const importedFiles = (tree: Tree, file: string): ReadonlyArray<string> =>
  importsOf(file, tree.get(file) ?? "").flatMap((one) => {
    const target = targetOf(file, one)
    return target.to === "file" && tree.has(target.path) && target.path !== file ? [target.path] : []
  })

const below = (area: string, file: string): string => file.slice(area.length + 1).split("/")[0] ?? file

/** The strongly connected components of more than one file, by Tarjan's algorithm; each sorted by name. */
export const circlesOf = (graph: ReadonlyMap<string, ReadonlyArray<string>>): ReadonlyArray<ReadonlyArray<string>> => {
  const numbers = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: Array<string> = []
  const circles: Array<ReadonlyArray<string>> = []

  const visit = (file: string): number => {
    const number = numbers.size
    let low = number
    numbers.set(file, number)
    stack.push(file)
    for (const target of graph.get(file) ?? []) {
      const seen = numbers.get(target)
      if (seen === undefined) low = Math.min(low, visit(target))
      else if (stack.includes(target)) low = Math.min(low, lowest.get(target) ?? seen)
    }
    lowest.set(file, low)
    if (low === number) {
      const members = stack.splice(stack.indexOf(file))
      if (members.length > 1) circles.push(members.sort())
    }
    return low
  }
  for (const file of graph.keys()) if (!numbers.has(file)) visit(file)
  return circles
}
