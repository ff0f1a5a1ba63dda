import { type ESTree, parseSync } from "rolldown/utils"
import type { Declaration, Declarations, Meaning, Piece } from "../identity/declarations.ts"
import { isHosted } from "../identity/program.ts"
import { loadsOfChoices, type Statement } from "./choices.ts"
import { type Edit, importedByHost, piecesOf } from "./edits.ts"
import type { Hosted } from "./host.ts"
import { SourceProblem } from "./problem.ts"
import { boundBy, isFunction, Names, numbered, type Occurrence, type Syntax } from "./scope.ts"
import { settingsIn } from "./settings.ts"

import {
  asksForPlace,
  dataPathOf,
  importedBy,
  initialOf,
  isBesideModule,
  lastAtMost,
  literal,
  mayRun,
  nameOf,
  spanOf,
  type Taken,
  takenOf,
} from "./syntax.ts"

/** All stages linked into one module, in which every top-level name is unique. */
export interface Linked {
  readonly text: string
  /** By stage and by lazily imported module, the name under which the text exports an object of its exports. */
  readonly stages: ReadonlyMap<string, string>
  readonly lazy: ReadonlyMap<string, string>
  /** The source line of a line of the text in a module, both counted from 1. */
  readonly sourceLine: (line: number, module: string) => number
  /** Whether a string names a package that the project depends on: what requires it may be hidden from an import. */
  readonly isDependency: (name: string) => boolean
  /** Whether a module imports a package for its effects; the linker writes others of which nothing is used as it does these. */
  readonly isBare: (specifier: string) => boolean
  /** The text that stands for a file beside a module, from the module's name and the path that it names. */
  readonly dataOf: (module: string, path: string) => string
}

/** How an import of a module of the project is marked in the linked text: this and its path. */
export const lazyMark = "lazy:"

/** Cuts linked text into declarations, see {@link Declarations}. Throws a {@link SourceProblem}. */
export const cut = (
  linked: Linked,
): { readonly declarations: Declarations; readonly hosted: ReadonlyArray<Hosted> } => {
  const cutter = new Cutter(linked)
  return { declarations: cutter.declarations(), hosted: cutter.hosted() }
}

class Cutter {
  readonly #linked: Linked
  readonly #body: ReadonlyArray<ESTree.Statement | ESTree.ModuleDeclaration>
  readonly #modules: ReadonlyArray<{ readonly start: number; readonly module: string }>
  readonly #notes: ReadonlyArray<{ readonly start: number; readonly end: number }>
  readonly #lineStarts: ReadonlyArray<number>
  readonly #symbols: Array<Meaning> = []
  /** By the name in the text. */
  readonly #byName = new Map<string, number>()
  readonly #statements: Array<Statement> = []
  readonly #exports = new Map<string, string>()
  readonly #effects: Array<string> = []
  /** By symbol, what is taken of what redag and effect export. */
  readonly #taken = new Map<number, Set<string> | "all">()

  constructor(linked: Linked) {
    this.#linked = linked
    const { program, comments, errors } = parseSync("program.mjs", linked.text)
    if (errors[0] !== undefined) throw new Error(`the linked stages do not parse: ${errors[0].message}`)
    this.#body = program.body
    // The linker writes no comments but the path of a module before what it takes of it, and notes for other tools.
    this.#modules = comments.filter(({ type }) => type === "Line")
      .map(({ start, value }) => ({ start, module: value.trim() }))
    this.#notes = comments.filter(({ type }) => type === "Block")
    this.#lineStarts = lineStarts(linked.text)
  }

  declarations(): Declarations {
    for (const node of this.#body) this.#enter(node)
    const isChoice = (callee: Syntax) => this.#isEngine(callee, "choice")
    const loads = loadsOfChoices(this.#linked.text, this.#statements, isChoice)
    const declarations = this.#statements.map((statement) => this.#cut(statement, loads))
    const stages = [...this.#linked.stages].map(([stage, alias]) => [stage, this.#stageOf(stage, alias)] as const)
    return {
      declarations,
      symbols: this.#symbols,
      stages: Object.fromEntries(stages),
      effects: this.#effects,
    }
  }

  hosted(): ReadonlyArray<Hosted> {
    return [...this.#taken].flatMap(([symbol, taken]) => {
      const meaning = this.#symbols[symbol]
      return meaning?._tag !== "Imported"
        ? []
        : [{ from: meaning.from, name: meaning.name, properties: taken === "all" ? taken : [...taken].sort() }]
    })
  }

  /** Notes which property of an export of redag or effect is taken, or that all of it may be. */
  #take(symbol: number, { parent, start }: Occurrence): void {
    const meaning = this.#symbols[symbol]
    if (meaning?._tag !== "Imported" || !isHosted(meaning.from)) return
    const taken = this.#taken.get(symbol) ?? new Set()
    const property = parent?.type === "MemberExpression" && parent.start === start && !parent.computed
      ? nameOf(parent.property)
      : undefined
    this.#taken.set(symbol, taken === "all" || property === undefined ? "all" : taken.add(property))
  }

  #lineOf(offset: number): number {
    return lastAtMost(this.#lineStarts.length, (index) => this.#lineStarts[index] ?? 0, offset) + 1
  }

  #moduleOf(offset: number): string {
    const index = lastAtMost(this.#modules.length, (index) => this.#modules[index]?.start ?? 0, offset)
    return this.#modules[index]?.module ?? "the linker"
  }

  #enter(node: Syntax): void {
    switch (node.type) {
      case "ImportDeclaration":
        if (node.specifiers.length === 0 && this.#linked.isBare(node.source.value)) {
          this.#effects.push(node.source.value)
        }
        for (const each of node.specifiers) this.#name(each.local.name, importedBy(each, node))
        return
      case "ExportNamedDeclaration":
        for (const { exported, local } of node.specifiers) this.#exports.set(nameOf(exported), nameOf(local))
        return
      case "FunctionDeclaration":
      case "ClassDeclaration":
        return this.#declare(node, node.id === null ? [] : [node.id.name])
      case "VariableDeclaration":
        return this.#declare(node, node.declarations.flatMap(({ id }) => boundBy(id)))
      case "EmptyStatement":
        return
      default: {
        if (node.type === "ExpressionStatement" && typeof node.directive === "string") return
        throw this.#problem(
          node,
          "has a statement that runs when the module is loaded",
          "move it into a function: the program of a stage holds only what the stage reaches by name",
        )
      }
    }
  }

  #problem({ start }: Syntax, message: string, help: string): SourceProblem {
    const file = this.#moduleOf(start)
    return new SourceProblem({ file, line: this.#linked.sourceLine(this.#lineOf(start), file), message, help })
  }

  #declare(node: Syntax, names: ReadonlyArray<string>): void {
    for (const name of names) {
      // Which of the two a program needs follows from when it is read.
      if (this.#byName.has(name)) throw this.#problem(node, `declares ${name} twice`, "give each its own name")
      this.#name(name, { _tag: "Declared", declaration: this.#statements.length })
    }
    this.#statements.push({ node, names })
  }

  #name(name: string, meaning: Meaning): void {
    this.#byName.set(name, this.#symbols.length)
    this.#symbols.push(meaning)
  }

  #symbolOf(name: string): number {
    const symbol = this.#byName.get(name)
    if (symbol === undefined) throw new Error(`the linked stages have no ${name}`)
    return symbol
  }

  /** Whether an expression is a name that stands for this export of redag. */
  #isEngine(node: Syntax, name: string): boolean {
    const symbol = node.type === "Identifier" ? this.#byName.get(node.name) : undefined
    const meaning = symbol === undefined ? undefined : this.#symbols[symbol]
    return meaning?._tag === "Imported" && meaning.from === "redag" && meaning.name === name
  }

  #statementOf(name: string): Syntax | undefined {
    return this.#statements.find(({ names }) => names.includes(name))?.node
  }

  /** What a module exports, by name, as names of the text: read off the object that the linker makes of them. */
  #exportsOf(alias: string): ReadonlyMap<string, string> {
    const object = this.#exports.get(alias) ?? ""
    const init = initialOf(this.#statementOf(object), object)
    const exported = init?.type === "CallExpression" ? init.arguments[0] : undefined
    if (exported?.type !== "ObjectExpression") throw new Error(`the linked stages do not say what ${alias} exports`)
    return new Map(exported.properties.flatMap((property) => {
      if (property.type !== "Property" || !isFunction(property.value)) return []
      const { body } = property.value
      if (body?.type !== "Identifier") throw new Error(`the linked stages do not say what ${alias} exports`)
      return [[nameOf(property.key), body.name] as const]
    }))
  }

  /** The one export of a stage's module that is declared as the stage of that name; otherwise all of its exports. */
  #stageOf(stage: string, alias: string): number {
    const declared = [...this.#exportsOf(alias).values()].filter((name) => {
      const init = initialOf(this.#statementOf(name), name)
      const [definition] = init?.type === "CallExpression" && this.#isEngine(init.callee, "stage") ? init.arguments : []
      return definition?.type === "ObjectExpression"
        && definition.properties.some((property) =>
          property.type === "Property" && nameOf(property.key) === "name" && property.value.type === "Literal"
          && property.value.value === stage
        )
    })
    const [only] = declared
    return this.#symbolOf(declared.length === 1 && only !== undefined ? only : this.#exports.get(alias) ?? "")
  }

  #cut(
    { node, names }: Statement,
    loads: ReadonlyMap<string, Taken>,
  ) {
    const edits: Array<Edit> = this.#notesIn(node)
    const packages = new Set<string>()
    const coarse: Array<Declaration["coarse"][number]> = []
    const line = this.#lineOf(node.start)
    const module = this.#moduleOf(node.start)
    const sourceLine = (offset: number) => this.#linked.sourceLine(this.#lineOf(offset), module)
    let calls = false
    const removed: Array<{ readonly start: number; readonly end: number }> = []
    const reader = new Names(this.#linked.text.slice(node.start, node.end), (each, parents) => {
      calls ||= mayRun.has(each.type) && !parents.some((parent) => isFunction(parent))
      switch (each.type) {
        case "ImportExpression": {
          const from = each.source.type === "Literal" ? each.source.value : undefined
          if (typeof from === "string" && isHosted(from)) {
            throw this.#problem(
              each,
              `imports ${from} by import()`,
              "import it at the top of the module: a program shares it with the engine",
            )
          }
          if (typeof from !== "string") coarse.push({ line: sourceLine(each.start), why: "imports a computed name" })
          if (typeof from === "string" && /^\.{1,2}\//u.test(from)) {
            throw this.#problem(each, `imports ${from} late and with attributes`, "import it at the top of the module")
          }
          if (typeof from !== "string") edits.push(...importedByHost(each, module))
          else if (!from.startsWith(lazyMark)) packages.add(from)
          else edits.push({ ...spanOf(each), pieces: this.#lazy(from, taken(parents, loads, names)) })
          return
        }
        case "NewExpression": {
          const path = dataPathOf(each)
          if (path === undefined) {
            if (!isBesideModule(each)) return
            throw this.#problem(each, "names a file by its own place, but by no literal path", placeHelp)
          }
          const pieces = [JSON.stringify(this.#linked.dataOf(module, path.value))]
          return void edits.push({ ...spanOf(path), pieces })
        }
        case "MetaProperty":
          if (asksForPlace(each, parents)) throw this.#problem(each, "asks for its own place", placeHelp)
          return
        case "CallExpression":
          if (this.#isEngine(each.callee, "choice")) edits.push(...this.#choice(each, names, loads))
          if (this.#isEngine(each.callee, "stage")) removed.push(...settingsIn(each))
          return
        case "Literal": {
          if (typeof each.value === "string" && this.#linked.isDependency(each.value)) packages.add(each.value)
          const text = literal(each)
          // `1.0.toFixed()` must not become `1.toFixed()`.
          const bare = parents.at(-1)?.type !== "MemberExpression" || typeof each.value === "string"
          if (text === undefined || text === this.#linked.text.slice(each.start, each.end)) return
          edits.push({ ...spanOf(each), pieces: [bare ? text : `(${text})`] })
        }
      }
    })
    reader.read(node)
    edits.push(...removed.map((span) => ({ ...span, pieces: [] })))
    const left = reader.occurrences.filter(({ start }) =>
      !removed.some((span) => span.start <= start && start < span.end)
    )
    const canonical = numbered(left)
    for (const each of left) {
      const pieces = this.#pieceOf(each, canonical)
      if (pieces !== undefined) edits.push({ start: each.start, end: each.end, pieces })
    }
    return {
      module,
      names: names.map((name) => name.replace(/\$\d+$/u, "")),
      symbols: names.map((name) => this.#symbolOf(name)),
      pieces: piecesOf(this.#linked.text, node, edits),
      hoisted: node.type === "FunctionDeclaration",
      calls,
      loads: [...packages],
      line,
      coarse,
    }
  }

  /** What is left out of a declaration's text: notes for other tools, which stand in the order of the text. */
  #notesIn({ start, end }: Syntax): Array<Edit> {
    const edits: Array<Edit> = []
    const first = lastAtMost(this.#notes.length, (index) => this.#notes[index]?.start ?? 0, start)
    for (let index = first; index < this.#notes.length; index++) {
      const note = this.#notes[index]
      if (note === undefined || note.start >= end) break
      if (note.start >= start) edits.push({ start: note.start, end: note.end, pieces: [] })
    }
    return edits
  }

  #pieceOf(occurrence: Occurrence, canonical: ReadonlyMap<number, number>): ReadonlyArray<Piece> | undefined {
    const { name, shorthand, deferred } = occurrence
    const local = occurrence.local === undefined ? undefined : canonical.get(occurrence.local)
    // As `__proto__: …` it would say which object stands behind this one.
    const label = shorthand ? [name === "__proto__" ? `["__proto__"]: ` : `${name}: `] : []
    if (local !== undefined) return [...label, name.startsWith("#") ? `#_${local}` : `_${local}`]
    const symbol = this.#byName.get(name)
    if (symbol !== undefined) this.#take(symbol, occurrence)
    if (symbol !== undefined) return [...label, deferred ? { symbol, deferred } : { symbol }]
    if (/^(?:_|\${1,2})\d+$/u.test(name)) throw new Error(`the global name ${name} cannot be told from canonical ones`)
    return undefined
  }

  /** A lazy import of the project's own module: what is taken of it is in the program already. */
  #lazy(from: string, names: Taken): ReadonlyArray<Piece> {
    const exported = this.#exportsOf(this.#linked.lazy.get(from.slice(lazyMark.length)) ?? "")
    const properties = [...exported].filter(([name]) => names === "all" || names.has(name))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([name, local]): ReadonlyArray<Piece> => [
        // What a module exports may change after it was imported.
        `get ${JSON.stringify(name)}() { return `,
        { symbol: this.#symbolOf(local), deferred: true },
        " }, ",
      ])
    return ["Promise.resolve({ ", ...properties, "})"]
  }

  /** The options of a choice: each lazy import of one becomes what is taken of the modules that it loads. */
  #choice(
    call: ESTree.CallExpression,
    names: ReadonlyArray<string>,
    loads: ReadonlyMap<string, Taken>,
  ): ReadonlyArray<Edit> {
    const [name, options] = call.arguments
    if (name?.type !== "Literal" || typeof name.value !== "string" || options?.type !== "ObjectExpression") return []
    const used = loads.get(names[0] ?? "") ?? "all"
    const pieces: Record<string, ReadonlyArray<Piece>> = {}
    for (const property of options.properties) {
      const value = property.type === "Property" ? property.value : undefined
      const body = value?.type === "ArrowFunctionExpression" ? value.body : undefined
      const from = body?.type === "ImportExpression" && body.source.type === "Literal" ? body.source.value : undefined
      // Written otherwise, the choice is taken whole, as any object is.
      if (property.type !== "Property" || property.computed || typeof from !== "string" || !from.startsWith(lazyMark)) {
        return []
      }
      pieces[nameOf(property.key)] = ["() => ", ...this.#lazy(from, used)]
    }
    return [{ ...spanOf(options), pieces: [{ choice: name.value, options: pieces }] }]
  }
}

const lineStarts = (text: string): ReadonlyArray<number> => {
  const starts = [0]
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1)
  return starts
}

const placeHelp = "name a file beside the module as new URL(\"./file\", import.meta.url)"

/** What is taken of an import in a declaration: an option of a choice is taken as the choice is loaded. */
const taken = (
  parents: ReadonlyArray<Syntax>,
  loads: ReadonlyMap<string, Taken>,
  names: ReadonlyArray<string>,
): Taken => loads.get(names[0] ?? "") ?? takenOf(parents)
