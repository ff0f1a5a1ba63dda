import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { modelFilesIn } from "./folder.ts"
import { type HubEnvironment, hubFolders } from "./settings.ts"

/**
 * Whether a repository's model stands in the cache that Hugging Face's tools share, at the commit that a branch or tag
 * last was. Only for saying what a download will be: whoever downloads looks for itself.
 */
export const isCached = (repository: string, revision: string, environment: HubEnvironment): boolean => {
  const folder = join(hubFolders(environment).cache, ["models", ...repository.split("/")].join("--"))
  const snapshots = join(folder, "snapshots")
  const commit = orUndefined(() => readFileSync(join(folder, "refs", revision), "utf8").trim())
  const commits = commit === undefined ? orUndefined(() => readdirSync(snapshots)) ?? [] : [commit]
  return commits.some((each) => modelFilesIn(join(snapshots, each)) !== undefined)
}

const orUndefined = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}
