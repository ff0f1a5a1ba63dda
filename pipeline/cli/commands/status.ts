import { Effect } from "effect"
import { Command } from "effect/cli"
import { attempt } from "../../base/attempt.ts"
import { counted, indent, number } from "../../base/text.ts"
import { noFilters } from "../../graph/filters.ts"
import { everything } from "../../graph/needed.ts"
import { nodeForMachines } from "../../report/nodes.ts"
import { columns, paint } from "../../report/terminal.ts"
import { conflictsIn } from "../../status/conflicts.ts"
import { forecastOf } from "../../status/forecast.ts"
import { plannedRun } from "../../status/planned.ts"
import { acceptedIn, type Counts, countsOf, type Snapshot } from "../../status/snapshot.ts"
import type { Status } from "../../status/status.ts"
import { noteUnusable } from "../damaged.ts"
import { atWorkNow } from "../executing.ts"
import { limitFlags, limitsOf } from "../limits.ts"
import { graphOf, jsonFlag, noteNoStore, profileFlag } from "../project.ts"
import { excludeFlag, nodesArgument, selected } from "../selecting.ts"
import { wholeTimeText } from "../text/forecast.ts"
import { executingText, leftText } from "../text/holder.ts"
import { acceptedText, conflictHelp, conflictText, countsText, statusWords } from "../text/node.ts"
import { print, printJson } from "../text/output.ts"
import { filtersText } from "../view-text.ts"

/** `dag status`: how many nodes of each stage are up to date. */
export const status = Command.make(
  "status",
  {
    selectors: nodesArgument("Nodes to count; every node if left out"),
    exclude: excludeFlag,
    profile: profileFlag,
    json: jsonFlag,
    ...limitFlags,
  },
  ({ selectors, exclude, profile, json, jobs, memory, gpus }) =>
    Effect.gen(function*() {
      const whole = yield* graphOf(profile)
      const { chosen } = yield* selected(whole, { include: selectors, exclude })
      // As a run of the whole profile has it: whether something needs a node lies beyond what it depends on.
      const { planned } = yield* plannedRun(whole, everything)
      const snapshot = { ...planned, nodes: new Map([...planned.nodes].filter(([name]) => chosen.has(name))) }
      const nodes = [...snapshot.nodes.values()]
      const { executing, left } = yield* atWorkNow(nodes)
      const accepted = acceptedIn(snapshot)
      const conflicts = yield* conflictsIn(snapshot)
      const stages = [...Map.groupBy(nodes, ({ node }) => node.stage.name)].map(([stage, own]) => ({
        stage,
        counts: countsOf(own),
      }))
      const isAny = nodes.some(({ status: { _tag } }) => _tag === "WillRun" || _tag === "MayRun")
      const forecast = isAny ? yield* forecastWithin(planned, snapshot, { jobs, memory, gpus }) : undefined
      yield* noteNoStore
      yield* noteUnusable
      if (json) {
        yield* printJson({
          profile: snapshot.graph.profile,
          ...countsForMachines(countsOf(nodes)),
          stages: stages.map(({ stage, counts }) => ({ stage, ...countsForMachines(counts) })),
          accepted: accepted.length,
          time: forecast?.time ?? null,
          unmeasured: forecast?.unmeasured ?? [],
          nodes: nodes.map(nodeForMachines),
          executing,
          left,
          conflicts,
        })
        return
      }
      const { profile: name, filters = noFilters } = snapshot.graph
      const narrowed = filters.size === 0 ? "" : ` with ${filtersText(filters)}`
      yield* print(
        `Profile ${paint.bold(name)}${narrowed}, ${counted(nodes.length, "node")}: ${countsText(countsOf(nodes))}`,
      )
      yield* print(columns(
        ["stage", ...shown.map((tag) => `>${tag === "Missing" ? "missing files" : statusWords[tag]}`)],
        stages.map(({ stage, counts }) => [stage, ...shown.map((tag) => number(counts[tag]))]),
      ))
      if (forecast !== undefined) yield* print(`time: ${wholeTimeText(forecast)}`)
      if (accepted.length > 0) yield* print(acceptedText(accepted))
      for (const conflict of conflicts) yield* print(conflictText(conflict))
      if (conflicts.length > 0) yield* print(indent(conflictHelp, 9))
      for (const each of executing) yield* print(executingText(each))
      for (const each of left) yield* print(leftText(each))
    }),
).pipe(Command.withDescription("Count the nodes of each stage that are up to date, will run or may run"))

/** What is to be done of some nodes, on this machine; the speed of their stages is known from all that were run. */
const forecastWithin = Effect.fnUntraced(function*(
  all: Snapshot,
  counted: Snapshot,
  asked: Parameters<typeof limitsOf>[1],
) {
  const limits = yield* limitsOf({
    ...counted.graph,
    nodes: new Map([...counted.nodes].map(([name, { node }]) => [name, node])),
  }, asked)
  return yield* attempt(() =>
    forecastOf(counted, limits, counted.nodes.size === all.nodes.size ? [] : [...all.nodes.values()])
  )
})

const shown: ReadonlyArray<Status["_tag"]> = ["Fresh", "WillRun", "MayRun", "Missing", "Blocked", "Unneeded"]

const countsForMachines = ({ Fresh, WillRun, MayRun, Missing, Blocked, Unneeded }: Counts): object => ({
  upToDate: Fresh,
  willRun: WillRun,
  mayRun: MayRun,
  missing: Missing,
  blocked: Blocked,
  unneeded: Unneeded,
})
