import { cpSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { Project, repository } from "./project.ts"

/** A copy of the experiment without the engine, which is the repository's, and with a store of its own. */
export const copyOfExperiment = (): Project =>
  new Project("experiment", (root) => {
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

/** Makes the demo as small as it can be: one corpus, two models and no other row, and as few steps as there can be. */
export const shrinkDemo = (project: Project): void => {
  project.write("experiment/rows.yaml", "{}\n")
  project.edit("experiment/demo.ts", "\"full\": 400", "\"full\": 2")
  project.edit("experiment/demo.ts", "fromEpoch: 12", "fromEpoch: 1")
  project.edit("experiment/demo.ts", "maxNewTokens: 128", "maxNewTokens: 8")
  const demo = project.read("experiment/demo.ts").split("\n")
  project.write("experiment/demo.ts", demo.filter((line) => !/name: "(?:t5|bart|gpt-neo)-mini"/u.test(line)).join("\n"))
  const files = project.read("experiment/files.yaml")
  const [cdr = "", ...others] = files.split(/^(?=(?!cdr:)[a-z]+:)/mu)
  project.write(
    "experiment/files.yaml",
    [cdr, ...others.map((one) => one.replace(/^ {2}bundled:\n(?: {4}.*\n)*/mu, ""))].join(""),
  )
}
