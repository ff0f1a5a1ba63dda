import { hash } from "node:crypto"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { noteSources, type SourceStates } from "../base/sources.ts"

/** The rooms of redag whose code makes the build of a project. */
const rooms = ["base", "identity", "build"] as const

/** The files of redag that decide on what is made of a project's sources. */
export const builderFiles = (packageRoot: string): ReadonlyArray<string> =>
  rooms.flatMap((room) => {
    const folder = join(packageRoot, "pipeline", room)
    return readdirSync(folder).filter((name) => name.endsWith(".ts")).map((name) => join(folder, name))
  })

/** One digest of the builder's files, as they were noted among others. */
export const builderIn = ({ files }: SourceStates, packageRoot: string): string =>
  hash("sha256", builderFiles(packageRoot).toSorted().map((file) => files[file]?.digest ?? "").join("\n"))

/** One digest of the builder's files as they are now. */
export const builderNow = (packageRoot: string): string =>
  builderIn(noteSources(builderFiles(packageRoot)), packageRoot)

/** Sources of redag changed since this process loaded the builder: what it makes of them is not what they say. */
export class OldBuilder extends Error {
  constructor() {
    super("redag changed while it was running; start this again")
  }
}
