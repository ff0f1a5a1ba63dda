import { readFileSync, statSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { ONNXRUNTIME, wheels } from "./wheels.ts"

/** Where the libraries are: `DAG_ENGINES`, or the folder for caches of the user. Nothing is in it that `add` cannot bring again. */
export const cudaFolder = (environment: Readonly<Record<string, string | undefined>> = process.env): string => {
  const { DAG_ENGINES: named = "", XDG_CACHE_HOME: caches = "" } = environment
  const engines = named === "" ? join(caches === "" ? join(homedir(), ".cache") : caches, "redag", "engines") : named
  return join(engines, `cuda-${ONNXRUNTIME}`)
}

/** The folder of the addon, with the libraries beside it. */
export const addonFolder = (folder: string): string =>
  join(folder, "node_modules/onnxruntime-node/bin/napi-v6/linux/x64")

/** The file that is written last: what is installed, by name its version; and the size in bytes of each library. */
export interface Manifest {
  readonly versions: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, number>>
}

export const manifestFile = (folder: string): string => join(folder, "engine.json")

/** How the installation stands. */
export type Installation =
  | { readonly _tag: "Absent" }
  /** A file is gone or has another size, or another release is there than this one asks for. */
  | { readonly _tag: "Damaged"; readonly what: string }
  | { readonly _tag: "Installed"; readonly manifest: Manifest; readonly bytes: number }

/** Looks at every file, by its size: their digests were checked when they came. */
export const installationIn = (folder: string): Installation => {
  const manifest = readManifest(manifestFile(folder))
  if (manifest === undefined) return { _tag: "Absent" }
  const other = wheels.find(({ name, version }) => manifest.versions[name] !== version)
  if (other !== undefined) return { _tag: "Damaged", what: `${other.name} ${other.version}` }
  const wrong = Object.entries(manifest.files).find(([name, size]) => sizeOf(join(addonFolder(folder), name)) !== size)
  if (wrong !== undefined) return { _tag: "Damaged", what: wrong[0] }
  const bytes = Object.values(manifest.files).reduce((total, size) => total + size, 0)
  return { _tag: "Installed", manifest, bytes }
}

const readManifest = (path: string): Manifest | undefined => {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Manifest
  } catch {
    return undefined
  }
}

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size
