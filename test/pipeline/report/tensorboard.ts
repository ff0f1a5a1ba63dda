/**
 * The Python that reads event files as TensorBoard does. `node test/pipeline/report/tensorboard.ts` installs it into
 * node_modules/.cache from whatever package index pip is set to use; `DAG_TENSORBOARD_PYTHON` names another one.
 */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"

const PACKAGES = ["tensorboard==2.20.0", "setuptools<81"]

const folder = join(import.meta.dirname, "../../../node_modules/.cache/redag-tensorboard")

/** A Python that can import tensorboard; undefined where none is installed. */
export const tensorboardPython = (): string | undefined =>
  [process.env["DAG_TENSORBOARD_PYTHON"] ?? "", join(folder, "bin/python")].find(
    (path) => existsSync(path) && imports(path),
  )

const imports = (python: string): boolean => {
  try {
    execFileSync(python, ["-c", "import tensorboard"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

if (import.meta.main) {
  execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" })
  execFileSync(join(folder, "bin/python"), ["-m", "pip", "install", "--quiet", ...PACKAGES], { stdio: "inherit" })
  process.stdout.write(`${tensorboardPython() ?? "tensorboard still cannot be imported"}\n`)
}
