import { Effect } from "effect"
import type { StoreError } from "../../base/errors.ts"
import { number, some } from "../../base/text.ts"
import { type Line, linesOf } from "../chain.ts"
import { Disk } from "../disk.ts"
import type { Folder } from "../layout.ts"
import type { Finding } from "./finding.ts"
import type { Ledger } from "./ledger.ts"
import { orUnreadable } from "./unreadable.ts"
import { namedFiles } from "./walk.ts"

/** Checks every line of every run's log against the one before it. */
export const checkRunLogs = Effect.fnUntraced(function*(
  runs: Folder,
  ledger: Ledger,
): Effect.fn.Return<void, StoreError, Disk> {
  const disk = yield* Disk
  for (const { name, path, stat } of yield* namedFiles(runs, "run log", ledger)) {
    const read = yield* orUnreadable(disk.readBytes(path))
    if (read === undefined) continue
    if ("_tag" in read) {
      ledger.find("unreadable", "run log", path, read.problem)
      continue
    }
    ledger.count("run log", stat.size)
    const problem = problemIn(linesOf(name, read))
    if (problem !== undefined) ledger.find(problem.state, "run log", path, problem.words, stat)
    yield* Effect.yieldNow
  }
})

const problemIn = (
  lines: ReadonlyArray<Line>,
): { readonly state: Finding["state"]; readonly words: string } | undefined => {
  const bad = lines.filter(({ _tag }) => _tag !== "Sound")
  if (bad.length === 0) return lines.length === 0 ? { state: "damaged", words: "holds no line" } : undefined
  return bad.every(({ _tag }) => _tag === "Foreign") && bad.length === lines.length
    ? { state: "foreign", words: "was written by another program, or by an older version of redag" }
    : {
      state: "damaged",
      words: `is not what was written in ${bad.length === 1 ? "line" : "lines"} ${
        some(bad.map((line) => number(line.number)))
      }`,
    }
}
