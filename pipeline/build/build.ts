import { hash } from "node:crypto"
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { accountOfModules } from "./modules.ts"

/** Native packages and the bundler itself are loaded from node_modules; everything else is bundled. */
const external = [/^onnxruntime-node/u, /^@tensorflow\//u, /^@resvg\//u, /^rolldown/u]

/** A build that nothing used for this long is removed. */
const weekMs = 7 * 24 * 3600 * 1000

/** What `dist/build.json` says: which build is current, and the sources it was made from. */
export interface BuildRecord {
  readonly id: string
  /** Where the project and redag stood: the bundle has both paths in it. */
  readonly root: string
  readonly packageRoot: string
  readonly sources: Readonly<Record<string, string>>
}

/**
 * Bundles the tool with a project's `dag.config.ts` and stages into `dist/<id>/`, and makes that build current.
 *
 * One program starts in a fraction of the time that loading a few hundred modules takes. Older builds stay for a
 * while, since runs in progress still load from them.
 */
export const build = async (root: string, packageRoot: string): Promise<BuildRecord> => {
  const { plugin, seen } = accountOfModules(root, packageRoot)
  const entry = "\0redag-main"
  const bundle = await rolldown({
    input: { main: entry },
    platform: "node",
    external,
    resolve: {
      alias: { redag: join(packageRoot, "pipeline/index.ts") },
      modules: ["node_modules", join(packageRoot, "node_modules")],
    },
    treeshake: true,
    plugins: [
      {
        name: "main",
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) =>
          id === entry
            ? [
              `import { main } from ${JSON.stringify(join(packageRoot, "pipeline/cli/main.ts"))}`,
              `main({ load: () => import(${JSON.stringify(join(root, "dag.config.ts"))}), root: ${
                JSON.stringify(root)
              }, build: import.meta.dirname, program: import.meta.filename })`,
            ].join("\n")
            : undefined,
      },
      plugin,
    ],
  })
  const dist = join(root, "dist")
  const draft = join(dist, `draft-${process.pid}`)
  await bundle.write({
    dir: draft,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
  })
  await bundle.close()
  const { map, sources } = seen()
  writeFileSync(join(draft, "code.json"), JSON.stringify(map))
  const id = hash("sha256", JSON.stringify([root, packageRoot, sources, map])).slice(0, 16)
  const folder = join(dist, id)
  try {
    renameSync(draft, folder)
  } catch (cause) {
    // The same build is there: from before, or from another process that was faster.
    if (!existsSync(folder)) throw cause
    rmSync(draft, { recursive: true })
    utimesSync(folder, new Date(), new Date())
  }

  const record: BuildRecord = { id, root, packageRoot, sources }
  const temporary = join(dist, `build-${process.pid}.json`)
  writeFileSync(temporary, JSON.stringify(record))
  renameSync(temporary, join(dist, "build.json"))
  for (const old of readdirSync(dist)) {
    if (/^(?:[0-9a-f]{16}|draft-\d+)$/u.test(old) && Date.now() - statSync(join(dist, old)).mtimeMs > weekMs) {
      rmSync(join(dist, old), { recursive: true, force: true })
    }
  }
  return record
}
