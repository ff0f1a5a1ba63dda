import { Names, type Syntax } from "./scope.ts"
import { initialOf, nameOf, type Taken, takenOf } from "./syntax.ts"

/** A top-level statement of the linked text, with the names that it declares. */
export interface Statement {
  readonly node: Syntax
  readonly names: ReadonlyArray<string>
}

/**
 * By the name of a choice in the text, the exports that are taken of what it loads: where every use of it is
 * `const { some } = yield* name.load(…)`, those; all where any is not.
 */
export const loadsOfChoices = (
  text: string,
  statements: ReadonlyArray<Statement>,
  isChoice: (callee: Syntax) => boolean,
): ReadonlyMap<string, Taken> => {
  const taken = new Map<string, Set<string> | "all">(statements.flatMap(({ node, names: [name] }) => {
    const init = name === undefined ? undefined : initialOf(node, name)
    return name !== undefined && init?.type === "CallExpression" && isChoice(init.callee)
      ? [[name, new Set<string>()] as const]
      : []
  }))
  if (taken.size === 0) return taken
  for (const { node, names } of statements) {
    const own = text.slice(node.start, node.end)
    if (taken.keys().every((name) => !own.includes(name))) continue
    const loads = new Map<number, Taken>()
    const reader = new Names(own, (each, parents) => {
      if (each.type === "CallExpression" && each.callee.type === "MemberExpression") {
        loads.set(each.callee.start, takenOf(parents))
      }
    })
    reader.read(node)
    for (const { name, local, parent, start } of reader.occurrences) {
      const known = taken.get(name)
      if (known === undefined || local !== undefined || names.includes(name)) continue
      const member = parent?.type === "MemberExpression" && parent.start === start ? nameOf(parent.property) : ""
      if (known === "all" || member === "options" || member === "name") continue
      const used = member === "load" ? loads.get(start) ?? "all" : "all"
      if (used === "all") taken.set(name, "all")
      else for (const each of used) known.add(each)
    }
  }
  return taken
}
