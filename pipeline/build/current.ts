import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { compareSources, notedAgain, type SourceStates } from "../base/sources.ts"
import type { BuildRecord } from "./build.ts"
import type { ToolRecord } from "./tool.ts"

/** The build of a project, where it stands now, of its sources as they are now; undefined where there is none. */
export const currentBuild = (root: string, packageRoot: string): BuildRecord | undefined =>
  currentRecord<BuildRecord>(
    join(root, "dist/build.json"),
    // A copied folder brings along the build of the folder that it was copied from.
    (record) =>
      record.root === root && record.packageRoot === packageRoot
      && existsSync(join(root, "dist", record.id, "main.mjs")),
  )

/** Whether the command was bundled from redag's sources as they are now. */
export const isCurrentTool = (packageRoot: string): boolean =>
  // A copied folder brings along the command of the folder that it was copied from, and says its files.
  currentRecord<ToolRecord>(join(packageRoot, "dist/tool.json"), (record) => record.packageRoot === packageRoot)
    !== undefined

/** What a record says was made, where that is here and of files as they are now; undefined where it is not. */
const currentRecord = <Made extends { readonly sources: SourceStates }>(
  file: string,
  isHere: (record: Made) => boolean,
): Made | undefined => {
  try {
    const record = JSON.parse(readFileSync(file, "utf8")) as Made
    if (!isHere(record)) return undefined
    const sources = compareSources(record.sources)
    if (sources === "changed") return undefined
    if (sources === "touched") noteAgain(file, record)
    return record
  } catch {
    return undefined
  }
}

/** Notes the files that something was made of as they are now, so that the next start need not read them. */
const noteAgain = (file: string, record: { readonly sources: SourceStates }): void => {
  const sources = notedAgain(record.sources)
  if (sources === undefined) return
  const temporary = `${file}.${process.pid}`
  try {
    writeFileSync(temporary, JSON.stringify({ ...record, sources }))
    renameSync(temporary, file)
  } catch {
    // Where nothing can be written, files are read at each start.
  }
}
