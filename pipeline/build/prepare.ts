/** Builds `dist/dag.js`, the launcher, and the first build of this project; `npm ci` runs it. */
import { dirname } from "node:path"
import { build } from "./build.ts"
import { bundleTool } from "./tool.ts"

const root = dirname(dirname(import.meta.dirname))

await bundleTool(root)
await build(root, root)
