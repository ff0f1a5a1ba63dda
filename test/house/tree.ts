import { readdirSync, readFileSync, statSync } from "node:fs"
import { join, resolve } from "node:path"

/** Source files by their path below the repository, with "/" between folders. */
export type Tree = ReadonlyMap<string, string>

export const repository = resolve(import.meta.dirname, "../..")

/** The folders and files of the repository that hold code. */
const areas = [
  "schemas",
  "pipeline",
  "models",
  "stages",
  "experiment",
  "page",
  "bundled",
  "bench",
  "test",
  "dag.config.ts",
]

/** Code that another compiler reads (AssemblyScript), and the tests' own small projects. */
const foreign: ReadonlySet<string> = new Set([
  "models/kernels/assembly",
  "test/rig/fixture",
  "test/identity/project",
])

/** All TypeScript and JavaScript files of the repository. */
export const readTree = (root = repository): Tree => {
  const tree = new Map<string, string>()
  const visit = (path: string): void => {
    if (foreign.has(path)) return
    if (statSync(join(root, path)).isDirectory()) {
      for (const name of readdirSync(join(root, path)).sort()) visit(`${path}/${name}`)
    } else if (/\.[cm]?[jt]sx?$/u.test(path)) tree.set(path, readFileSync(join(root, path), "utf8"))
  }
  areas.forEach(visit)
  return tree
}
