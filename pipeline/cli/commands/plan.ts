import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { attempt } from "../../base/attempt.ts"
import { counted } from "../../base/text.ts"
import { select } from "../../graph/select.ts"
import { executingNow } from "../../report/executing.ts"
import { nodeForMachines } from "../../report/nodes.ts"
import { plannedRun } from "../../status/planned.ts"
import { countsOf, withStatus } from "../../status/snapshot.ts"
import { noteUnusable } from "../damaged.ts"
import { graphOf, jsonFlag, noteNoStore, profileFlag } from "../project.ts"
import { executingText } from "../text/holder.ts"
import { countsText, nodeText } from "../text/node.ts"
import { print, printJson } from "../text/output.ts"

/** `dag plan`: what a run would execute, and why. */
export const plan = Command.make(
  "plan",
  {
    selectors: Argument.String("node").pipe(
      Argument.withDescription("Nodes to look at, with all nodes that they depend on; every node if left out"),
      Argument.variadic(),
    ),
    profile: profileFlag,
    json: jsonFlag,
  },
  ({ selectors, profile, json }) =>
    Effect.gen(function*() {
      const whole = yield* graphOf(profile)
      const { planned: snapshot } = yield* plannedRun(yield* attempt(() => select(whole, selectors)), selectors)
      const nodes = [...snapshot.nodes.values()]
      yield* noteNoStore
      yield* noteUnusable
      if (json) {
        yield* printJson(nodes.map(nodeForMachines))
        return
      }
      for (const node of withStatus(snapshot, "WillRun", "MayRun")) yield* print(nodeText(node))
      for (const node of withStatus(snapshot, "Missing")) yield* print(nodeText(node))
      for (const each of yield* executingNow(nodes)) if (each.isInGraph) yield* print(executingText(each))
      yield* print(`${counted(nodes.length, "node")}: ${countsText(countsOf(nodes))}`)
    }),
).pipe(Command.withDescription("Show what a run would execute, and why"))
