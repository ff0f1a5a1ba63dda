import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { chooseFiles, isIndex, shardsOf } from "./choose.ts"
import { HubError } from "./errors.ts"

/**
 * The names of the files in a folder that a model is read from, one form of its weights among them; undefined where the
 * folder is not there or holds no whole model.
 */
export const modelFilesIn = (folder: string): readonly string[] | undefined => {
  try {
    const { companions, weights } = chooseFiles(folder, readdirSync(folder))
    const shards = isIndex(weights) ? shardsOf(folder, weights, readFileSync(join(folder, weights), "utf8")) : []
    return [...companions, weights, ...shards]
  } catch (cause) {
    if (cause instanceof HubError || (cause instanceof Error && "code" in cause)) return undefined
    throw cause
  }
}
