import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

/** The suites that take minutes: whole profiles, and the stage that is killed again and again. */
export default defineConfig({
  resolve: { alias: { redag: fileURLToPath(new URL("pipeline/index.ts", import.meta.url)) } },
  test: {
    include: ["test/**/*.slow.test.ts"],
    testTimeout: 40 * 60_000,
    hookTimeout: 10 * 60_000,
    globalSetup: ["test/rig/build.ts"],
    maxWorkers: 1,
  },
})
