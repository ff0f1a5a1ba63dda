import type { Reporter, TestModule } from "vitest/node"
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
      if (rows.length > 0) process.stdout.write(`\n${title}\n${text([["what", "counted", "result"], ...rows])}`)
    }
  }
}

/** Rows of cells, each column as wide as its widest. */
const text = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()}\n`)
    .join("")
}
