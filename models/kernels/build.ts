/**
 * Compiles `assembly/kernels.ts` into `binary.ts`, which is kept with the sources so that nothing has to be compiled to
 * run redag. Run as `npm run kernels`; a test holds the two together.
 */
import { main } from "assemblyscript/asc"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The text of `binary.ts` for the kernels as they are written now. Throws with the compiler's error as cause. */
export const compileKernels = async (): Promise<string> => {
  const source = readFileSync(at("assembly/kernels.ts"), "utf8")
  let bytes: Uint8Array | undefined
  const { error } = await main(
    ["kernels.ts", "--outFile", "kernels.wasm", "--enable", "simd", "-O3", "--noAssert", "--runtime", "stub"],
    {
      readFile: (name) => name === "kernels.ts" ? source : null,
      writeFile: (_, contents) => {
        if (contents instanceof Uint8Array) bytes = contents
      },
      listFiles: () => [],
    },
  )
  if (error !== null || bytes === undefined) throw new Error("the kernels do not compile", { cause: error })
  return `/** WebAssembly of assembly/kernels.ts, made by build.ts. */\nexport const binary =\n  "${
    Buffer.from(bytes).toString("base64")
  }"\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(at("binary.ts"), await compileKernels())
