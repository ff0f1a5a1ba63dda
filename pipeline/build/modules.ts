import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import type { Plugin } from "rolldown"
import { minifySync, transformSync } from "rolldown/experimental"
import type { CodeMap } from "../code.ts"

/** What a build saw: the code map, and the sha256 of every source file that went into it. */
export interface Seen {
  readonly map: CodeMap
  readonly sources: Readonly<Record<string, string>>
}

/**
 * A rolldown plugin that keeps an account of the project's modules.
 *
 * Modules are named by their path below `root`, those of redag itself outside it as "redag:<path>". A module's digest
 * is of its code printed without types, comments and layout, so that only a change of code changes it.
 */
export const accountOfModules = (root: string, packageRoot: string): { plugin: Plugin; seen: () => Seen } => {
  const modules: Record<string, { digest: string; imports: Array<string>; packages: Array<string> }> = {}
  const versions: Record<string, string> = {}
  const sources: Record<string, string> = {}

  const name = (id: string): string => {
    const path = relative(root, id)
    return path.startsWith("..") ? `redag:${relative(packageRoot, id).split(sep).join("/")}` : path.split(sep).join("/")
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
          versions[packageName] ??= versionOf(packageRoot, packageName)
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

const isSource = (id: string): boolean =>
  /^\/|^[A-Z]:/u.test(id) && !id.includes("node_modules") && /\.[cm]?[jt]s$/u.test(id)

/** Code without types, comments and layout. */
const bare = (id: string, text: string): string => {
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

const versionOf = (packageRoot: string, packageName: string): string => {
  try {
    const text = readFileSync(join(packageRoot, "node_modules", packageName, "package.json"), "utf8")
    return (JSON.parse(text) as { version: string }).version
  } catch {
    // An optional package that did not install here.
    return "not installed"
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
