import { cpSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { Project, repository } from "./project.ts"

/** A copy of the experiment without the engine, which is the repository's, and with a store of its own. */
export const copyOfExperiment = (): Project =>
  new Project((root) => {
    for (
      const name of [
        "stages",
        "models",
        "schemas",
        "experiment",
        "bundled",
        "dag.config.ts",
        "package.json",
      ]
    ) {
      cpSync(join(repository, name), join(root, name), { recursive: true })
    }
    symlinkSync(join(repository, "node_modules"), join(root, "node_modules"))
  })
