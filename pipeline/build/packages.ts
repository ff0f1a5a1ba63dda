import { createHash, hash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs"
import { dirname, join, sep } from "node:path"

/** By name, what is installed of packages; several versions stand side by side. */
export type Installed = Readonly<Record<string, OnePackage>>

interface OnePackage {
  readonly version: string
  /** A digest of package.json; of every file of a package that is linked from a folder outside of node_modules. */
  readonly manifest: string
}

interface Manifest {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Finds packages as Node does, by the folders above whoever imports them. */
export class Packages {
  readonly #roots: ReadonlyArray<string>
  /** What was read: package.json of each package, all of a linked one, and folders that dependencies may be in. */
  readonly files = new Set<string>()
  readonly #read = new Map<string, { readonly manifest: Manifest; readonly installed: OnePackage }>()

  /** `roots` are the folders from which a project's own files find packages, the first that has one winning. */
  constructor(roots: ReadonlyArray<string>) {
    this.#roots = roots
  }

  /** What an import can reach: its package, and the packages that those depend on, by what is installed. */
  reachedBy(specifier: string): Installed {
    const reached = new Map<string, Array<OnePackage>>()
    const seen = new Set<string>()
    const visit = (name: string, from: ReadonlyArray<string>): void => {
      const folder = find(name, from)
      if (folder === undefined) {
        // An optional package that is not installed here; once it is, another program runs.
        if (from === this.#roots) reached.set(name, [{ version: "not installed", manifest: "" }])
        return
      }
      if (seen.has(folder)) return
      seen.add(folder)
      const { manifest, installed } = this.#manifest(folder)
      reached.set(name, [...(reached.get(name) ?? []), installed])
      const needed = { ...manifest.peerDependencies, ...manifest.optionalDependencies, ...manifest.dependencies }
      for (const dependency of Object.keys(needed).sort()) {
        this.#notePlaces(dependency, folder)
        visit(dependency, [folder])
      }
    }
    visit(packageOf(specifier), this.#roots)
    return Object.fromEntries(
      [...reached].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, all]) => {
        // Several versions of a package may be installed below those that need them.
        const listed = (of: (each: OnePackage) => string) => [...new Set(all.map(of))].sort().join(", ")
        return [name, { version: listed(({ version }) => version), manifest: listed(({ manifest }) => manifest) }]
      }),
    )
  }

  /** Notes the folders in which another version of a dependency would be found first once it is there. */
  #notePlaces(dependency: string, folder: string): void {
    const place = join(folder, "node_modules", dependency)
    for (const each of [folder, join(folder, "node_modules"), dirname(place)]) {
      if (existsSync(each)) this.files.add(each)
    }
  }

  #manifest(folder: string): { readonly manifest: Manifest; readonly installed: OnePackage } {
    const known = this.#read.get(folder)
    if (known !== undefined) return known
    const file = join(folder, "package.json")
    const text = readFileSync(file, "utf8")
    const manifest = JSON.parse(text) as Manifest
    const digest = createHash("sha256").update(text)
    this.files.add(file)
    if (isLinked(folder)) {
      for (const [name, path] of filesBelow(folder)) {
        this.files.add(path)
        digest.update(statSync(path).isDirectory() ? name : JSON.stringify([name, hash("sha256", readFileSync(path))]))
      }
    }
    const told = digest.digest("hex").slice(0, 16)
    const read = { manifest, installed: { version: manifest.version ?? "no version", manifest: told } }
    this.#read.set(folder, read)
    return read
  }
}

/** The name of the package that an import names: "@scope/name" of "@scope/name/file.js". */
export const packageOf = (specifier: string): string =>
  specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")

/** Whether a package is somebody's working copy: what npm installs is told by its version, this is not. */
const isLinked = (folder: string): boolean => !folder.split(sep).slice(-3).includes("node_modules")

/** All files and folders below a linked package, by their paths in it, without what npm installed there. */
const filesBelow = (folder: string): ReadonlyArray<readonly [name: string, path: string]> =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) =>
      (entry.isFile() || entry.isDirectory()) && entry.name !== "node_modules" && entry.name !== ".git"
    )
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      const below = entry.isDirectory()
        ? filesBelow(path).map(([name, at]) => [join(entry.name, name), at] as const)
        : []
      return [[entry.name, path] as const, ...below]
    })

const find = (name: string, from: ReadonlyArray<string>): string | undefined => {
  for (const start of from) {
    for (let folder = start;; folder = dirname(folder)) {
      const found = join(folder, "node_modules", name)
      if (existsSync(join(found, "package.json"))) return realpathSync(found)
      if (folder === dirname(folder)) break
    }
  }
  return undefined
}
