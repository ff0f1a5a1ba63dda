import { constants } from "node:os"
import { StageError } from "../base/errors.ts"
import type { Resources } from "../graph/stage.ts"
import { machineMemory } from "./environment.ts"

/** How a worker process ended that sent no message of its end. */
export interface ProcessExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** What it printed. */
  readonly printed: string
  /** Where that can be read. */
  readonly log: string
  /** What it was granted. */
  readonly resources: Resources
  /** Whether it left something that the next execution goes on from. */
  readonly unfinished: boolean
}

/** Why a process ended, as far as its exit and what it printed say, and what to do about it. */
export const exitError = ({ code, signal, printed, log, resources, unfinished }: ProcessExit): StageError => {
  // V8 says so some twenty lines before the end, above its stack.
  const says = (words: RegExp) => words.test(printed.slice(-1 << 14))
  const heap = says(/heap out of memory/u)
  const lines = heap ? "" : printed.trimEnd().split("\n").slice(-12).join("\n")
  const by = signal ?? signalOf(code)
  const how = heap
    ? "ran out of JavaScript heap"
    : signal !== null
    ? `was killed by ${signal}`
    : `exited with code ${code}${by === undefined ? "" : `, as after ${by}`}`
  const memory = heap || by === "SIGKILL" || says(/std::bad_alloc/u)
  const help = [
    ...(memory
      ? [`most likely memory ran out: ${memoryHelp(resources)}`]
      : by !== undefined && crashes.has(by)
      ? ["native code crashed: run again, with smaller batches if it comes back"]
      : by !== undefined
      ? ["somebody ended it: run again"]
      : []),
    ...(unfinished ? ["the next run goes on from what it saved"] : []),
    printed === "" ? "it printed nothing" : `what it printed is in ${log}`,
  ]
  return new StageError({
    message: `its process ${how}${lines === "" ? "" : `; it last printed:\n${lines}`}`,
    help: help.join("; "),
    transient: by !== undefined,
    ...(memory ? { ranOut: "memory" } : {}),
  })
}

/** What to do about memory that ran out, with what the action was granted and what there is. */
export const memoryHelp = ({ memory }: Resources): string =>
  `it was granted ${gigabytes(memory)} of this machine's ${
    gigabytes(machineMemory())
  }; lower the batch size, use --jobs 1, or grant it more in dag.config.ts so that less runs beside it`

const gigabytes = (mebibytes: number): string => `${(mebibytes * 2 ** 20 / 1e9).toFixed(1)} GB`

/** Signals that a process gets by its own doing. */
const crashes: ReadonlySet<string> = new Set(["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP"])

/** The signal that a shell or a container gives as an exit code: 137 is 128 and SIGKILL's 9. */
const signalOf = (code: number | null): string | undefined =>
  code === null
    ? undefined
    : Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0]
