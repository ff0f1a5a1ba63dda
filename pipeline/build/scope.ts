import type { ESTree } from "rolldown/utils"

/** A syntax node with its fields read by name. */
export type Syntax = ESTree.Node

/** A name where it stands in the text of a declaration. */
export interface Occurrence {
  /** As it is written; a private one with its "#". */
  readonly name: string
  readonly start: number
  readonly end: number
  /** The number of the local name that it means, counted by the order in which they are declared; undefined outside. */
  readonly local: number | undefined
  /** Whether it stands for `name: name` in an object or a pattern. */
  readonly shorthand: boolean
  /** Whether it stands in a function, and so is read when that runs. */
  readonly deferred: boolean
  readonly parent: Syntax | undefined
}

/** Names of a function, a block or a class, with the numbers of what they mean. */
class Scope {
  readonly names = new Map<string, number>()
  readonly outer: Scope | undefined
  constructor(outer: Scope | undefined) {
    this.outer = outer
  }
  find(name: string): number | undefined {
    return this.names.get(name) ?? this.outer?.find(name)
  }
}

const isSyntax = (value: unknown): value is Syntax =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"

/** The nodes directly below a node, in the order of their text as the parser gives it. */
export const childrenOf = (node: Syntax): ReadonlyArray<Syntax> => {
  const children: Array<Syntax> = []
  for (const key in node) {
    const value: unknown = Reflect.get(node, key)
    if (Array.isArray(value)) { for (const item of value) if (isSyntax(item)) children.push(item) }
    else if (isSyntax(value)) children.push(value)
  }
  return children
}

/** Whether a node is a function, whose body runs only when it is called. */
export const isFunction = (node: Syntax): node is ESTree.Function | ESTree.ArrowFunctionExpression =>
  node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"

const isClass = (node: Syntax): node is ESTree.Class =>
  node.type === "ClassDeclaration" || node.type === "ClassExpression"

/** The names that a pattern binds. */
export const boundBy = (pattern: Syntax): ReadonlyArray<string> => {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name]
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        boundBy(property.type === "RestElement" ? property.argument : property.value)
      )
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element === null ? [] : boundBy(element)))
    case "AssignmentPattern":
      return boundBy(pattern.left)
    case "RestElement":
      return boundBy(pattern.argument)
    default:
      return []
  }
}

/** Names that `var` declares anywhere in a function's body, not in functions inside it. */
const varNames = (node: Syntax): ReadonlyArray<string> => {
  if (isFunction(node) || isClass(node)) return []
  const own = node.type === "VariableDeclaration" && node.kind === "var"
    ? node.declarations.flatMap(({ id }) => boundBy(id))
    : []
  return [...own, ...childrenOf(node).flatMap(varNames)]
}

/** Names that statements of one block declare for that block. */
const blockNames = (statements: ReadonlyArray<Syntax>): ReadonlyArray<string> =>
  statements.flatMap((statement) => {
    if (statement.type === "VariableDeclaration" && statement.kind !== "var") {
      return statement.declarations.flatMap(({ id }) => boundBy(id))
    }
    return (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration")
        && statement.id !== null
      ? [statement.id.name]
      : []
  })

/** Names of a class's private fields and methods. */
const privateNames = ({ body }: ESTree.ClassBody): ReadonlyArray<string> =>
  body.flatMap((element) =>
    "key" in element && element.key.type === "PrivateIdentifier" ? [`#${element.key.name}`] : []
  )

/**
 * Every name in a top-level declaration of a module, with what it means there: ECMAScript's scopes in strict mode.
 *
 * `text` is that of the declaration. `seen` is told of every other node, with its parents.
 */
export class Names {
  readonly occurrences: Array<Occurrence> = []
  readonly #parents: Array<Syntax> = []
  readonly #seen: (node: Syntax, parents: ReadonlyArray<Syntax>) => void
  /** Whether any `var` is to be looked for, which code of our time has none of. */
  readonly #hasVar: boolean
  /** Labels of the statements around, the innermost last. */
  readonly #labels: Array<{ readonly name: string; readonly local: number }> = []
  #locals = 0
  #depth = 0

  constructor(text: string, seen: (node: Syntax, parents: ReadonlyArray<Syntax>) => void) {
    this.#seen = seen
    this.#hasVar = /\bvar\b/u.test(text)
  }

  /** Reads a declaration, whose own names are those of the module. */
  read(declaration: Syntax): void {
    this.#visit(declaration, undefined, true)
  }

  #declare(scope: Scope, names: Iterable<string>): Scope {
    for (const name of names) if (!scope.names.has(name)) scope.names.set(name, this.#locals++)
    return scope
  }

  #varNames(statements: ReadonlyArray<Syntax>): ReadonlyArray<string> {
    return this.#hasVar ? statements.flatMap(varNames) : []
  }

  #add(
    { name, start, end }: { readonly name: string; readonly start: number; readonly end: number },
    scope: Scope | undefined,
    shorthand = false,
  ): void {
    this.occurrences.push({
      name,
      start,
      end,
      local: scope?.find(name),
      shorthand,
      deferred: this.#depth > 0,
      parent: this.#parents.at(-1),
    })
  }

  #label({ name, start, end }: { readonly name: string; readonly start: number; readonly end: number }): void {
    const local = this.#labels.findLast((label) => label.name === name)?.local
    this.occurrences.push({ name, start, end, local, shorthand: false, deferred: this.#depth > 0, parent: undefined })
  }

  #inside(node: Syntax, visit: () => void): void {
    this.#parents.push(node)
    visit()
    this.#parents.pop()
  }

  #children(node: Syntax, scope: Scope | undefined): void {
    this.#inside(node, () => {
      for (const child of childrenOf(node)) this.#visit(child, scope)
    })
  }

  #visit(node: Syntax, scope: Scope | undefined, top = false): void {
    if (node.type === "Identifier") return this.#add(node, scope)
    if (node.type === "PrivateIdentifier") return this.#add({ ...node, name: `#${node.name}` }, scope)
    this.#seen(node, this.#parents)
    switch (node.type) {
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return this.#function(node, scope, top)
      case "ClassDeclaration":
      case "ClassExpression":
        return this.#class(node, scope, top)
      case "BlockStatement":
        return this.#children(node, this.#declare(new Scope(scope), blockNames(node.body)))
      case "StaticBlock":
        return this.#children(
          node,
          this.#declare(new Scope(scope), [...this.#varNames(node.body), ...blockNames(node.body)]),
        )
      case "SwitchStatement":
        return this.#inside(node, () => {
          this.#visit(node.discriminant, scope)
          const inner = this.#declare(new Scope(scope), blockNames(node.cases.flatMap(({ consequent }) => consequent)))
          for (const each of node.cases) this.#visit(each, inner)
        })
      case "ForStatement":
        return this.#children(node, this.#declare(new Scope(scope), blockNames(node.init === null ? [] : [node.init])))
      case "ForInStatement":
      case "ForOfStatement":
        return this.#children(node, this.#declare(new Scope(scope), blockNames([node.left])))
      case "CatchClause":
        return this.#children(node, this.#declare(new Scope(scope), node.param === null ? [] : boundBy(node.param)))
      case "MemberExpression":
        return this.#inside(node, () => {
          this.#visit(node.object, scope)
          if (node.computed || node.property.type === "PrivateIdentifier") this.#visit(node.property, scope)
        })
      case "Property":
        return this.#inside(node, () => {
          if (node.computed) this.#visit(node.key, scope)
          if (!node.shorthand) return this.#visit(node.value, scope)
          const { value } = node
          if (value.type === "Identifier") return this.#add(value, scope, true)
          if (value.type !== "AssignmentPattern" || value.left.type !== "Identifier") return
          this.#add(value.left, scope, true)
          this.#visit(value.right, scope)
        })
      case "MethodDefinition":
        return this.#inside(node, () => {
          if (node.computed || node.key.type === "PrivateIdentifier") this.#visit(node.key, scope)
          this.#visit(node.value, scope)
        })
      case "PropertyDefinition":
      case "AccessorProperty":
        return this.#inside(node, () => {
          if (node.computed || node.key.type === "PrivateIdentifier") this.#visit(node.key, scope)
          if (node.value === null) return
          if (!node.static) this.#depth++
          this.#visit(node.value, scope)
          if (!node.static) this.#depth--
        })
      case "LabeledStatement":
        this.#labels.push({ name: node.label.name, local: this.#locals++ })
        this.#label(node.label)
        this.#inside(node, () => this.#visit(node.body, scope))
        this.#labels.pop()
        return
      case "BreakStatement":
      case "ContinueStatement":
        if (node.label !== null) this.#label(node.label)
        return
      case "MetaProperty":
        return
      default:
        return this.#children(node, scope)
    }
  }

  #function(node: ESTree.Function | ESTree.ArrowFunctionExpression, scope: Scope | undefined, top: boolean): void {
    let outer = scope
    const { id } = node
    if (id !== null) {
      // The name of an expression is known inside it alone; that of a declaration belongs to the block around it.
      if (node.type === "FunctionExpression") outer = this.#declare(new Scope(scope), [id.name])
      this.#inside(node, () => this.#add(id, top ? undefined : outer))
    }
    this.#depth++
    this.#inside(node, () => {
      const parameters = this.#declare(new Scope(outer), node.params.flatMap(boundBy))
      for (const each of node.params) this.#visit(each, parameters)
      const { body } = node
      if (body === null) return
      if (body.type !== "BlockStatement") return this.#visit(body, parameters)
      // `var` of a parameter's name is that parameter.
      const vars = this.#varNames(body.body).filter((name) => !parameters.names.has(name))
      const inner = this.#declare(new Scope(parameters), [...vars, ...blockNames(body.body)])
      this.#inside(body, () => {
        for (const each of body.body) this.#visit(each, inner)
      })
    })
    this.#depth--
  }

  #class(node: ESTree.Class, scope: Scope | undefined, top: boolean): void {
    let outer = scope
    if (node.id !== null && node.type === "ClassExpression") outer = this.#declare(new Scope(scope), [node.id.name])
    this.#inside(node, () => {
      if (node.id !== null) this.#add(node.id, top ? undefined : outer)
      if (node.superClass !== null) this.#visit(node.superClass, outer)
      const inner = this.#declare(new Scope(outer), privateNames(node.body))
      this.#children(node.body, inner)
    })
  }
}

/** Local names by numbers that follow from where each first stands in what is left of a declaration. */
export const numbered = (occurrences: ReadonlyArray<Occurrence>): ReadonlyMap<number, number> => {
  const numbers = new Map<number, number>()
  for (const { local } of occurrences.toSorted((one, other) => one.start - other.start)) {
    if (local !== undefined && !numbers.has(local)) numbers.set(local, numbers.size)
  }
  return numbers
}
