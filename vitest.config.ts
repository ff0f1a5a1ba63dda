import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

/**
 * Tests with a process each: libraries keep backends and memory for their whole process, and the engine remembers what
 * files say that it read, by which it finds the line of a value.
 */
const alone = [
  "test/models/{engines,memory}/**/*.test.ts",
  "test/parity/**/*.test.ts",
  "test/experiment/lines.test.ts",
  "test/pipeline/graph/origin.test.ts",
]
/** Who names slow files may run them by this configuration too, as the suite of a network's file system does. */
const slow = process.env["RIG_SLOW"] === "1" ? [] : ["test/**/*.slow.test.ts"]
const otherSuites = [...slow, "test/**/*.engine.test.ts"]

export default defineConfig({
  resolve: { alias: { redag: fileURLToPath(new URL("pipeline/index.ts", import.meta.url)) } },
  test: {
    // For tests that hang alone: a test may take as long as a busy machine makes it take.
    testTimeout: 10 * 60_000,
    hookTimeout: 10 * 60_000,
    globalSetup: ["test/rig/build.ts"],
    // The machine's cores are few, and the tests that matter start processes of their own.
    maxWorkers: 2,
    projects: [
      // Loading the modules of the repository for each file anew takes longer than most of them do.
      {
        extends: true,
        test: { name: "together", include: ["test/**/*.test.ts"], exclude: [...otherSuites, ...alone], isolate: false },
      },
      { extends: true, test: { name: "alone", include: alone, exclude: otherSuites } },
    ],
  },
})
