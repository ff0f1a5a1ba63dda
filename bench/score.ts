/**
 * How fast runs are scored, and in how much memory: the strict measure with its mistakes on 10,000 documents, as 50
 * systems of different skill read them; beside it the same by an earlier commit, which finds the same mistakes. The
 * corpus is made up; making it and what the systems say is not timed.
 *
 * Run as `node bench/score.ts [ROUNDS] [COMMIT]`. Each side is measured in fresh processes, in turns, whose heap is
 * limited: V8 leaves garbage lying where there is memory for it. Prints medians: wall time, how much of it the processor
 * worked in the thread that scores, and the peak of the process's memory with everything in it. Ends with status 1 where a goal is missed or the two sides find different mistakes.
 */
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Scoring, ScoringJob } from "./redag/score.ts"
import { circumstances, median, table, toldCircumstances } from "./report.ts"

const DOCUMENTS = 10_000
const SYSTEMS = 50
const SECONDS = 3
const BYTES = 500e6
const HEAP = "--max-old-space-size=256"

const root = dirname(import.meta.dirname)
const rounds = Number(process.argv[2] ?? 3)
const commit = process.argv[3] ?? "27e2ab8"
const git = (...words: readonly string[]): void => {
  execFileSync("git", ["-C", root, ...words], { stdio: ["ignore", "ignore", "inherit"] })
}
const programs = ["score.ts", "readings.ts"].map((name) => join("bench", "redag", name))
/** A program of this bench for a checkout from before measures were modules of their own: there a run names its measure. */
const moved = (text: string): string =>
  text.replace(/import \{ measurer \}.*\n/u, "").replace(", measurer(matching)", "")
    .replaceAll("/stages/shared/", "/stages/")
/** Puts the programs of this bench into a checkout. */
const copyPrograms = (to: string): void => {
  for (const program of programs) {
    const text = readFileSync(join(root, program), "utf8")
    writeFileSync(join(to, program), existsSync(join(to, "stages", "shared")) ? text : moved(text))
  }
}
const measure = (side: string): Scoring => {
  const job: ScoringJob = { documents: DOCUMENTS, systems: SYSTEMS }
  const program = join(side, "bench", "redag", "score.ts")
  const told = execFileSync(process.execPath, [HEAP, program, JSON.stringify(job)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  })
  return JSON.parse(told) as Scoring
}

process.stdout.write(`${toldCircumstances(circumstances(1))}\n`)
const folder = mkdtempSync(join(tmpdir(), "redag-score-"))
const peer = join(folder, commit)
const sides = new Map<string, Scoring[]>([["this checkout", []], [commit, []]])
try {
  git("worktree", "add", "--quiet", "--detach", peer, commit)
  symlinkSync(join(root, "node_modules"), join(peer, "node_modules"))
  copyPrograms(peer)
  for (let round = 0; round < rounds; round++) {
    const turns = [["this checkout", root], [commit, peer]] as const
    for (const [name, side] of round % 2 === 0 ? turns : turns.toReversed()) sides.get(name)?.push(measure(side))
  }
} finally {
  git("worktree", "remove", "--force", peer)
  rmSync(folder, { recursive: true, force: true })
}

const medians = [...sides].map(([name, all]) => {
  const over = (of: (scoring: Scoring) => number): number => median(all.map(of))
  return {
    name,
    seconds: over(({ seconds }) => seconds),
    processor: over(({ processor }) => processor),
    peak: over(({ peak }) => peak),
  }
})
const [ours, theirs] = medians
const all = [...sides.values()].flat()
const [one] = all
if (ours === undefined || theirs === undefined || one === undefined) throw new Error("nothing was measured")
const same = new Set(all.map(({ digest }) => digest)).size === 1
process.stdout.write(
  `${DOCUMENTS} documents × ${SYSTEMS} systems: ${one.gold} gold relations, F1 ${Math.min(...one.f1).toFixed(2)} to ${
    Math.max(...one.f1).toFixed(2)
  }, ${one.mistakes} mistakes; ${same ? "all found the same" : "NOT ALL FOUND THE SAME"}\n`,
)
process.stdout.write(table([
  ["medians of " + rounds, "seconds", "processor", "documents/s", "peak"],
  ...medians.map(({ name, seconds, processor, peak }) => [
    name,
    seconds.toFixed(2),
    processor.toFixed(2),
    Math.round((DOCUMENTS * SYSTEMS) / seconds).toLocaleString("en"),
    `${(peak / 1e6).toFixed(0)} MB`,
  ]),
  [
    "ratio",
    (ours.seconds / theirs.seconds).toFixed(2),
    (ours.processor / theirs.processor).toFixed(2),
    (theirs.seconds / ours.seconds).toFixed(2),
    (ours.peak / theirs.peak).toFixed(2),
  ],
  ["goal", `≤ ${SECONDS}`, "", "", `≤ ${BYTES / 1e6} MB`],
]))
if (ours.seconds > SECONDS || ours.peak > BYTES || !same) process.exitCode = 1
