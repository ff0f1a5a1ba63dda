import { existsSync, renameSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { rolldown } from "rolldown"
import { compareSources } from "../base/sources.ts"
import type { Engine, Program } from "../cli/library.ts"
import { build, type BuildRecord, bundling } from "./build.ts"
import { currentBuild } from "./current.ts"

export type { Engine, EngineEvent, Planned, Ran, RunHow, Selected } from "../cli/library.ts"

/**
 * Opens the project in a folder, which has a `dag.config.ts`: for programs that plan, run and read results without the
 * command line. The project is built where its sources changed. Rejects where they do not build.
 */
export const open = async (folder: string): Promise<Engine> => {
  const root = resolve(folder)
  const packageRoot = dirname(dirname(import.meta.dirname))
  if (!existsSync(join(root, "dag.config.ts"))) throw new Error(`there is no dag.config.ts in ${root}`)
  for (let tries = 1;; tries++) {
    const record = currentBuild(root, packageRoot) ?? await build(root, packageRoot)
    const file = join(root, "dist", record.id, "engine", "engine.mjs")
    if (!existsSync(file)) await bundle(record, file)
    // An edit meanwhile would give a build the name of which it does not deserve.
    if (compareSources(record.sources) !== "changed" || tries === 5) {
      const { openEngine } = await import(pathToFileURL(file).href) as {
        readonly openEngine: (program: Omit<Program, "load">) => Promise<Engine>
      }
      const folder = join(root, "dist", record.id)
      return openEngine({ root, build: folder, program: join(folder, "main.mjs") })
    }
  }
}

/** Bundles the engine with the project's configuration beside a build, which the command line goes without. */
const bundle = async ({ root, packageRoot }: BuildRecord, file: string): Promise<void> => {
  const draft = `${dirname(file)}-${process.pid}`
  const source = [
    `import { engineOf } from ${JSON.stringify(join(packageRoot, "pipeline/cli/library.ts"))}`,
    `import * as config from ${JSON.stringify(join(root, "dag.config.ts"))}`,
    "export const openEngine = (program) => engineOf({ ...program, load: async () => config })",
  ].join("\n")
  const made = await rolldown({
    ...bundling(packageRoot),
    input: { engine: "\0redag-engine" },
    plugins: [{
      name: "entries",
      resolveId: { filter: { id: /^\0redag-engine$/u }, handler: (id) => id },
      load: { filter: { id: /^\0redag-engine$/u }, handler: () => source },
    }],
  })
  await made.write({ dir: draft, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" })
  await made.close()
  try {
    renameSync(draft, dirname(file))
  } catch (thrown) {
    // Another process was faster.
    if (!existsSync(file)) throw thrown
  }
}
