import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

export default defineConfig({
  resolve: { alias: { redag: fileURLToPath(new URL("pipeline/index.ts", import.meta.url)) } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.slow.test.ts", "test/**/*.engine.test.ts"],
    // For tests that hang alone: a test may take as long as a busy machine makes it take.
    testTimeout: 10 * 60_000,
    hookTimeout: 10 * 60_000,
    globalSetup: ["test/rig/build.ts"],
    // The machine's cores are few, and the tests that matter start processes of their own.
    maxWorkers: 2,
  },
})
