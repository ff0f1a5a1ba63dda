import { Effect } from "effect"
import { relative } from "node:path"
import { counted, duration, indent, some } from "../../base/text.ts"
import { paint } from "../../report/terminal.ts"
import type { Event } from "../../store/events.ts"
import { eventLine } from "../../store/run-log.ts"
import { measuredLeft } from "../text/board.ts"
import { failureText } from "../text/failure.ts"
import { foldedByStage, notFolded } from "../text/folded.ts"
import { printNow } from "../text/output.ts"
import { liveReporter, plainReporter, type Reporter } from "../text/progress.ts"
import type { FromEngine } from "./messages.ts"

type Message<Tag extends FromEngine["_tag"]> = Extract<FromEngine, { readonly _tag: Tag }>

/** Shows a watch as it goes. */
export interface Screen {
  readonly changed: (paths: ReadonlyArray<string>) => void
  readonly planned: (planned: Message<"Planned">) => void
  readonly building: () => void
  readonly broken: (text: string) => void
  readonly problem: (problem: Message<"Problem">) => void
  readonly repaired: () => void
  readonly event: (event: Event) => void
  /** What this watch began before an edit that was taken back goes on, and is what is wanted now. */
  readonly goesOn: (event: { readonly node: string; readonly key: string }) => void
  readonly stopping: (stopping: Message<"Stopping">) => void
  readonly settled: (settled: Message<"Settled">) => void
  /** Something that is said at any time. */
  readonly say: (text: string) => void
  readonly close: () => void
}

const head = (word: string, color: (text: string) => string): string => `${color(word)}${" ".repeat(9 - word.length)}`

/** One line for each thing that happens, above what runs. */
export const screenOf = (root: string, verbose: boolean): Screen => {
  let reporter: Reporter | undefined
  let paths: ReadonlyArray<string> = []
  let wrong: string | undefined
  let executed = 0
  let toRun: ReadonlyMap<string, PlannedNode> = new Map()
  let isSaid = false
  const close = (): void => {
    if (reporter !== undefined) Effect.runSync(reporter.close)
    reporter = undefined
  }
  const say = (text: string): void => {
    if (reporter === undefined) printNow(text)
    else reporter.say(text)
  }
  const error = (text: string): void => {
    // The same mistake is said once, however often the file is saved with it.
    if (text === wrong) return
    wrong = text
    say(`${head("error", paint.red)}${indent(text, 9).trimStart()}`)
    say(`${" ".repeat(9)}${paint.dim("waiting for a change that repairs it; what runs goes on")}`)
  }
  return {
    changed: (all) => {
      if (all.length > 0) paths = all.map((path) => named(root, path))
    },
    planned: ({ run, may, missing, nodes }) => {
      toRun = new Map(nodes.map((name) => [name, plannedNode(name)]))
      const what = paths.length === 0 ? "" : `${some(paths)}: `
      paths = []
      const parts = [
        ...(run + may === 0 ? ["nothing to run"] : []),
        ...(run > 0 ? [`${counted(run, "node")} to run`] : []),
        ...(may > 0 ? [`${counted(may, "node")} may run`] : []),
        ...(missing.length > 0 ? [`missing files of ${some(missing)}`] : []),
      ]
      if (what !== "") say(`${head("changed", paint.cyan)}${what}${paint.dim(parts.join(", "))}`)
    },
    building: () => {
      say(`${head("building", paint.cyan)}${paint.dim(`${some(paths)} changed`)}`)
    },
    broken: (text) => error(text.trim().replace(/^(?:error|bug): /u, "")),
    problem: ({ failure }) => error(failureText(failure)),
    repaired: () => {
      wrong = undefined
      say(`${head("repaired", paint.green)}${paint.dim(some(paths))}`)
    },
    event: (event) => {
      if (event._tag === "RunStarted") {
        close()
        const facts = { folded: verbose ? notFolded : foldedByStage({ nodes: toRun }), left: measuredLeft }
        reporter = process.stdout.isTTY ? liveReporter(facts) : plainReporter(facts)
      }
      if (event._tag === "NodeSucceeded" && !event.shared) executed++
      if (reporter !== undefined) Effect.runSync(reporter.show(event))
      if (event._tag === "RunFinished") close()
    },
    goesOn: ({ node }) => {
      say(`${head("goes on", paint.cyan)}${node}  ${paint.dim("began before the edit, and is wanted as it is")}`)
    },
    stopping: ({ held: { node } }) => {
      say(`${head("stopped", paint.yellow)}${node}  ${paint.dim("what it is made of changed; what it saved stays")}`)
    },
    settled: ({ cached, failed, stuck, milliseconds }) => {
      close()
      if (isSaid && executed === 0 && failed + stuck === 0) return
      isSaid = true
      const parts = [
        paint.bold(`${counted(executed, "node")} executed`),
        `${cached.toLocaleString("en")} up to date`,
        ...(failed > 0 ? [paint.red(`${failed} failed`)] : []),
        ...(stuck > 0 ? [paint.yellow(`${stuck} cannot run`)] : []),
      ]
      executed = 0
      say(`${parts.join(", ")}, in ${duration(milliseconds)}; ${paint.dim("watching, Ctrl-C ends")}`)
    },
    say,
    close,
  }
}

/** One line of JSON for each thing that happens: the events of a run, and those of the watch, which begin with "Watch". */
export const jsonScreen = (root: string): Screen => {
  let paths: ReadonlyArray<string> = []
  const line = (_tag: string, facts: object): void => {
    printNow(JSON.stringify({ at: new Date().toISOString(), _tag, ...facts }))
  }
  return {
    changed: (all) => {
      paths = all.map((path) => named(root, path))
      if (all.length > 0) line("WatchChanged", { paths })
    },
    planned: ({ profile, run, may, missing }) => line("WatchPlanned", { profile, run, may, missing }),
    building: () => line("WatchBuilding", { paths }),
    broken: (text) => line("WatchBroken", { text: text.trim() }),
    problem: ({ failure }) => line("WatchProblem", { failure }),
    repaired: () => line("WatchRepaired", {}),
    event: (event) => printNow(eventLine(event, new Date())),
    goesOn: ({ node, key }) => line("WatchGoesOn", { node, key }),
    stopping: ({ held: { node, key } }) => line("WatchStopped", { node, key }),
    settled: ({ _tag, ...facts }) => line(`Watch${_tag}`, facts),
    say: () => {
      // Machines have no use for it.
    },
    close: () => {
      // There is nothing to clear.
    },
  }
}

/** A node that will or may run, by its name, which begins with that of its stage. */
type PlannedNode = Parameters<typeof foldedByStage>[0]["nodes"] extends ReadonlyMap<string, infer Node> ? Node : never

const plannedNode = (name: string): PlannedNode => ({
  node: { name, stage: { name: name.split("/", 1)[0] ?? "" } },
  status: { _tag: "WillRun" },
})

const named = (root: string, path: string): string => {
  const inside = relative(root, path)
  return inside.startsWith("..") ? path : inside
}
