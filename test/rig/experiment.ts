import { cpSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { Project, repository } from "./project.ts"

/** A copy of the experiment itself, with a store of its own: what a user has after cloning the repository. */
export const copyOfExperiment = (): Project =>
  new Project((root) => {
    for (
      const name of [
        "pipeline",
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
