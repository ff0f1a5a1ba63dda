import { chmodSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { noteSources, type SourceStates } from "../base/sources.ts"

/** Where a copy of redag notes the files that its `dag` command was bundled from. */
export const toolRecord = (packageRoot: string): string => join(packageRoot, "dist/tool.json")

/** Bundles the `dag` command: the launcher, and the builder that it loads when a project is to be built. */
export const bundleTool = async (packageRoot: string): Promise<void> => {
  const dist = join(packageRoot, "dist")
  const bundle = await rolldown({
    input: { dag: join(packageRoot, "pipeline/build/launcher.ts") },
    platform: "node",
    external: [/^rolldown/u],
    onLog: () => undefined,
  })
  await bundle.write({ dir: dist, format: "esm", entryFileNames: "dag.js", chunkFileNames: "builder.js" })
  const files = await bundle.watchFiles
  await bundle.close()
  chmodSync(join(dist, "dag.js"), 0o755)
  const record: SourceStates = noteSources(files.filter((file) => !file.startsWith("\0")))
  const temporary = `${toolRecord(packageRoot)}.${process.pid}`
  writeFileSync(temporary, JSON.stringify(record))
  renameSync(temporary, toolRecord(packageRoot))
}
