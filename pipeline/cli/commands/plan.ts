import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { attempt } from "../../base/attempt.ts"
import { select } from "../../graph/select.ts"
import { type Freshness, plan as planOf } from "../../status/freshness.ts"
import { graphOf, jsonFlag, profileFlag } from "../project.ts"
import { forMachines, tellNode } from "../text/node.ts"
import { columns, counted, paint, print, printJson } from "../text/output.ts"

const selectorsArgument = Argument.String("node").pipe(
  Argument.withDescription("Nodes to look at, with all they stand on; everything where left out"),
  Argument.variadic(),
)

/** `dag plan`: what a run would execute, and why. */
export const plan = Command.make(
  "plan",
  { selectors: selectorsArgument, profile: profileFlag, json: jsonFlag },
  ({ selectors, profile, json }) =>
    Effect.gen(function*() {
      const whole = yield* graphOf(profile)
      const graph = yield* attempt(() => select(whole, selectors))
      const states = yield* planOf(graph)
      if (json) {
        yield* printJson([...states].map(([node, state]) => ({ node, ...forMachines(state) })))
        return
      }
      const toRun = [...states].filter(([, { _tag }]) => _tag === "Stale" || _tag === "Pending")
      const missing = [...states].filter(([, { _tag }]) => _tag === "Missing")
      for (const [node, state] of toRun) yield* print(tellNode(node, state))
      for (const [node, state] of missing) yield* print(tellNode(node, state))
      const count = (tag: Freshness["_tag"]) => [...states.values()].filter(({ _tag }) => _tag === tag).length
      const parts = [
        paint.bold(`${counted(toRun.length, "node")} to execute`),
        `${count("Fresh").toLocaleString("en")} up to date`,
        ...(missing.length > 0 ? [`${missing.length} missing files`] : []),
        ...(count("Blocked") > 0 ? [`${count("Blocked").toLocaleString("en")} blocked`] : []),
      ]
      yield* print(parts.join(", "))
    }),
).pipe(Command.withDescription("Say what a run would execute, and why"))

/** `dag status`: how many nodes of each stage are up to date. */
export const status = Command.make(
  "status",
  { profile: profileFlag, json: jsonFlag },
  ({ profile, json }) =>
    Effect.gen(function*() {
      const graph = yield* graphOf(profile)
      const states = yield* planOf(graph)
      const stages = new Map<string, Record<Freshness["_tag"], number>>()
      for (const node of graph.nodes.values()) {
        const counts = stages.get(node.stage.name) ?? { Fresh: 0, Stale: 0, Pending: 0, Missing: 0, Blocked: 0 }
        const state = states.get(node.name)
        if (state !== undefined) counts[state._tag]++
        stages.set(node.stage.name, counts)
      }
      if (json) {
        yield* printJson({
          profile: graph.profile,
          stages: [...stages].map(([stage, { Fresh, Stale, Pending, Missing, Blocked }]) => ({
            stage,
            upToDate: Fresh,
            toExecute: Stale + Pending,
            missing: Missing,
            blocked: Blocked,
          })),
        })
        return
      }
      yield* print(`Profile ${paint.bold(graph.profile)}: ${counted(graph.nodes.size, "node")}`)
      yield* print(columns(
        ["stage", ">up to date", ">to execute", ">missing files", ">blocked"],
        [...stages].map(([stage, { Fresh, Stale, Pending, Missing, Blocked }]) => [
          stage,
          ...[Fresh, Stale + Pending, Missing, Blocked].map((count) => count.toLocaleString("en")),
        ]),
      ))
    }),
).pipe(Command.withDescription("Count the nodes of each stage that are up to date"))
