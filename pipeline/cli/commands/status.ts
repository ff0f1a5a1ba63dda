import { Effect } from "effect"
import { Command } from "effect/cli"
import { counted, indent, number } from "../../base/text.ts"
import { everything } from "../../graph/needed.ts"
import { executingNow } from "../../report/executing.ts"
import { nodeForMachines } from "../../report/nodes.ts"
import { columns, paint } from "../../report/terminal.ts"
import { conflictsIn } from "../../status/conflicts.ts"
import { plannedRun } from "../../status/planned.ts"
import { acceptedIn, type Counts, countsOf } from "../../status/snapshot.ts"
import type { Status } from "../../status/status.ts"
import { noteUnusable } from "../damaged.ts"
import { graphOf, jsonFlag, noteNoStore, profileFlag } from "../project.ts"
import { excludeFlag, nodesArgument, selected } from "../selecting.ts"
import { executingText } from "../text/holder.ts"
import { acceptedText, conflictHelp, conflictText, countsText, statusWords } from "../text/node.ts"
import { print, printJson } from "../text/output.ts"

/** `dag status`: how many nodes of each stage are up to date. */
export const status = Command.make(
  "status",
  {
    selectors: nodesArgument("Nodes to count; every node if left out"),
    exclude: excludeFlag,
    profile: profileFlag,
    json: jsonFlag,
  },
  ({ selectors, exclude, profile, json }) =>
    Effect.gen(function*() {
      const whole = yield* graphOf(profile)
      const { chosen } = yield* selected(whole, { include: selectors, exclude })
      // As a run of the whole profile has it: whether something needs a node lies beyond what it depends on.
      const { planned } = yield* plannedRun(whole, everything)
      const snapshot = { ...planned, nodes: new Map([...planned.nodes].filter(([name]) => chosen.has(name))) }
      const nodes = [...snapshot.nodes.values()]
      const executing = yield* executingNow(nodes)
      const accepted = acceptedIn(snapshot)
      const conflicts = yield* conflictsIn(snapshot)
      const stages = [...Map.groupBy(nodes, ({ node }) => node.stage.name)].map(([stage, own]) => ({
        stage,
        counts: countsOf(own),
      }))
      yield* noteNoStore
      yield* noteUnusable
      if (json) {
        yield* printJson({
          profile: snapshot.graph.profile,
          ...countsForMachines(countsOf(nodes)),
          stages: stages.map(({ stage, counts }) => ({ stage, ...countsForMachines(counts) })),
          accepted: accepted.length,
          nodes: nodes.map(nodeForMachines),
          executing,
          conflicts,
        })
        return
      }
      const { profile: name } = snapshot.graph
      yield* print(`Profile ${paint.bold(name)}, ${counted(nodes.length, "node")}: ${countsText(countsOf(nodes))}`)
      yield* print(columns(
        ["stage", ...shown.map((tag) => `>${tag === "Missing" ? "missing files" : statusWords[tag]}`)],
        stages.map(({ stage, counts }) => [stage, ...shown.map((tag) => number(counts[tag]))]),
      ))
      if (accepted.length > 0) yield* print(acceptedText(accepted))
      for (const conflict of conflicts) yield* print(conflictText(conflict))
      if (conflicts.length > 0) yield* print(indent(conflictHelp, 9))
      for (const each of executing) yield* print(executingText(each))
    }),
).pipe(Command.withDescription("Count the nodes of each stage that are up to date, will run or may run"))

const shown: ReadonlyArray<Status["_tag"]> = ["Fresh", "WillRun", "MayRun", "Missing", "Blocked", "Unneeded"]

const countsForMachines = ({ Fresh, WillRun, MayRun, Missing, Blocked, Unneeded }: Counts): object => ({
  upToDate: Fresh,
  willRun: WillRun,
  mayRun: MayRun,
  missing: Missing,
  blocked: Blocked,
  unneeded: Unneeded,
})
