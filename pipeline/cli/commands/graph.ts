import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { dot, drawingOf, mermaid } from "../../report/drawing.ts"
import { graphOf, jsonFlag, profileFlag } from "../project.ts"
import { excludeFlag, nodesArgument, selected } from "../selecting.ts"
import { print, printJson } from "../text/output.ts"

/** `dag graph`: the graph as a drawing program reads it. */
export const graph = Command.make("graph", {
  selectors: nodesArgument("Nodes to draw; every node if left out"),
  exclude: excludeFlag,
  profile: profileFlag,
  json: jsonFlag,
  by: Flag.Literals("by", ["stage", "node"]).pipe(
    Flag.withDescription("A box for each stage, or for each node"),
    Flag.withDefault("stage"),
  ),
  to: Flag.Literals("to", ["mermaid", "dot"]).pipe(
    Flag.withDescription("Write it for Mermaid, or for Graphviz: dag graph --to dot | dot -Tsvg"),
    Flag.withDefault("mermaid"),
  ),
}, ({ selectors, exclude, profile, json, by, to }) =>
  Effect.gen(function*() {
    const whole = yield* graphOf(profile)
    const { chosen } = yield* selected(whole, { include: selectors, exclude })
    const drawing = drawingOf(whole, chosen, by)
    yield* json ? printJson(drawing) : print((to === "dot" ? dot : mermaid)(drawing))
  })).pipe(Command.withDescription("Draw the graph, by stage or by node, as Mermaid or DOT"))
