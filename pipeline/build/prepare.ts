/** Builds `dist/dag.js`, the launcher, and the first build of this project; `npm ci` runs it. */
import { chmodSync } from "node:fs"
import { dirname, join } from "node:path"
import { rolldown } from "rolldown"
import { build } from "./build.ts"

const root = dirname(dirname(import.meta.dirname))

const bundle = await rolldown({
  input: { dag: join(root, "pipeline/build/launcher.ts") },
  platform: "node",
  external: [/^rolldown/u],
})
await bundle.write({ dir: join(root, "dist"), format: "esm", entryFileNames: "dag.js", chunkFileNames: "builder.js" })
await bundle.close()
chmodSync(join(root, "dist/dag.js"), 0o755)

await build(root, root)
