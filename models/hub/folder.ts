import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { HubError } from "./errors.ts"
import { chooseFiles, isIndex, type Parts, shardsOf } from "./model-files.ts"

/**
 * The names of the files in a folder that a model is read from, one form of its weights among them if all parts are
 * wanted; undefined where the folder is not there or has not all that is wanted.
 */
export const modelFilesIn = (folder: string, parts: Parts = "all"): readonly string[] | undefined => {
  try {
    const { companions, weights } = chooseFiles(folder, readdirSync(folder), parts)
    if (weights === undefined) return companions
    return [...companions, weights, ...isIndex(weights) ? shardsIn(folder, weights) : []]
  } catch (cause) {
    return unlessHub(cause, undefined)
  }
}

/** The shards that an index names; none where it is broken, which whoever reads the weights says better. */
const shardsIn = (folder: string, index: string): readonly string[] => {
  try {
    return shardsOf(folder, index, readFileSync(join(folder, index), "utf8"))
  } catch (cause) {
    return unlessHub(cause, [])
  }
}

const unlessHub = <A>(cause: unknown, otherwise: A): A => {
  if (cause instanceof HubError || (cause instanceof Error && "code" in cause)) return otherwise
  throw cause
}
