import { describe, it } from "vitest"
import { checkScripts } from "../pipeline/engine/check.ts"
import { show } from "./table.ts"

const sequences = 500

describe("engine against a pure model", () => {
  it("does what the plan says and leaves nothing stale, in every random sequence", async () => {
    const { edits, runs, interrupted, together, nodes, executions } = await checkScripts(sequences)
    const count = (number: number, what: string) => `${number.toLocaleString("en")} ${what}`
    show(
      "model",
      count(sequences, "sequences"),
      [
        count(edits, "edits"),
        count(runs, "runs"),
        count(interrupted, "of them interrupted"),
        count(together, "of them at the same time as others"),
        count(nodes, "nodes"),
        count(executions, "executions"),
      ].join(", "),
      "plan = execution in all, nothing stale",
    )
  })
})
