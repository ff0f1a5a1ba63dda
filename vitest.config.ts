import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

/** Tests that leave nothing behind in their process: loading the modules of the repository for each anew takes longer than they do. */
const pure = [
  "test/bundled/**/*.test.ts",
  "test/experiment/{authors,departures,results}/**/*.test.ts",
  "test/house/**/*.test.ts",
  "test/models/{checkpoints,generation,ir,patterns,tokenizers}/**/*.test.ts",
  "test/pipeline/{base,cli/text,graph,identity,report,status}/**/*.test.ts",
  "test/stages/{aggregate,compose,ingest,prompt,sample,score,shared,split,template}/**/*.test.ts",
]
const otherSuites = ["test/**/*.slow.test.ts", "test/**/*.engine.test.ts"]

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
      { extends: true, test: { name: "pure", include: pure, exclude: otherSuites, isolate: false } },
      { extends: true, test: { name: "whole", include: ["test/**/*.test.ts"], exclude: [...otherSuites, ...pure] } },
    ],
  },
})
