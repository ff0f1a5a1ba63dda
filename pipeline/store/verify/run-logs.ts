import { Effect } from "effect"
import type { StoreError } from "../../base/errors.ts"
import { number, some } from "../../base/text.ts"
import type { Disk } from "../disk.ts"
import type { Folder } from "../layout.ts"
import { eachLine } from "../lines.ts"
import type { Finding } from "./finding.ts"
import type { Ledger } from "./ledger.ts"
import { orUnreadable } from "./unreadable.ts"
import { hollow, namedFiles } from "./walk.ts"

/** Checks every line of every run's log against the one before it. */
export const checkRunLogs = Effect.fnUntraced(function*(
  runs: Folder,
  ledger: Ledger,
): Effect.fn.Return<void, StoreError, Disk> {
  for (const file of yield* namedFiles(runs, "run log", ledger)) {
    const { name, path, stat } = file
    const holes = hollow(file)
    if (holes !== undefined) {
      ledger.count("run log", stat.size)
      ledger.find("damaged", "run log", path, holes, stat)
      continue
    }
    const lines: Lines = { all: 0, foreign: 0, bad: [] }
    const read = yield* orUnreadable(eachLine(name, path, (line) => {
      lines.all++
      if (line._tag === "Foreign") lines.foreign++
      if (line._tag !== "Sound") lines.bad.push(line.number)
    }))
    if (read === false) continue
    if (read !== true) {
      ledger.find("unreadable", "run log", path, read.problem)
      continue
    }
    ledger.count("run log", stat.size)
    const problem = problemIn(lines)
    if (problem !== undefined) ledger.find(problem.state, "run log", path, problem.words, stat)
  }
})

/** What the lines of a log came to. */
interface Lines {
  all: number
  foreign: number
  /** The numbers of those that are not sound. */
  readonly bad: Array<number>
}

const problemIn = (
  { all, foreign, bad }: Lines,
): { readonly state: Finding["state"]; readonly words: string } | undefined => {
  if (bad.length === 0) return all === 0 ? { state: "damaged", words: "holds no line" } : undefined
  return foreign === all
    ? { state: "foreign", words: "was written by another program, or by an older version of redag" }
    : {
      state: "damaged",
      words: `is not what was written in ${bad.length === 1 ? "line" : "lines"} ${some(bad.map(number))}`,
    }
}
