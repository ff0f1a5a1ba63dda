/**
 * The peers of the engine's bench. `node bench/engine/install.ts` installs them and prints their versions.
 *
 * The workflow tools come from whatever package index pip is set to use, each in a virtual environment of its own: they
 * want different versions of the same packages. Ninja comes from there too; GNU Make is the system's. They stand in the
 * folder `DAG_BENCH_PEERS`, or in node_modules/.cache.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"

/** This repository. */
export const repository = dirname(dirname(import.meta.dirname))

/** The peers that are installed, each with its program. */
const packages = {
  snakemake: "snakemake==9.27.1",
  dvc: "dvc==3.67.1",
  redun: "redun==0.44.1",
  ninja: "ninja==1.13.2",
} as const

export type PeerName = keyof typeof packages | "make"

export const peerNames = ["snakemake", "dvc", "redun", "make", "ninja"] as const satisfies ReadonlyArray<PeerName>

/** A peer that can be started. */
export interface Installed {
  readonly program: string
  readonly version: string
}

const folder = process.env["DAG_BENCH_PEERS"] ?? join(repository, "node_modules/.cache/redag-bench-peers")

/** Finds a peer, or installs it, which is told on stderr; undefined where that cannot be done. */
export const installed = (name: PeerName): Installed | undefined => {
  if (name === "make") return found("make")
  const program = join(folder, name, "bin", name)
  if (existsSync(program)) return found(program)
  process.stderr.write(`installing ${packages[name]} into ${folder}\n`)
  const venv = join(folder, name)
  const steps = [
    ["python3", "-m", "venv", venv],
    [join(venv, "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", packages[name]],
  ] as const
  for (const [command, ...words] of steps) {
    const { status, stderr } = spawnSync(command, words, { encoding: "utf8" })
    if (status === 0) continue
    process.stderr.write(`${name} cannot be installed: ${stderr.trim()}\n`)
    return undefined
  }
  return found(program)
}

const found = (program: string): Installed | undefined => {
  const { status, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" })
  const version = /\d+(?:\.\d+)+/u.exec(stdout ?? "")?.[0]
  return status === 0 && version !== undefined ? { program, version } : undefined
}

if (import.meta.main) {
  for (const name of peerNames) {
    const { version, program } = installed(name) ?? { version: "none", program: "" }
    process.stdout.write(`${name} ${version} ${program}\n`)
  }
}
