import type { ESTree } from "rolldown/utils"
import type { Meaning } from "../identity/declarations.ts"
import type { Syntax } from "./scope.ts"

/** What may run a function where it is evaluated: a getter, an iterator and a conversion are functions too. */
export const mayRun: ReadonlySet<Syntax["type"]> = new Set([
  "CallExpression",
  "NewExpression",
  "TaggedTemplateExpression",
  "AwaitExpression",
  "MemberExpression",
  "SpreadElement",
  "ForOfStatement",
  "ArrayPattern",
  "ObjectPattern",
  "BinaryExpression",
  "UnaryExpression",
  "TemplateLiteral",
])

/** The exports of a module that are taken of an import: some by name, or all. */
export type Taken = ReadonlySet<string> | "all"

/** The last of some numbers in order that is at most a limit, as its index; 0 where none is. */
export const lastAtMost = (count: number, at: (index: number) => number, limit: number): number => {
  let [low, high] = [0, count]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (at(middle) <= limit) low = middle
    else high = middle
  }
  return low
}

export const spanOf = ({ start, end }: Syntax): { readonly start: number; readonly end: number } => ({ start, end })

/** A property's or an export's name as it is written, with or without quotation marks. */
export const nameOf = (node: Syntax): string =>
  node.type === "Identifier" ? node.name : node.type === "Literal" ? String(node.value) : ""

export const importedBy = (specifier: ESTree.ImportDeclarationSpecifier, node: ESTree.ImportDeclaration): Meaning => ({
  _tag: "Imported",
  from: node.source.value,
  name: specifier.type === "ImportNamespaceSpecifier"
    ? "*"
    : specifier.type === "ImportDefaultSpecifier"
    ? "default"
    : nameOf(specifier.imported),
  ...(node.attributes.length === 0 ? {} : {
    attributes: ` with { ${
      node.attributes.map(({ key, value }) => `${JSON.stringify(nameOf(key))}: ${JSON.stringify(value.value)}`).join(
        ", ",
      )
    } }`,
  }),
})

export const initialOf = (statement: Syntax | undefined, name: string): Syntax | undefined =>
  statement?.type === "VariableDeclaration"
    ? statement.declarations.find(({ id }) => id.type === "Identifier" && id.name === name)?.init ?? undefined
    : undefined

/**
 * What is taken of an import, by what stands around it: `const { some } = await import(…)`, the same of
 * `yield* Effect.promise(() => import(…))`, and `.then(({ some }) => …)`.
 */
export const takenOf = (parents: ReadonlyArray<Syntax>): Taken => {
  const around = parents.toReversed().filter(({ type }) => type !== "ParenthesizedExpression")
  const [first, second] = around
  const isPromise = first?.type === "ArrowFunctionExpression" && second?.type === "CallExpression"
    && second.callee.type === "MemberExpression" && nameOf(second.callee.property) === "promise"
  const [wait, holder] = isPromise ? around.slice(2) : around
  if (first?.type === "MemberExpression" && nameOf(first.property) === "then" && second?.type === "CallExpression") {
    const [then] = second.arguments
    return then?.type === "ArrowFunctionExpression" ? propertiesOf(then.params[0]) : "all"
  }
  const waits = wait?.type === "AwaitExpression" || (wait?.type === "YieldExpression" && wait.delegate)
  return waits && holder?.type === "VariableDeclarator" ? propertiesOf(holder.id) : "all"
}

/** The properties that a pattern takes of an object. */
export const propertiesOf = (pattern: Syntax | undefined): Taken => {
  if (pattern?.type !== "ObjectPattern") return "all"
  const names = new Set<string>()
  for (const property of pattern.properties) {
    if (property.type !== "Property" || property.computed) return "all"
    names.add(nameOf(property.key))
  }
  return names
}

/** The path in `new URL("./path", import.meta.url)`. */
export const dataPathOf = (
  { callee, arguments: [path, base] }: ESTree.NewExpression,
): ESTree.StringLiteral | undefined =>
  callee.type === "Identifier" && callee.name === "URL" && path?.type === "Literal" && typeof path.value === "string"
    && /^\.{1,2}\//u.test(path.value) && base?.type === "MemberExpression" && base.object.type === "MetaProperty"
    ? path
    : undefined

/** Whether it is `import.meta` for more than its url: where a program stands says nothing of its sources. */
export const asksForPlace = ({ meta }: ESTree.MetaProperty, parents: ReadonlyArray<Syntax>): boolean => {
  const parent = parents.at(-1)
  return meta.name === "import"
    && !(parent?.type === "MemberExpression" && !parent.computed && nameOf(parent.property) === "url")
}

/** Whether it is `new URL(…, import.meta.url)`. */
export const isBesideModule = ({ callee, arguments: [, base] }: ESTree.NewExpression): boolean =>
  callee.type === "Identifier" && callee.name === "URL" && base?.type === "MemberExpression"
  && base.object.type === "MetaProperty"

/** Strings and numbers in one way of writing them. */
export const literal = (node: Extract<Syntax, { readonly type: "Literal" }>): string | undefined =>
  typeof node.value === "string"
    ? JSON.stringify(node.value)
    : typeof node.value === "number" && Number.isFinite(node.value)
    ? String(node.value)
    : undefined
