import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { madeOfSteadyFiles, noteSources, type SourceStates } from "../base/sources.ts"
import { builderFiles, builderNow } from "./builder.ts"

/** What `dist/tool.json` says: the files that the `dag` command was bundled from, and where redag stood. */
export interface ToolRecord {
  readonly packageRoot: string
  readonly sources: SourceStates
}

/** Parts of earlier commands stay for a while: one that has just been started may not have loaded them all. */
const longMs = 3600 * 1000

/** Bundles the `dag` command: the launcher, and the builder that it loads when a project is to be built. */
export const bundleTool = async (packageRoot: string): Promise<void> => {
  const { output, sources } = await madeOfSteadyFiles(() => bundled(packageRoot))
  publish(join(packageRoot, "dist"), output, { packageRoot, sources })
}

/** The text of every file of the command, and what they were made of. */
const bundled = async (
  packageRoot: string,
): Promise<{ readonly output: ReadonlyMap<string, string>; readonly sources: SourceStates }> => {
  const builder = builderNow(packageRoot)
  const bundle = await rolldown({
    input: { dag: join(packageRoot, "pipeline/build/launcher.ts") },
    platform: "node",
    external: [/^rolldown/u],
    onLog: () => undefined,
    plugins: [{
      name: "loaded-builder",
      load: {
        filter: { id: /[\\/]pipeline[\\/]build[\\/]loaded-builder\.ts$/u },
        handler: () => `export const loadedBuilder = ${JSON.stringify(builder)}`,
      },
    }],
  })
  const { output } = await bundle.generate({
    format: "esm",
    entryFileNames: "dag.js",
    chunkFileNames: "builder-[hash].js",
  })
  const files = await bundle.watchFiles
  await bundle.close()
  return {
    output: new Map(output.flatMap((each) => (each.type === "chunk" ? [[each.fileName, each.code] as const] : []))),
    sources: noteSources([...files.filter((file) => !file.startsWith("\0")), ...builderFiles(packageRoot)]),
  }
}

/** Puts the command in the place of the one before, whole at every moment: what it loads first, its record last. */
const publish = (dist: string, output: ReadonlyMap<string, string>, record: ToolRecord): void => {
  mkdirSync(dist, { recursive: true })
  const write = (name: string, text: string): void => {
    const temporary = join(dist, `${name}.${process.pid}`)
    writeFileSync(temporary, text)
    if (name === "dag.js") chmodSync(temporary, 0o755)
    renameSync(temporary, join(dist, name))
  }
  const parts = [...output].filter(([name]) => name !== "dag.js")
  for (const [name, text] of parts) write(name, text)
  write("dag.js", output.get("dag.js") ?? "")
  write("tool.json", JSON.stringify(record))
  for (const name of readdirSync(dist)) {
    if (!/^(?:builder.*\.js|.*\.\d+)$/u.test(name) || output.has(name)) continue
    const written = statSync(join(dist, name), { throwIfNoEntry: false })?.mtimeMs
    if (written !== undefined && Date.now() - written > longMs) rmSync(join(dist, name), { force: true })
  }
}
