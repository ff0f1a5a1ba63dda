import { spawnSync } from "node:child_process"
import { join } from "node:path"

/** Installs servers for remotes before the slow suites; where that cannot be done, the tests that need them are skipped. */
export const setup = (): void => {
  const { error, status, stderr } = spawnSync(join(import.meta.dirname, "install.sh"), { encoding: "utf8" })
  if (status === 0) return
  const why = error?.message ?? (stderr.trim().split("\n").at(-1) || `install.sh ended with ${status}`)
  process.stderr.write(`moto and sshd could not be installed, the tests that need them are skipped: ${why}\n`)
}
