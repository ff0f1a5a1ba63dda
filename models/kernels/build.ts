/**
 * Compiles `assembly/kernels.ts` into `binary.ts`, which is kept with the sources so that nothing has to be compiled to
 * run redag. Run as `npm run kernels`; a test holds the two together.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// A program of its own: its types would declare AssemblyScript's arrays and strings for the whole project.
const compiler = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js")

/** The text of `binary.ts` for the kernels as they are written now; the compiler prints its errors itself. */
export const compileKernels = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "redag-kernels-"))
  try {
    const made = join(folder, "kernels.wasm")
    const options = ["--enable", "simd", "-O3", "--noAssert", "--runtime", "stub"]
    execFileSync(process.execPath, [compiler, "kernels.ts", "--outFile", made, ...options], {
      cwd: at("assembly"),
      stdio: ["ignore", "ignore", "inherit"],
    })
    const text = readFileSync(made).toString("base64")
    return `/** WebAssembly of assembly/kernels.ts, made by build.ts. */\nexport const binary =\n  "${text}"\n`
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(at("binary.ts"), compileKernels())
