import { existsSync, readFileSync, statSync } from "node:fs"
import { dirname, join, relative } from "node:path"

/** Modules of Node that a program of a proof may use: none of them reaches beyond the process. */
const harmless = new Set(["node:assert", "node:buffer", "node:crypto", "node:path", "node:url", "node:util"])

/** A package that is larger is none that a proof carries, in bytes. */
const LARGEST = 1 << 20

/** What a text of JavaScript imports, each once: by clauses, and by calls with a plain text. */
export const importsIn = (text: string): ReadonlyArray<string> => {
  const clauses = text.matchAll(/^\s*(?:import|export)\s(?:[^"';]*?\sfrom\s*)?"([^"]+)"/gmu)
  const calls = text.matchAll(/\bimport\("([^"]+)"/gu)
  return [...new Set([...clauses, ...calls].flatMap(([, from]) => from ?? []))]
}

/** A module and all that it imports by relative paths, by their paths below `folder`. */
export const modulesFrom = (folder: string, entry: string): ReadonlyMap<string, Buffer> => {
  const found = new Map<string, Buffer>()
  const queue = [join(folder, entry)]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const name = relative(folder, file)
    if (found.has(name)) continue
    const bytes = readFileSync(file)
    found.set(name, bytes)
    for (const from of importsIn(bytes.toString())) if (from.startsWith(".")) queue.push(join(dirname(file), from))
  }
  return found
}

/** What the packages that a program imports consist of, by path below the project, or why a proof cannot have them. */
export type Packages =
  | { readonly _tag: "Carried"; readonly files: ReadonlyMap<string, Buffer> }
  | { readonly _tag: "Not"; readonly why: string }

/** The packages of a program's imports; `folders` are those that have a node_modules, the nearest first. */
export const packagesFor = (imports: ReadonlyArray<string>, folders: ReadonlyArray<string>): Packages => {
  const files = new Map<string, Buffer>()
  for (const name of imports) {
    if (harmless.has(name)) continue
    if (name.startsWith("node:")) return { _tag: "Not", why: `its program uses ${name}` }
    const own = packageFiles(name, folders)
    if (own === undefined) return { _tag: "Not", why: `its program uses the package ${name}` }
    for (const [path, bytes] of own) files.set(`node_modules/${name}/${path}`, bytes)
  }
  return { _tag: "Carried", files }
}

/** The files of a package that imports no other and is small; undefined of any other. */
const packageFiles = (name: string, folders: ReadonlyArray<string>): ReadonlyMap<string, Buffer> | undefined => {
  const folder = folders.map((each) => join(each, "node_modules", name)).find((each) =>
    existsSync(join(each, "package.json"))
  )
  if (folder === undefined) return undefined
  const manifest = readFileSync(join(folder, "package.json"))
  const { exports, module, main } = JSON.parse(manifest.toString()) as Readonly<Record<string, unknown>>
  const entry = entryOf(exports) ?? module ?? main
  if (typeof entry !== "string" || !existsSync(join(folder, entry)) || statSync(join(folder, entry)).size > LARGEST) {
    return undefined
  }
  const files = modulesFrom(folder, entry)
  const needsOthers = [...files.values()].some((bytes) =>
    importsIn(bytes.toString()).some((from) => !from.startsWith("."))
  )
  return needsOthers ? undefined : new Map([["package.json", manifest], ...files])
}

/** The file that `import` finds in the exports of a package. */
const entryOf = (exports: unknown): string | undefined => {
  if (typeof exports === "string") return exports
  if (typeof exports !== "object" || exports === null) return undefined
  for (const [name, value] of Object.entries(exports)) {
    if ([".", "import", "node", "default"].includes(name)) {
      const entry = entryOf(value)
      if (entry !== undefined) return entry
    }
  }
  return undefined
}
