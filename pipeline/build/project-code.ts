import { existsSync, readdirSync } from "node:fs"
import { join, relative } from "node:path"
import { type Digest, digestOf } from "../base/digest.ts"
import { noteSources } from "../base/sources.ts"
import type { Declarations } from "../identity/declarations.ts"
import type { BuiltCode } from "../identity/programs.ts"
import { cut } from "./cut.ts"
import type { Hosted } from "./host.ts"
import { link, type LinkedProject } from "./link.ts"
import { type Installed, Packages } from "./packages.ts"

/** The code of a project's stages, and what it was read from. */
export interface ProjectCode {
  readonly code: BuiltCode
  readonly linked: LinkedProject
  readonly hosted: ReadonlyArray<Hosted>
  /** The files and folders on which it depends. */
  readonly files: ReadonlyArray<string>
  /** Those of them that say what programs load while they run: package.json files, and what computed imports may load. */
  readonly loaded: ReadonlyArray<string>
}

/**
 * Links and cuts the stages of a project.
 *
 * Throws a SourceProblem on what no program can be made of.
 */
export const projectCode = async (
  root: string,
  packageRoot: string,
): Promise<ProjectCode> => {
  const linked = await link(root, packageRoot)
  const { declarations, hosted } = cut(linked)
  const packages = new Packages([root, packageRoot])
  const reached: Record<string, Installed> = {}
  for (const specifier of importsOf(declarations)) reached[specifier] = packages.reachedBy(specifier)
  const isCoarse = declarations.declarations.some(({ coarse }) => coarse.length > 0)
  const importable = isCoarse ? importableFiles(root) : []
  // Data is met when the text is cut.
  const sources = [...linked.files, ...linked.data.values(), ...importable].toSorted()
  return {
    code: { declarations, packages: reached, sources: digestOfSources(root, sources) },
    linked,
    hosted,
    files: [...sources, ...packages.files],
    loaded: [...importable, ...packages.files],
  }
}

/** Every package that declarations import, whenever they do. */
const importsOf = ({ symbols, declarations, effects }: Declarations): ReadonlySet<string> =>
  new Set([
    ...symbols.flatMap((symbol) => (symbol._tag === "Imported" && symbol.from !== "redag" ? [symbol.from] : [])),
    ...declarations.flatMap(({ loads }) => loads),
    ...effects,
  ].filter((specifier) => !specifier.startsWith("node:")))

/** What an import of a computed name may load: all that is in the folders of stages, and what npm installed. */
const importableFiles = (root: string): ReadonlyArray<string> => {
  const folders = ["stages", "models", "schemas"].map((name) => join(root, name)).filter((folder) => existsSync(folder))
  // A folder is read too, for a file may be added to it.
  const below = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name))
  )
  return [...folders, ...below, join(root, "node_modules/.package-lock.json")].filter((path) => existsSync(path))
}

/** One digest of files, by their paths below the project. */
const digestOfSources = (root: string, paths: ReadonlyArray<string>): Digest => {
  const { files } = noteSources(paths)
  return digestOf(
    JSON.stringify(Object.entries(files).map(([file, { digest }]) => [relative(root, file), digest])),
  )
}
