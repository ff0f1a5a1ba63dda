import { spawn } from "node:child_process"
import { once } from "node:events"
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { repository } from "../rig/project.ts"
import { show } from "./table.ts"

/**
 * The suites in which a store is written and read, by one process or by many: folders, and files without their ends,
 * whatever suite runs them otherwise. The random model is left out: it compares plans that are made at once after another
 * run, which such a file system may show late.
 */
const suites = [
  "store",
  "run",
  "status",
  "cli/accept",
  "cli/conflict",
  "cli/export",
  "cli/force",
  "cli/heal",
  "cli/interrupt",
  "cli/leases",
  "cli/store",
  "cli/unfinished",
]

/** What is as large as a machine's memory shows nothing of a file system's habits. */
const tooLarge = "test/pipeline/store/large.slow.test.ts"

const files = suites.flatMap((suite) => {
  const found = globSync(["/**/*.test.ts", ".test.ts", ".slow.test.ts"].map((end) => `test/pipeline/${suite}${end}`), {
    cwd: repository,
  }).filter((file) => file !== tooLarge)
  if (found.length === 0) throw new Error(`there is no suite ${suite}`)
  return found
})

/** What vitest writes of a run, as far as it is read here. */
interface Report {
  readonly numTotalTests: number
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: ReadonlyArray<{
    readonly assertionResults: ReadonlyArray<{ readonly status: string; readonly fullName: string }>
  }>
}

describe("a network's file system", () => {
  it("makes no difference to any suite of the store", async () => {
    const folder = mkdtempSync(join(tmpdir(), "redag-nfs-"))
    try {
      const report = join(folder, "report.json")
      const options = `--import=${join(import.meta.dirname, "nfs.ts")}`
      const { VITEST: _, ...inherited } = process.env
      const vitest = spawn(process.execPath, [
        join(repository, "node_modules/vitest/vitest.mjs"),
        "run",
        "--maxWorkers=1",
        "--reporter=json",
        `--outputFile=${report}`,
        ...files,
      ], {
        cwd: repository,
        env: { ...inherited, NODE_OPTIONS: options, RIG_NODE_OPTIONS: options, NFS_FOLDER: folder, RIG_SLOW: "1" },
        stdio: ["ignore", "ignore", "inherit"],
      })
      await once(vitest, "close")
      const { numTotalTests, numPassedTests, numFailedTests, testResults } = JSON.parse(
        readFileSync(report, "utf8"),
      ) as Report
      const failed = testResults.flatMap(({ assertionResults }) => assertionResults)
        .filter(({ status }) => status === "failed").map(({ fullName }) => fullName)
      assert.deepStrictEqual(failed, [])
      assert.strictEqual(numFailedTests, 0)
      assert.isAbove(numPassedTests, 100)
      show(
        "runs",
        "the suites of the store, where attributes are remembered for a minute and files become stale",
        `${numPassedTests} of ${numTotalTests} tests pass`,
        "no difference",
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
