import { existsSync, readFileSync, realpathSync } from "node:fs"
import { join } from "node:path"

/**
 * The folder of a project's own copy of redag, where that is not the one at `packageRoot`; undefined otherwise.
 *
 * A project is its own copy where it is a checkout of redag, or has one in `node_modules/redag`. One that has none is
 * run by any `dag`.
 */
export const otherCopy = (root: string, packageRoot: string): string | undefined =>
  [root, join(root, "node_modules/redag")].find((folder) =>
    isCopy(folder) && realpathSync(folder) !== realpathSync(packageRoot)
  )

const isCopy = (folder: string): boolean => {
  if (!existsSync(join(folder, "pipeline/index.ts"))) return false
  try {
    const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown }
    return name === "redag"
  } catch {
    return false
  }
}
