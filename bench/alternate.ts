import type { Measured } from "./processes.ts"
import { median } from "./report.ts"

/** Both sides of one line of a table. */
export interface Pair {
  readonly redag: Summary
  readonly peer: Summary
}

/** What the processes of one side took. */
export interface Summary {
  /** Median of all timed rounds. */
  readonly seconds: number
  /** Every timed round, process after process. */
  readonly all: readonly number[]
  /** Median of what came before them: compilation, and the warm-up. */
  readonly start: number
  /** Median of the processes' peaks, in bytes. */
  readonly peak: number
}

/** Runs both sides in turns, which of them is first changing with each of the `rounds`. */
export const alternate = (rounds: number, redag: () => Measured, peer: () => Measured): Pair => {
  const [ours, theirs]: [Measured[], Measured[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const turns = [() => ours.push(redag()), () => theirs.push(peer())]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) turn()
  }
  return { redag: summaryOf(ours), peer: summaryOf(theirs) }
}

const summaryOf = (runs: readonly Measured[]): Summary => {
  const all = runs.flatMap(({ seconds }) => seconds)
  return {
    seconds: median(all),
    all,
    start: median(runs.map(({ warmUp }) => warmUp)),
    peak: median(runs.map(({ peak }) => peak)),
  }
}
