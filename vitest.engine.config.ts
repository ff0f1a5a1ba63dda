import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

/** The suites that show that the store and the engine can be trusted; they print what they counted as tables. */
export default defineConfig({
  resolve: { alias: { redag: fileURLToPath(new URL("pipeline/index.ts", import.meta.url)) } },
  test: {
    include: ["test/engine/**/*.engine.test.ts"],
    reporters: ["default", "./test/engine/reporter.ts"],
    testTimeout: 60 * 60_000,
    hookTimeout: 60 * 60_000,
    globalSetup: ["test/rig/build.ts"],
    maxWorkers: 2,
  },
})
