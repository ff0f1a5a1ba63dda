import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { attempt } from "../../base/attempt.ts"
import { short } from "../../base/digest.ts"
import { matching, select } from "../../graph/select.ts"
import { type Freshness, plan } from "../../status/freshness.ts"
import { graphOf, jsonFlag, profileFlag } from "../project.ts"
import { bytes, columns, duration, paint, print, printJson } from "../text/output.ts"

/** `dag ls`: the nodes of a profile, how each stands, and what it made. */
export const ls = Command.make("ls", {
  selectors: Argument.String("node").pipe(
    Argument.withDescription("Nodes to list; all where left out"),
    Argument.variadic(),
  ),
  profile: profileFlag,
  json: jsonFlag,
}, ({ selectors, profile, json }) =>
  Effect.gen(function*() {
    const whole = yield* graphOf(profile)
    const graph = yield* attempt(() => select(whole, selectors))
    const wanted = new Set(
      selectors.length === 0 ? graph.nodes.keys() : selectors.flatMap((each) => matching(graph, each)),
    )
    const states = new Map([...yield* plan(graph)].filter(([name]) => wanted.has(name)))
    if (json) {
      yield* printJson([...states].map(([node, state]) => ({
        node,
        state: state._tag.toLowerCase(),
        ...(state._tag === "Fresh" ? { key: state.key, outputs: state.record.outputs } : {}),
      })))
      return
    }
    const rows = [...states].flatMap(([node, state]): ReadonlyArray<ReadonlyArray<string>> =>
      state._tag === "Fresh"
        ? Object.entries(state.record.outputs).map(([name, output]) => [
          node,
          label(state),
          name,
          output.rows.toLocaleString("en"),
          bytes(output.size),
          duration(state.record.milliseconds),
          short(output.digest),
        ])
        : [[node, label(state), "", "", "", "", ""]]
    )
    yield* print(columns(["node", "state", "output", ">rows", ">size", ">took", "digest"], rows))
  })).pipe(Command.withDescription("List nodes, how they stand, and what they made"))

const label = (state: Freshness): string => {
  switch (state._tag) {
    case "Fresh":
      return paint.green("up to date")
    case "Stale":
    case "Pending":
      return paint.cyan("to execute")
    case "Missing":
      return paint.yellow("missing files")
    case "Blocked":
      return paint.yellow("blocked")
  }
}
