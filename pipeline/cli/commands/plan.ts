import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { attempt } from "../../base/attempt.ts"
import { counted } from "../../base/text.ts"
import { expectedForMachines, nodeForMachines } from "../../report/nodes.ts"
import { type Forecast, forecastOf } from "../../status/forecast.ts"
import { measuredBeside } from "../../status/measured.ts"
import { plannedToRun } from "../../status/planned-to-run.ts"
import { countsOf, type Snapshot, withStatus } from "../../status/snapshot.ts"
import { noteUnusable } from "../damaged.ts"
import { executingNow } from "../executing.ts"
import { exitCodes } from "../exit-codes.ts"
import { limitFlags, limitsOf } from "../limits.ts"
import { type Noticed, noticeOf, noticeText } from "../notice.ts"
import { graphOf, jsonFlag, noteNoStore, profileFlag } from "../project.ts"
import { noteForgotten, noteGone } from "../remote.ts"
import { excludeFlag, nodesArgument, selected } from "../selecting.ts"
import { shortageText, wholeTimeText } from "../text/forecast.ts"
import { executingText } from "../text/holder.ts"
import { countsText, nodeText } from "../text/node.ts"
import { print, printJson } from "../text/output.ts"

/** `dag plan`: what a run would execute, and why. */
export const plan = Command.make(
  "plan",
  {
    selectors: nodesArgument("Nodes to look at, with all nodes that they depend on; every node if left out"),
    exclude: excludeFlag,
    profile: profileFlag,
    json: jsonFlag,
    ...limitFlags,
    exitCode: Flag.Boolean("exit-code").pipe(
      Flag.withDescription("End with 5 where a run would execute nodes, and with 6 where it would lack files"),
      Flag.withDefault(false),
    ),
  },
  ({ selectors, exclude, profile, json, jobs, memory, gpus, exitCode }) =>
    Effect.gen(function*() {
      const whole = yield* graphOf(profile)
      const { part, ...asked } = yield* selected(whole, { include: selectors, exclude })
      const { planned: snapshot, needed, gone } = yield* plannedToRun(part, asked)
      const nodes = [...snapshot.nodes.values()]
      if (exitCode) process.exitCode = planCode(snapshot, needed)
      yield* noteNoStore
      yield* noteUnusable
      yield* noteGone(gone)
      yield* noteForgotten(snapshot)
      const limits = yield* limitsOf(snapshot.graph, { jobs, memory, gpus })
      const beside = yield* measuredBeside(whole, snapshot)
      const forecast = yield* attempt(() => forecastOf(snapshot, limits, beside))
      const notice = yield* noticeOf(snapshot)
      yield* printPlan(snapshot, json, { ...forecast, notice })
      if (json) return
      for (const each of yield* executingNow(nodes)) if (each.isInGraph) yield* print(executingText(each))
      if (forecast.stages.length > 0) yield* print(`time: ${wholeTimeText(forecast)}`)
      for (const shortage of forecast.shortages) yield* print(shortageText(shortage))
      if (notice !== undefined) yield* print(noticeText(notice))
      yield* print(`${counted(nodes.length, "node")}: ${countsText(countsOf(nodes))}`)
    }),
).pipe(Command.withDescription("Show what a run would execute, and why"))

/** Prints the nodes that a run would execute, and why, then those that lack files; as JSON all. */
export const printPlan = Effect.fnUntraced(function*(
  snapshot: Snapshot,
  json: boolean,
  { durations, notice }: Pick<Forecast, "durations"> & { readonly notice: Noticed | undefined },
) {
  if (json) {
    return yield* printJson(
      [...snapshot.nodes.values()].map((each) => ({
        ...nodeForMachines(each),
        ...expectedForMachines(durations.get(each.node.name)),
        ...(notice?.nodes.has(each.node.name) === true ? { notice: notice.facts } : {}),
      })),
    )
  }
  for (const node of withStatus(snapshot, "WillRun", "MayRun")) {
    yield* print(nodeText(node, durations.get(node.node.name)))
  }
  for (const node of withStatus(snapshot, "Missing")) yield* print(nodeText(node))
})

/** The exit code of a plan: what a run would lack, before what it would execute. */
const planCode = (snapshot: Snapshot, needed: ReadonlySet<string>): number =>
  withStatus(snapshot, "Missing", "Blocked").some(({ node }) => needed.has(node.name))
    ? exitCodes.missing
    : withStatus(snapshot, "WillRun", "MayRun").length > 0
    ? exitCodes.stale
    : exitCodes.done
