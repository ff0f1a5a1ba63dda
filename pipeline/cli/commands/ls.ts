import { Effect } from "effect"
import { Command } from "effect/cli"
import { short } from "../../base/digest.ts"
import { bytes, duration, number } from "../../base/text.ts"
import { everything } from "../../graph/needed.ts"
import { nodeForMachines } from "../../report/nodes.ts"
import { columnsLeaving, paint } from "../../report/terminal.ts"
import { failuresUnder } from "../../status/failures.ts"
import { plannedRun } from "../../status/planned.ts"
import { type Executing, executingNow } from "../executing.ts"
import { graphOf, jsonFlag, noteNoStore, profileFlag } from "../project.ts"
import { excludeFlag, nodesArgument, selected } from "../selecting.ts"
import { statusLabel } from "../text/node.ts"
import { print, printJson } from "../text/output.ts"
import { waitWord } from "../text/queue.ts"

/** `dag ls`: the nodes of a profile, the status of each, and what it last made. */
export const ls = Command.make("ls", {
  selectors: nodesArgument("Nodes to list; every node if left out"),
  exclude: excludeFlag,
  profile: profileFlag,
  json: jsonFlag,
}, ({ selectors, exclude, profile, json }) =>
  Effect.gen(function*() {
    const whole = yield* graphOf(profile)
    const { chosen } = yield* selected(whole, { include: selectors, exclude })
    // As a run of the whole profile has it: whether something needs a node lies beyond what it depends on.
    const { planned } = yield* plannedRun(whole, everything)
    const nodes = [...planned.nodes.values()].filter(({ node }) => chosen.has(node.name))
    const executing = new Map<string, Executing>((yield* executingNow(nodes)).map((each) => [each.key, each] as const))
    const keys = new Map(nodes.flatMap(({ node, status }) => {
      const key = status._tag === "WillRun" ? status.action?.key : undefined
      return key === undefined ? [] : [[node.name, key] as const]
    }))
    const idle = new Map([...keys].filter(([, key]) => !executing.has(key)))
    const failures = yield* failuresUnder(whole.profile, idle)
    yield* noteNoStore
    if (json) {
      yield* printJson(nodes.map((each) => {
        const { node: { name } } = each
        const [now, failed] = [executing.get(keys.get(name) ?? ""), failures.get(name)]
        return {
          ...nodeForMachines(each),
          ...(now === undefined ? {} : { executing: now }),
          ...(failed === undefined ? {} : { failed }),
        }
      }))
      return
    }
    const rows = nodes.flatMap(({ node, status, record }): ReadonlyArray<ReadonlyArray<string>> => {
      const now = executing.get(keys.get(node.name) ?? "")
      const state = now !== undefined
        ? now.queued?.wait === undefined ? paint.cyan("running") : waitWord(now.queued.wait).trimEnd()
        : failures.has(node.name)
        ? paint.red("failed")
        : statusLabel(status._tag)
      const head = [node.name, state]
      return record === undefined
        ? [head]
        : Object.entries(record.outputs).map(([name, output]) => [
          ...head,
          name,
          number(output.rows),
          bytes(output.size),
          duration(record.milliseconds),
          short(output.digest),
        ])
    })
    const headings = ["node", "state", "output", ">rows", ">size", ">took", "digest"]
    const { table, left } = columnsLeaving(headings, rows, process.stdout.columns, ["digest", "took", "size"])
    yield* print(table)
    if (left.length > 0) yield* print(paint.dim(`No room for: ${left.join(", ")}; a pipe and --json have all`))
  })).pipe(Command.withDescription("List nodes, the status of each, and what it last made"))
