/**
 * Completes package-lock.json. Run as `npm run lockfile` after changing a dependency.
 *
 * A registry mirror may lack the optional binaries of platforms it does not serve; npm then leaves them out of the lock
 * file and `npm ci` refuses that file everywhere.
 *
 * `allowScripts` in package.json forbids some install scripts, which npm 10 does not know. It runs no script of a
 * package that has none by the lock file, so the lock file says that of the forbidden ones.
 */
import { readFileSync, writeFileSync } from "node:fs"

interface Entry {
  version?: string
  optional?: boolean
  os?: ReadonlyArray<string>
  cpu?: ReadonlyArray<string>
  hasInstallScript?: boolean
  optionalDependencies?: Record<string, string>
}

const operatingSystems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
]
const processors = ["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x", "loong64", "wasm32"]

const path = new URL("../../package-lock.json", import.meta.url)
const lock = JSON.parse(readFileSync(path, "utf8")) as { packages: Record<string, Entry> }

let added = 0
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`
    if (lock.packages[key] !== undefined) continue
    const words = name.replace("win32", " win32 ").split(/[^a-z0-9]+/u)
    const os = operatingSystems.find((system) => words.includes(system))
    const cpu = processors.find((processor) => words.some((word) => word === processor))
      ?? (words.includes("ppc64le") ? "ppc64" : "arm")
    // A package for no named system (wasm32-wasi) is for machines that npm recognises by `cpu` alone.
    lock.packages[key] = { version, optional: true, ...(os === undefined ? {} : { os: [os] }), cpu: [cpu] }
    added++
  }
}

const { allowScripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  allowScripts: Readonly<Record<string, boolean>>
}
for (const [name, allowed] of Object.entries(allowScripts)) {
  const entry = lock.packages[`node_modules/${name}`]
  if (!allowed && entry !== undefined) delete entry.hasInstallScript
}

lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
process.stdout.write(`package-lock.json: ${added} optional packages of other platforms added\n`)
