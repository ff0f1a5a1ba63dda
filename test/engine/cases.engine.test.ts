import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { repository } from "../rig/project.ts"
import { cases } from "./cases.ts"
import { show } from "./table.ts"

/** The test files that name a row, by its number. */
const filesByRow = (): ReadonlyMap<number, ReadonlySet<string>> => {
  const found = new Map<number, Set<string>>()
  const files = readdirSync(join(repository, "test"), { recursive: true, encoding: "utf8" })
  for (const file of files.filter((name) => name.endsWith(".test.ts")).toSorted()) {
    const text = readFileSync(join(repository, "test", file), "utf8")
    // The name of a test or of a group of them, as in `it.skipIf(…)("row 6: …"`.
    for (const [, number] of text.matchAll(/^\s*(?:it|describe|test)\b[^"'`\n]*\(\s*["'`]row (\d+)\b/gmu)) {
      const row = Number(number)
      found.set(row, (found.get(row) ?? new Set()).add(`test/${file}`))
    }
  }
  return found
}

describe("the cases", () => {
  const files = filesByRow()

  it.each(cases.map((what, index) => ({ row: index + 1, what })))("$row: $what", ({ row, what }) => {
    const where = files.get(row) ?? new Set()
    show("rows", `row ${row}: ${what}`, String(where.size), [...where].join(", "))
    assert.isAbove(where.size, 0, `no test is named "row ${row}: …"`)
  })

  it("has no test that is named after a row that there is not", () => {
    assert.deepStrictEqual([...files.keys()].filter((row) => row < 1 || row > cases.length), [])
  })
})
