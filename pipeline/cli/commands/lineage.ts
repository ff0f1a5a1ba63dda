import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { InputError } from "../../base/errors.ts"
import { actionFacts } from "../../report/action.ts"
import { withinDepth } from "../../report/lineage-depth.ts"
import { nodeForMachines } from "../../report/nodes.ts"
import { lineages } from "../../status/lineage.ts"
import { snapshotOf } from "../../status/snapshot.ts"
import { locate, noteStale } from "../artifact.ts"
import { graphOf, jsonFlag, profileFlag } from "../project.ts"
import { lineageTexts } from "../text/lineage.ts"
import { print, printJson } from "../text/output.ts"

/** `dag lineage NODE|DIGEST`: what an artifact was made from, back to the raw files. */
export const lineage = Command.make("lineage", {
  artifact: Argument.String("node|digest").pipe(
    Argument.withDescription("A node, one of its outputs as node:output, or the beginning of a digest"),
  ),
  profile: profileFlag,
  json: jsonFlag,
  depth: Flag.Int("depth").pipe(
    Flag.withDescription("Go back so many steps; 0 is the node alone. To the raw files if left out"),
    Flag.optional,
  ),
  all: Flag.Boolean("all").pipe(
    Flag.withDescription("Print every action, source and file; many of one stage are one block otherwise"),
    Flag.withDefault(false),
  ),
}, ({ artifact, profile, json, depth, all }) =>
  Effect.gen(function*() {
    const steps = Option.getOrElse(depth, () => Infinity)
    if (steps < 0) {
      return yield* new InputError({
        field: "--depth",
        message: `must be 0 or more, got ${steps}`,
        help: "give a number of steps",
      })
    }
    const graph = yield* graphOf(profile)
    const located = yield* locate(graph, artifact)
    const { node, output, found } = located
    const lineageOf = yield* lineages(yield* snapshotOf(graph))
    const ancestors = withinDepth(yield* lineageOf(node.name), steps)
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
    for (const text of lineageTexts(actionFacts(ancestors), all)) yield* print(`${text}\n`)
  })).pipe(Command.withDescription("Trace an artifact back to the raw files, templates, code and packages"))
