import { spawnSync } from "node:child_process"
import { join } from "node:path"

/** Installs Slurm before the slow suites, where that can be done; where it cannot, the tests that need it are skipped. */
export const setup = (): void => {
  const { error, status, stderr } = spawnSync(join(import.meta.dirname, "install.sh"), { encoding: "utf8" })
  if (status === 0) return
  const why = error?.message ?? (stderr.trim().split("\n").at(-1) || `install.sh ended with ${status}`)
  process.stderr.write(`Slurm could not be installed, its tests are skipped: ${why}\n`)
}
