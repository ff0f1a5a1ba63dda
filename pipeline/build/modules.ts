import { hash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import type { Plugin } from "rolldown"
import { minifySync, transformSync } from "rolldown/experimental"
import type { CodeMap } from "../identity/code.ts"

/** What a build saw: the code map, and the sha256 of every file that decides on it: sources and package versions. */
export interface Seen {
  readonly map: CodeMap
  readonly sources: Readonly<Record<string, string>>
}

/**
 * A rolldown plugin that keeps an account of the project's modules.
 *
 * Modules are named by their path below `root`, those of redag's own engine as "redag:<path>" wherever it stands, so
 * that a project's folder may be called "pipeline" too. A module's digest is of its code printed without types,
 * comments and layout, so that only a change of code changes it.
 */
export const accountOfModules = (root: string, packageRoot: string): { plugin: Plugin; seen: () => Seen } => {
  const modules: Record<string, { digest: string; imports: Array<string>; packages: Array<string> }> = {}
  const versions: Record<string, string> = {}
  const sources: Record<string, string> = {}

  const name = (id: string): string => {
    const engine = id.startsWith(join(packageRoot, "pipeline") + sep)
    const path = relative(engine ? packageRoot : root, id).split(sep).join("/")
    return engine ? `redag:${path}` : path
  }

  const versionOf = (packageName: string, imported: string): string => {
    for (const folder of foldersOf(packageName, imported, [root, packageRoot])) {
      const path = join(folder, "package.json")
      if (!existsSync(path)) continue
      const text = readFileSync(path, "utf8")
      // Another version of a package is another program, though none of the project's own files changed.
      sources[path] = sha256(text)
      return (JSON.parse(text) as { version?: string }).version ?? "unknown"
    }
    // An optional package that did not install here.
    return "not installed"
  }

  const plugin: Plugin = {
    name: "account-of-modules",
    moduleParsed: ({ id, importedIds, dynamicallyImportedIds }) => {
      if (!isSource(id)) return
      const text = readFileSync(id, "utf8")
      sources[id] = sha256(text)
      const imports = new Set<string>()
      const packages = new Set<string>()
      for (const imported of [...importedIds, ...dynamicallyImportedIds]) {
        if (isSource(imported)) imports.add(name(imported))
        else if (!imported.startsWith("node:")) {
          const packageName = packageOf(imported)
          packages.add(packageName)
          versions[packageName] ??= versionOf(packageName, imported)
        }
      }
      modules[name(id)] = {
        digest: sha256(bare(id, text)),
        imports: [...imports].sort(),
        packages: [...packages].sort(),
      }
    },
  }
  return { plugin, seen: () => ({ map: { modules, versions }, sources }) }
}

/** Whether a module is a file of the project or of redag: code, or data that is imported as such. */
const isSource = (id: string): boolean => /^\/|^[A-Z]:/u.test(id) && !id.includes("node_modules")

/** Code without types, comments and layout; anything else as it is. */
const bare = (id: string, text: string): string => {
  if (!/\.[cm]?[jt]s$/u.test(id)) return text
  const { code } = transformSync(id, text, { lang: "ts", sourcemap: false })
  return minifySync(id, code, {
    compress: false,
    mangle: false,
    codegen: { removeWhitespace: true },
    sourcemap: false,
  }).code
}

const packageOf = (id: string): string => {
  const path = id.includes("node_modules/") ? id.slice(id.lastIndexOf("node_modules/") + "node_modules/".length) : id
  return path.split("/").slice(0, path.startsWith("@") ? 2 : 1).join("/")
}

/** Where a package may stand: the folder that it was loaded from, or node_modules where it is only named. */
const foldersOf = (
  packageName: string,
  imported: string,
  roots: ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const at = imported.lastIndexOf(`node_modules/${packageName}/`)
  return at < 0
    ? roots.map((root) => join(root, "node_modules", packageName))
    : [imported.slice(0, at + `node_modules/${packageName}`.length)]
}

const sha256 = (text: string): string => hash("sha256", text)
