import { type ESTree, parseSync, Visitor } from "rolldown/utils"

/** The ways in which a module can name another one. */
export type ImportKind =
  | "import"
  | "type import"
  | "re-export"
  | "dynamic import"
  | "computed import"
  | "require"
  | "URL"

/** One place where a module names another. */
export interface Import {
  readonly kind: ImportKind
  /** What is written between the quotes; the expression itself for a computed import. */
  readonly specifier: string
  /** From 1. */
  readonly line: number
}

/** A module's syntax tree, with the line of any offset in it. Throws where the text is not TypeScript. */
export const parse = (path: string, text: string): { program: ESTree.Program; lineOf: (offset: number) => number } => {
  const { program, errors } = parseSync(path, text)
  const [first] = errors
  if (first !== undefined) throw new Error(`${path}: ${first.message}`)
  return { program, lineOf: (offset) => text.slice(0, offset).split("\n").length }
}

/** All places where a module names another, in the order of the text; `import type` and types in `import()` too. */
export const importsOf = (path: string, text: string): ReadonlyArray<Import> => {
  const { program, lineOf } = parse(path, text)
  const found: Array<Import & { readonly start: number }> = []
  const add = (kind: ImportKind, specifier: string, start: number): void => {
    found.push({ kind, specifier, line: lineOf(start), start })
  }
  const addExpression = (kind: ImportKind, expression: ESTree.Expression, start: number): void => {
    const specifier = literalOf(expression)
    if (specifier === undefined) add("computed import", text.slice(expression.start, expression.end), start)
    else add(kind, specifier, start)
  }

  new Visitor({
    ImportDeclaration: (node) => {
      const types = node.importKind === "type"
        || (node.specifiers.length > 0
          && node.specifiers.every((one) => one.type === "ImportSpecifier" && one.importKind === "type"))
      add(types ? "type import" : "import", node.source.value, node.start)
    },
    ExportAllDeclaration: (node) => {
      add("re-export", node.source.value, node.start)
    },
    ExportNamedDeclaration: (node) => {
      if (node.source !== null) add("re-export", node.source.value, node.start)
    },
    ImportExpression: (node) => {
      addExpression("dynamic import", node.source, node.start)
    },
    TSImportType: (node) => {
      add("type import", node.source.value, node.start)
    },
    TSExternalModuleReference: (node) => {
      add("require", node.expression.value, node.start)
    },
    CallExpression: (node) => {
      const [argument] = node.arguments
      if (!isRequire(node.callee) || argument === undefined || argument.type === "SpreadElement") return
      addExpression("require", argument, node.start)
    },
    NewExpression: (node) => {
      const url = urlBeside(node)
      if (url !== undefined) addExpression("URL", url, node.start)
    },
  }).visit(program)
  return found.toSorted((a, b) => a.start - b.start).map(({ kind, specifier, line }) => ({ kind, specifier, line }))
}

/** The first argument of `new URL(…, import.meta.url)`; undefined if the expression is anything else. */
export const urlBeside = ({ callee, arguments: [url, base] }: ESTree.NewExpression): ESTree.Expression | undefined =>
  callee.type === "Identifier" && callee.name === "URL" && base !== undefined && isImportMetaUrl(base)
    && url !== undefined && url.type !== "SpreadElement"
    ? url
    : undefined

/** The text of a string or of a template without expressions. */
const literalOf = (node: ESTree.Expression): string | undefined => {
  if (node.type === "Literal" && typeof node.value === "string") return node.value
  return node.type === "TemplateLiteral" && node.expressions.length === 0
    ? node.quasis[0]?.value.cooked ?? undefined
    : undefined
}

/** Whether a call is of `require`, `require.resolve` or `import.meta.resolve`. */
const isRequire = (callee: ESTree.Expression): boolean => {
  if (callee.type === "Identifier") return callee.name === "require"
  if (callee.type !== "MemberExpression" || callee.computed) return false
  const { object, property } = callee
  return property.name === "resolve"
    && (object.type === "MetaProperty" || (object.type === "Identifier" && object.name === "require"))
}

const isImportMetaUrl = (node: ESTree.Argument): boolean =>
  node.type === "MemberExpression" && !node.computed && node.object.type === "MetaProperty"
  && node.property.name === "url"
