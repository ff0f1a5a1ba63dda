import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { compareSources, noteSources } from "../base/sources.ts"
import type { BuildRecord } from "./build.ts"

/** The build of a project, where it stands now, of its sources as they are now; undefined where there is none. */
export const currentBuild = (root: string, packageRoot: string): BuildRecord | undefined => {
  const file = join(root, "dist/build.json")
  try {
    const record = JSON.parse(readFileSync(file, "utf8")) as BuildRecord
    // A copied folder brings along the build of the folder that it was copied from.
    if (record.root !== root || record.packageRoot !== packageRoot) return undefined
    if (!existsSync(join(root, "dist", record.id, "main.mjs"))) return undefined
    const sources = compareSources(record.sources)
    if (sources === "changed") return undefined
    if (sources === "touched") noteAgain(file, record)
    return record
  } catch {
    return undefined
  }
}

/** Notes the files of a build as they are now, so that the next start need not read them. */
const noteAgain = (file: string, record: BuildRecord): void => {
  const sources = noteSources(Object.keys(record.sources.files))
  const differs = Object.entries(sources.files).some(([path, { digest }]) =>
    digest !== record.sources.files[path]?.digest
  )
  // Written meanwhile: the next start will see it.
  if (differs) return
  const temporary = `${file}.${process.pid}`
  try {
    writeFileSync(temporary, JSON.stringify({ ...record, sources } satisfies BuildRecord))
    renameSync(temporary, file)
  } catch {
    // Where nothing can be written, files are read at each start.
  }
}
