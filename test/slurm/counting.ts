import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import type { Variables } from "../rig/project.ts"
import { programOf } from "./daemon.ts"

const programs = ["sbatch", "squeue", "scancel", "scontrol", "sinfo"] as const

/** A command of Slurm. */
export type Program = (typeof programs)[number]

/** Notes which commands of Slurm are called by what runs with these variables. */
export interface Counting {
  readonly variables: Variables
  /** When a command was called since this was last forgotten, in seconds, in order. */
  readonly calls: (program: Program) => ReadonlyArray<number>
  readonly forget: () => void
}

/** Makes programs in a folder that note their call, and then become Slurm's own of the same name. */
export const countingIn = (folder: string): Counting => {
  mkdirSync(folder, { recursive: true })
  const log = join(folder, "calls")
  for (const name of programs) {
    const path = join(folder, name)
    writeFileSync(
      path,
      // To ask for the version is no call of the cluster.
      `#!/bin/sh\n[ "$1" = --version ] || echo "${name} $(date +%s.%N)" >> '${log}'\nexec '${
        programOf(name) ?? name
      }' "$@"\n`,
    )
    chmodSync(path, 0o755)
  }
  return {
    variables: { PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` },
    calls: (program) =>
      (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []).flatMap((line) => {
        const [name, at] = line.split(" ")
        return name === program ? [Number(at)] : []
      }),
    forget: () => {
      rmSync(log, { force: true })
    },
  }
}
