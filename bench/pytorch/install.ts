/**
 * The Python that the benches run PyTorch with. `node bench/pytorch/install.ts` installs it and prints its versions.
 *
 * `DAG_PYTHON` may name a python that has torch and transformers. Otherwise a virtual environment is made in the folder
 * `DAG_BENCH_PYTHON`, or in node_modules/.cache, from whatever package index pip is set to use. On Linux with x86-64
 * PyPI's torch is the build that also knows CUDA, a download of some gigabytes; it computes the same on the CPU. Where
 * pip finds a build for the CPU alone (`PIP_EXTRA_INDEX_URL`, `PIP_FIND_LINKS`), it takes that.
 */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"

const PACKAGES = ["torch==2.13.0", "transformers==5.23.0", "numpy"]

/** A Python that can import torch and transformers. */
export interface BenchPython {
  readonly path: string
  readonly versions: { readonly python: string; readonly torch: string; readonly transformers: string }
}

/** Finds the Python of the benches, or installs it, which is told on stderr. */
export const benchPython = (): BenchPython => {
  const named = process.env["DAG_PYTHON"]
  const known = named === undefined ? undefined : versionsOf(named)
  if (named !== undefined && known !== undefined) return { path: named, versions: known }
  if (named !== undefined) process.stderr.write(`DAG_PYTHON ${named} has no torch and transformers: it is not used\n`)

  const root = dirname(dirname(import.meta.dirname))
  const folder = process.env["DAG_BENCH_PYTHON"] ?? join(root, "node_modules", ".cache", "redag-bench-python")
  const path = process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python")
  const installed = existsSync(path) ? versionsOf(path) : undefined
  if (installed !== undefined) return { path, versions: installed }
  process.stderr.write(`installing ${PACKAGES.join(", ")} into ${folder}\n`)
  const run = (command: string, args: readonly string[]): unknown =>
    execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] })
  run(process.platform === "win32" ? "python" : "python3", ["-m", "venv", folder])
  run(path, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...PACKAGES])
  const versions = versionsOf(path)
  if (versions === undefined) throw new Error(`${path} still cannot import torch and transformers`)
  return { path, versions }
}

/** Undefined where one of the packages is missing. */
const versionsOf = (python: string): BenchPython["versions"] | undefined => {
  const program = "import json, platform, torch, transformers\n"
    + "print(json.dumps(dict(python=platform.python_version(), torch=torch.__version__, "
    + "transformers=transformers.__version__)))"
  try {
    const output = execFileSync(python, ["-c", program], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
    return JSON.parse(output) as BenchPython["versions"]
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  const { path, versions: { python, torch, transformers } } = benchPython()
  process.stdout.write(`${path}\nPython ${python}, torch ${torch}, transformers ${transformers}\n`)
}
