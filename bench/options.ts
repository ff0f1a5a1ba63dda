import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import type { ShapeName } from "./shapes.ts"

/** What a bench is asked for on its command line. */
export interface BenchOptions {
  /** None asks for all. */
  readonly shapes: readonly ShapeName[]
  /** Source lengths; none asks for all. */
  readonly lengths: readonly number[]
  /** Fresh processes of each side for each line of the table. */
  readonly rounds: number
  /** Timed steps or batches of each process; undefined leaves it to the bench. */
  readonly steps: number | undefined
  readonly threads: number
  readonly json: boolean
}

/**
 * Reads `--shape NAME` and `--length TOKENS` (either may be given more than once), `--rounds N`, `--steps N`,
 * `--threads N` and `--json`. What is wrong ends the process with status 2.
 */
export const benchOptions = (shapes: readonly ShapeName[], rounds: number): BenchOptions => {
  const refuse = (message: string): never => {
    process.stderr.write(`${message}\n`)
    process.exit(2)
  }
  const number = (name: string, text: string): number => {
    const value = Number(text)
    return Number.isSafeInteger(value) && value > 0 ? value : refuse(`--${name} ${text} is no count`)
  }
  const { values } = (() => {
    try {
      return parseArgs({
        options: {
          shape: { type: "string", multiple: true, default: [] },
          length: { type: "string", multiple: true, default: [] },
          rounds: { type: "string" },
          steps: { type: "string" },
          threads: { type: "string" },
          json: { type: "boolean", default: false },
        },
      })
    } catch (error) {
      return refuse(error instanceof Error ? error.message : String(error))
    }
  })()
  const shapeOf = (text: string): ShapeName =>
    shapes.find((shape) => shape === text) ?? refuse(`--shape ${text} is none of ${shapes.join(", ")}`)
  return {
    shapes: values.shape.map(shapeOf),
    lengths: values.length.map((text) => number("length", text)),
    rounds: values.rounds === undefined ? rounds : number("rounds", values.rounds),
    steps: values.steps === undefined ? undefined : number("steps", values.steps),
    threads: values.threads === undefined ? availableParallelism() : number("threads", values.threads),
    json: values.json,
  }
}

/** Whether something was asked for: `wanted` names all there is where it is empty. */
export const isWanted = <T>(wanted: readonly T[], each: T): boolean => wanted.length === 0 || wanted.includes(each)
