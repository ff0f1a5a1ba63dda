import { type ESTree, Visitor } from "rolldown/utils"
import { importsOf, parse, urlBeside } from "./imports.ts"

/** What a stage could take from outside its key. */
export type Way = "environment" | "files" | "machine" | "processes" | "network" | "clock" | "chance" | "code"

/** One place where a module takes something from outside. */
export interface Taken {
  readonly way: Way
  /** As it is written: `process.env`, `node:fs`. */
  readonly text: string
  /** From 1. */
  readonly line: number
}

const modules: Readonly<Record<string, Way>> = {
  "node:process": "environment",
  "node:fs": "files",
  "node:fs/promises": "files",
  "node:sqlite": "files",
  "node:os": "machine",
  "node:child_process": "processes",
  "node:cluster": "processes",
  "node:worker_threads": "processes",
  "node:net": "network",
  "node:tls": "network",
  "node:dns": "network",
  "node:dns/promises": "network",
  "node:dgram": "network",
  "node:http": "network",
  "node:http2": "network",
  "node:https": "network",
  "node:perf_hooks": "clock",
  "node:module": "code",
  "node:vm": "code",
  "effect/Config": "environment",
  "effect/ConfigProvider": "environment",
  "effect/FileSystem": "files",
  "effect/process": "processes",
  "effect/http": "network",
  "effect/workers": "processes",
  "effect/Random": "chance",
}

/** Services of effect, and functions of Node's modules, that take something from outside. */
const names: Readonly<Record<string, Way>> = {
  Config: "environment",
  ConfigProvider: "environment",
  FileSystem: "files",
  Random: "chance",
  randomBytes: "chance",
  randomInt: "chance",
  randomUUID: "chance",
  getRandomValues: "chance",
}

const globals: Readonly<Record<string, Way>> = {
  fetch: "network",
  WebSocket: "network",
  XMLHttpRequest: "network",
  performance: "clock",
  eval: "code",
  Function: "code",
  require: "code",
  global: "environment",
  globalThis: "environment",
}

/** Members of `process` that say nothing of how it was started. */
const harmless: ReadonlySet<string> = new Set(["memoryUsage", "pid", "kill", "platform", "arch", "versions"])

/**
 * All that a module takes from outside, in the order of the text.
 *
 * A type is none of it. Nor is Node's `fs` where it only ever reads `new URL("./x", import.meta.url)`: that file's content
 * is in the key.
 */
export const takenBy = (path: string, text: string): ReadonlyArray<Taken> => {
  const { program, lineOf } = parse(path, text)
  const found = new Map<number, Omit<Taken, "line">>()
  /** Names of members and keys, which are no variables. */
  const labels = new Set<number>()
  const isLocal = localsOf(program)
  const take = (way: Way, node: ESTree.Span): void => {
    const written = text.slice(node.start, node.end).split("\n")[0] ?? ""
    if (!found.has(node.start)) found.set(node.start, { way, text: written })
  }

  new Visitor({
    ImportDeclaration: (node) => {
      if (node.importKind === "type") return
      for (const one of node.specifiers) {
        if (one.type !== "ImportSpecifier" || one.importKind === "type") continue
        labels.add(one.imported.start)
        const name = one.imported.type === "Identifier" ? one.imported.name : one.imported.value
        const way = node.source.value === "effect" || node.source.value === "node:crypto" ? names[name] : undefined
        if (way !== undefined) take(way, one)
      }
    },
    Property: (node) => {
      if (!node.computed && !node.shorthand) labels.add(node.key.start)
    },
    PropertyDefinition: (node) => {
      if (!node.computed) labels.add(node.key.start)
    },
    MethodDefinition: (node) => {
      if (!node.computed) labels.add(node.key.start)
    },
    TSPropertySignature: (node) => {
      labels.add(node.key.start)
    },
    TSTypeReference: (node) => {
      labels.add(node.typeName.start)
    },
    TSTypeQuery: (node) => {
      labels.add(node.exprName.start)
    },
    MemberExpression: (node) => {
      if (!node.computed) labels.add(node.property.start)
      const { object } = node
      if (object.type !== "Identifier" || isLocal(object)) return
      const member = node.computed
        ? (node.property.type === "Literal" ? String(node.property.value) : undefined)
        : node.property.name
      if (object.name === "process") {
        if (member !== undefined && harmless.has(member)) labels.add(object.start)
        else take("environment", node)
      }
      if (object.name === "Math" && member === "random") take("chance", node)
      if (object.name === "Date" && member === "now") take("clock", node)
      if (object.name === "crypto" && member !== undefined && names[member] !== undefined) take("chance", node)
    },
    NewExpression: (node) => {
      const isDate = node.callee.type === "Identifier" && node.callee.name === "Date"
      if (isDate && node.arguments.length === 0) take("clock", node)
    },
    Identifier: (node) => {
      if (labels.has(node.start) || isLocal(node)) return
      const way = node.name === "process" ? "environment" : globals[node.name]
      if (way !== undefined) take(way, node)
    },
  }).visit(program)

  const readsBeside = onlyReadsBeside(program)
  const imported = importsOf(path, text).flatMap(({ kind, specifier, line }) => {
    const way = modules[specifier] ?? modules[`node:${specifier}`]
    return way === undefined || kind === "type import" || (way === "files" && readsBeside)
      ? []
      : [{ way, text: specifier, line }]
  })
  const written = [...found].map(([start, taken]) => ({ ...taken, line: lineOf(start) }))
  return [...imported, ...written].toSorted((a, b) => a.line - b.line)
}

/** Says of a variable whether the module itself declares it: as a parameter around it, or anywhere as a constant. */
const localsOf = (program: ESTree.Program): (node: { name: string; start: number }) => boolean => {
  const declared = new Set<string>()
  const parameters: Array<{ readonly name: string; readonly start: number; readonly end: number }> = []
  const addParameters = (node: ESTree.Function | ESTree.ArrowFunctionExpression): void => {
    for (const one of node.params) {
      if (one.type === "Identifier") parameters.push({ name: one.name, start: node.start, end: node.end })
    }
  }
  new Visitor({
    VariableDeclarator: ({ id }) => {
      if (id.type === "Identifier") declared.add(id.name)
    },
    FunctionDeclaration: addParameters,
    FunctionExpression: addParameters,
    ArrowFunctionExpression: addParameters,
  }).visit(program)
  return ({ name, start }) =>
    declared.has(name) || parameters.some((one) => one.name === name && one.start <= start && start < one.end)
}

/** Whether a module takes functions of `node:fs` only to call them with a file beside itself as the first argument. */
const onlyReadsBeside = (program: ESTree.Program): boolean => {
  const functions = new Set<string>()
  const imports: Array<ESTree.Span> = []
  const used: Array<ESTree.Span & { readonly name: string }> = []
  const calls = new Set<number>()
  let known = true
  new Visitor({
    ImportDeclaration: (node) => {
      imports.push(node)
      if (modules[node.source.value] !== "files") return
      for (const one of node.specifiers) {
        if (one.type === "ImportSpecifier") functions.add(one.local.name)
        // Of a namespace nobody can say what is called.
        else known = false
      }
    },
    ImportExpression: ({ source }) => {
      if (source.type === "Literal" && modules[String(source.value)] === "files") known = false
    },
    CallExpression: ({ callee, arguments: [first] }) => {
      if (first?.type === "NewExpression" && urlBeside(first) !== undefined) calls.add(callee.start)
    },
    Identifier: (node) => {
      used.push(node)
    },
  }).visit(program)
  return known
    && used.every(({ name, start }) =>
      !functions.has(name) || calls.has(start) || imports.some((one) => one.start <= start && start < one.end)
    )
}
