import { readFileSync } from "node:fs"
import { basename, extname, join, relative, sep } from "node:path"
import { compareSources, type SourceStates } from "../../base/sources.ts"
import type { Graph } from "../../graph/node.ts"
import { isIn, placesOfSet, setsOf } from "./places.ts"

/** The sources of the build that this process was started from; undefined where there is another build by now. */
export const sourcesOf = (root: string, build: string): SourceStates | undefined => {
  try {
    const record = JSON.parse(readFileSync(join(root, "dist/build.json"), "utf8")) as {
      readonly id: string
      readonly sources: SourceStates
    }
    return record.id === basename(build) ? record.sources : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether what this process was started from is not what the project is now: its code changed, or its settings, or a file
 * beside its code that this may read by itself.
 */
export const isOutdated = (
  root: string,
  build: string,
  sources: SourceStates | undefined,
  graph: Graph | undefined,
  paths: ReadonlyArray<string>,
): boolean => {
  if (sources === undefined || sourcesOf(root, build) === undefined) return true
  if (paths.includes(join(root, ".env"))) return true
  const folders = new Set(
    Object.keys(sources.files).filter((path) => isIn(root, path)).map((path) => relative(root, path).split(sep))
      .filter((parts) => parts.length > 1 && parts[0] !== "dist" && parts[0] !== "node_modules")
      .map(([first = ""]) => join(root, first)),
  )
  const places = setPlacesOf(graph)
  // Modules are known, YAML is read again for each plan, and what a node reads is in its key.
  const isUnknown = (path: string) =>
    extname(path) !== "" && !/^\.(?:ya?ml|md|[cm]?[jt]sx?)$/u.test(extname(path)) && sources.files[path] === undefined
    && [...folders].some((folder) => isIn(folder, path)) && !places.some((place) => isIn(place, path))
  // Of the sources, each that changes is named: where only what a plan reads anew did, none of them is looked at.
  return paths.some(isUnknown) || (!areData(sources, graph, paths) && compareSources(sources) === "changed")
}

/** Whether these paths are of nothing but what a plan reads again. */
export const areData = (
  sources: SourceStates | undefined,
  graph: Graph | undefined,
  paths: ReadonlyArray<string>,
): boolean => {
  const places = setPlacesOf(graph)
  return paths.length > 0 && paths.every((path) =>
    sources?.files[path] === undefined
    && (/^\.ya?ml$/u.test(extname(path)) || places.some((place) => isIn(place, path)))
  )
}

const setPlacesOf = (graph: Graph | undefined): ReadonlyArray<string> => setsOf(graph).flatMap(placesOfSet)

/** Whether a change may be one of the plan: whatever is watched but sources, which are what they were. */
export const concerns = (sources: SourceStates | undefined, paths: ReadonlyArray<string>): boolean =>
  paths.length === 0 || paths.some((path) => sources?.files[path] === undefined)
