import { lstatSync, readdirSync, readlinkSync } from "node:fs"
import { dirname, join, parse, relative, resolve, sep } from "node:path"
import type { FileSet } from "../../graph/files.ts"
import type { Graph } from "../../graph/node.ts"
import { absentAs } from "../../store/reading.ts"

/** Folders of a project that hold nothing that a plan is made of. */
const never: ReadonlySet<string> = new Set(["node_modules", ".git", "dist"])

/** What editors write beside a file while they save it. */
const ofEditors = /^(?:\.#.*|#.*#|.*~|\..*\.sw[a-z]|4913|\.goutputstream-.*|.*___jb_(?:tmp|old)___)$/u

/** Files of the project itself that decide on it beside its sources. */
const settings = ["dag.config.ts", ".env", "package.json", "node_modules/.package-lock.json"]

/** Whether nothing comes of a change at a path: builds, packages, the store, what an editor leaves for a moment. */
export const ignoredIn = (root: string, store: string) => (path: string): boolean => {
  if (isIn(store, path)) return true
  if (ofEditors.test(path.slice(path.lastIndexOf(sep) + 1))) return true
  if (!isIn(root, path)) return false
  const inside = relative(root, path)
  return never.has(inside.split(sep)[0] ?? "") && inside !== settings.at(-1) && inside !== "node_modules"
}

/**
 * The paths that decide on a graph: sources of its build, YAML files that it read, and where its files are or would be.
 * A folder stands for all that is in it.
 *
 * A link stands beside what it leads to: either may change.
 */
export const placesOf = (
  root: string,
  sources: Iterable<string>,
  graph: Pick<Graph, "nodes" | "read"> | undefined,
): ReadonlyArray<string> => {
  const places = new Set(settings.map((name) => join(root, name)))
  for (const source of sources) {
    const inside = isIn(root, source) ? relative(root, source).split(sep) : undefined
    if (inside === undefined) { if (!source.includes(`${sep}node_modules${sep}`)) places.add(source) }
    else if (!never.has(inside[0] ?? "")) places.add(inside.length > 1 ? join(root, inside[0] ?? "") : source)
  }
  for (const name of graph?.read ?? []) places.add(resolve(root, name))
  for (const set of setsOf(graph)) for (const place of placesOfSet(set)) places.add(place)
  const all = new Set<string>()
  for (const place of places) throughLinks(place, all)
  // What is in a folder that is watched is watched with it, where no link is on the way.
  return [...all].filter((place) => ![...all].some((other) => other !== place && covers(other, place))).toSorted()
}

/** The file sets of a graph, each once. */
export const setsOf = (graph: Pick<Graph, "nodes"> | undefined): ReadonlyArray<FileSet> => {
  const sets = new Map<string, FileSet>()
  for (const { inputs } of graph?.nodes.values() ?? []) {
    for (const wire of inputs.values()) {
      if (wire._tag === "Files") sets.set(JSON.stringify([wire.set.base, wire.set.names]), wire.set)
    }
  }
  return [...sets.values()]
}

/** Where the files of a set are, or would be: in a folder, or in an archive of its name. */
export const placesOfSet = ({ base, names, elsewhere }: FileSet): ReadonlyArray<string> =>
  [undefined, ...elsewhere?.places ?? []].flatMap((place) =>
    names.flatMap((name) => {
      const at = elsewhere !== undefined && place !== undefined && name.startsWith(`${elsewhere.folder}/`)
        ? `${place}${name.slice(elsewhere.folder.length)}`
        : name
      const [first = "", ...rest] = at.split("/").filter((part) => part !== "" && part !== ".")
      if (rest.length > 0) return [join(base, first), join(base, `${first}.zip`)]
      return [first.includes("*") ? base : join(base, first)]
    })
  )

/** Whether a path is a folder, or in it. */
export const isIn = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)

/** Whether watching a folder shows what happens to a path: it is in it, and neither is a link. */
const covers = (folder: string, path: string): boolean => isIn(folder, path) && isFolder(folder)

const kindOf = (path: string): "folder" | "link" | "file" | undefined => {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats === undefined
    ? undefined
    : stats.isSymbolicLink()
    ? "link"
    : stats.isDirectory()
    ? "folder"
    : "file"
}

const isFolder = (path: string): boolean => kindOf(path) === "folder"

/** Links lead on to links, but not for ever. */
const MOST_LINKS = 40

/** A folder of a corpus may hold a link for each document; more than so many entries are not looked through. */
const MOST_ENTRIES = 20_000

/** Adds every link on the way to a path, and the path that they lead to, there or not; of a folder the links in it too. */
const throughLinks = (path: string, found: Set<string>): void => {
  let at = parse(path).root
  const rest = parts(path)
  for (let links = 0; links < MOST_LINKS;) {
    const next = rest.shift()
    if (next === undefined) break
    const here = join(at, next)
    const led = kindOf(here) === "link" ? linkAt(here) : undefined
    if (led === undefined) {
      at = here
      continue
    }
    links++
    found.add(here)
    const target = resolve(dirname(here), led)
    at = parse(target).root
    rest.unshift(...parts(target))
  }
  const real = join(at, ...rest)
  // Links lead in circles, too.
  if (found.has(real)) return
  found.add(real)
  if (isFolder(real)) { for (const target of targetsIn(real)) throughLinks(target, found) }
}

const parts = (path: string): Array<string> =>
  path.slice(parse(path).root.length).split(sep).filter((part) => part !== "")

/** Where a link leads to; undefined where it went meanwhile, of which its folder tells. */
const linkAt = (path: string): string | undefined => absentAs(() => readlinkSync(path), undefined)

/** What the links in a folder lead to outside of it; what goes while it is looked at leads nowhere. */
const targetsIn = (folder: string): ReadonlyArray<string> =>
  absentAs(() => readdirSync(folder, { recursive: true, withFileTypes: true }), []).slice(0, MOST_ENTRIES)
    .filter((entry) => entry.isSymbolicLink() && !entry.parentPath.includes(`${sep}node_modules`))
    .flatMap((entry) => {
      const led = linkAt(join(entry.parentPath, entry.name))
      return led === undefined ? [] : [resolve(entry.parentPath, led)]
    })
    .filter((target) => !isIn(folder, target))
