import { execFileSync } from "node:child_process"
import { cpus, hostname } from "node:os"
import type { Environment } from "../store/record.ts"

/** The machine and the runtime that this process runs on. */
export const environment: Omit<Environment, "commit" | "dirty"> = {
  host: hostname(),
  platform: `${process.platform}-${process.arch}`,
  processor: cpus()[0]?.model ?? "unknown",
  versions: { node: process.versions.node, v8: process.versions.v8 },
}

/** The commit of the project and whether files that git tracks differ from it; null outside git. */
export const commitOf = (root: string): Pick<Environment, "commit" | "dirty"> => {
  const git = (...words: ReadonlyArray<string>) =>
    execFileSync("git", words, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
  try {
    return { commit: git("rev-parse", "HEAD"), dirty: git("status", "--porcelain", "--untracked-files=no") !== "" }
  } catch {
    return { commit: null, dirty: false }
  }
}
