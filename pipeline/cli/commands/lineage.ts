import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { actionFacts } from "../../report/action.ts"
import { nodeForMachines } from "../../report/nodes.ts"
import { lineages } from "../../status/lineage.ts"
import { snapshotOf } from "../../status/snapshot.ts"
import { locate, noteStale } from "../artifact.ts"
import { graphOf, jsonFlag, profileFlag } from "../project.ts"
import { actionText } from "../text/action.ts"
import { print, printJson } from "../text/output.ts"

/** `dag lineage NODE|DIGEST`: what an artifact was made from, back to the raw files. */
export const lineage = Command.make("lineage", {
  artifact: Argument.String("node|digest").pipe(
    Argument.withDescription("A node, one of its outputs as node:output, or the beginning of a digest"),
  ),
  profile: profileFlag,
  json: jsonFlag,
}, ({ artifact, profile, json }) =>
  Effect.gen(function*() {
    const graph = yield* graphOf(profile)
    const located = yield* locate(graph, artifact)
    const { node, output, found } = located
    const lineageOf = yield* lineages(yield* snapshotOf(graph))
    const ancestors = yield* lineageOf(node.name)
    yield* noteStale(graph, located)
    if (json) {
      yield* printJson({
        profile: graph.profile,
        ...nodeForMachines(found),
        output,
        upToDate: found.status._tag === "Fresh",
        lineage: ancestors,
      })
      return
    }
    for (const action of actionFacts(ancestors)) yield* print(`${actionText(action)}\n`)
  })).pipe(Command.withDescription("Trace an artifact back to the raw files, templates, code and packages"))
