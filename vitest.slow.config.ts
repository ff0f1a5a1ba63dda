import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

/** Files of `npm test` of which some tests run here alone, or do what they do more often: they say so by test/rig/often.ts. */
const thorough = globSync("test/**/*.test.ts", { cwd: import.meta.dirname }).filter((file) =>
  readFileSync(join(import.meta.dirname, file), "utf8").includes("/rig/often.ts\"")
)

/** The suites that take minutes: whole profiles, and the stage that is killed again and again. */
export default defineConfig({
  resolve: { alias: { redag: fileURLToPath(new URL("pipeline/index.ts", import.meta.url)) } },
  test: {
    include: ["test/**/*.slow.test.ts", ...thorough],
    env: { RIG_THOROUGH: "1" },
    testTimeout: 40 * 60_000,
    hookTimeout: 10 * 60_000,
    globalSetup: ["test/rig/build.ts", "test/slurm/setup.ts", "test/remote/setup.ts"],
    // Much of it waits for a cluster's clock.
    maxWorkers: 2,
  },
})
