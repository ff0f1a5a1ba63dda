import type { Reporter, TestModule } from "vitest/node"
import { table } from "../../bench/report.ts"
import { type Line, titles } from "./table.ts"

/** Prints the tables once all tests have ended. A test that failed has the line "failed" in the place of its result. */
export default class TableReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const lines: Array<Line> = []
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const told = test.meta().lines ?? []
        lines.push(...(test.result().state === "failed" ? told.map((line) => ({ ...line, result: "FAILED" })) : told))
      }
    }
    for (const [name, title] of Object.entries(titles)) {
      const rows = lines.filter((line) => line.table === name).map((
        { what, counted, result },
      ) => [what, counted, result])
      if (rows.length > 0) process.stdout.write(`\n${title}\n${table([["what", "counted", "result"], ...rows])}`)
    }
  }
}
