import { assert } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { describe, it } from "vitest"
import { crowdKeys, crowdRound } from "../rig/crowd.ts"
import { noMachines, startElsewhere } from "../rig/machines.ts"
import { eventually, Project } from "../rig/project.ts"
import { show } from "./table.ts"

const rounds = 20

describe("several runs at once on one store", () => {
  it("row 6: eight runs, three of them killed, again and again: each key once, equal results", async () => {
    const project = new Project()
    try {
      let finished = 0
      let brokenOff = 0
      for (let round = 0; round < rounds; round++) {
        project.reset()
        const ended = await crowdRound(project, 8, 3)
        finished += ended.finished
        brokenOff += ended.brokenOff
      }
      show(
        "runs",
        `${rounds} rounds of 8 runs, 3 killed`,
        `${rounds * crowdKeys} keys, ${finished} executions, ${brokenOff} more broken off by a kill`,
        "executions = keys, results equal",
      )
    } finally {
      project.remove()
    }
  })

  it.skipIf(noMachines !== undefined)(
    `row 7: a crashed container's work is taken over within twice the lease${
      noMachines === undefined ? "" : ` [skipped: ${noMachines}]`
    }`,
    async () => {
      const project = new Project()
      // As where nobody says otherwise: what a busy machine takes its time for is small beside that.
      const seconds = 30
      const lease = { DAG_LEASE_SECONDS: String(seconds) }
      const heavyA = ["run", "heavy/a", "--profile", "heavy"]
      try {
        const one = startElsewhere(project, heavyA, { RIG_BEHAVIOUR: "{\"a\":\"wait\"}", ...lease })
        await project.process("heavy", "a")
        const other = startElsewhere(project, heavyA, lease)
        let shown = ""
        other.process.stdout?.on("data", (text: string) => (shown += text))
        await eventually("the other to wait", () => (shown.includes("waits    heavy/a") ? true : undefined))
        const crashed = Date.now()
        one.crash()
        assert.strictEqual((await other.ended).code, 0, shown)
        const started = project.files("artifacts/runs").flatMap((path) => readFileSync(path, "utf8").split("\n"))
          .filter((line) => line.includes("\"NodeStarted\"") && line.includes("\"heavy/a\""))
          .map((line) => Date.parse(/"at":"([^"]+)"/u.exec(line)?.[1] ?? "")).toSorted((a, b) => a - b)
        const taken = ((started.at(-1) ?? 0) - crashed) / 1000
        assert.lengthOf(started, 2)
        assert.isAtMost(taken, 2 * seconds)
        show(
          "runs",
          `a container crashes at work, lease ${seconds} s`,
          `taken over after ${taken.toFixed(1)} s`,
          `≤ ${2 * seconds} s`,
        )
      } finally {
        project.remove()
      }
    },
  )
})
