import { assert, describe, it } from "@effect/vitest"
import { parseSync } from "rolldown/utils"
import { piecesOf } from "../../../pipeline/build/edits.ts"
import { settingsIn } from "../../../pipeline/build/settings.ts"

/** A call without the settings of its stage. */
const without = (text: string): string => {
  const [statement] = parseSync("stage.js", text).program.body
  if (statement?.type !== "ExpressionStatement" || statement.expression.type !== "CallExpression") return "no call"
  const edits = settingsIn(statement.expression).map((span) => ({ ...span, pieces: [] }))
  return piecesOf(text, statement, edits).map((piece) => (typeof piece === "string" ? piece : "")).join("")
}

describe("the settings of a stage", () => {
  it.each([
    ["first", `stage({ isolation: "process", name, run })`, "stage({ name, run })"],
    ["between", `stage({ name, uses: (params) => params, run })`, "stage({ name, run })"],
    ["last", `stage({ name, run, resources })`, "stage({ name, run })"],
    ["two first", `stage({ resources, isolation, name, run })`, "stage({ name, run })"],
    ["all last", `stage({ name, run, isolation: "process", resources: of, uses() {}, work })`, "stage({ name, run })"],
    ["on both sides", `stage({ uses, name, resources, run, isolation })`, "stage({ name, run })"],
    ["nowhere", "stage({ name, ...rest, [resources]: run })", "stage({ name, ...rest, [resources]: run })"],
  ])("are left out where they stand %s", (_, text, left) => {
    assert.strictEqual(without(text), left)
  })
})
