import { Effect } from "effect"
import { Command } from "effect/cli"
import { InputError } from "../../base/errors.ts"
import { some } from "../../base/text.ts"
import type { ChecklistItem } from "../../report/checklist.ts"
import { provenanceOfSelected } from "../export-provenance.ts"
import { graphOf, jsonFlag, profileFlag, Project } from "../project.ts"
import { excludeFlag, nodesArgument } from "../selecting.ts"
import { print, printJson } from "../text/output.ts"

/** `dag checklist`: what conferences ask of an experiment, answered from what was executed. */
export const checklist = Command.make("checklist", {
  nodes: nodesArgument("What to answer for, with all that it was made from; all nodes if left out"),
  exclude: excludeFlag,
  profile: profileFlag,
  json: jsonFlag,
}, ({ nodes, exclude, profile, json }) =>
  Effect.gen(function*() {
    const { experiment } = yield* Project
    if (experiment.checklist === undefined) {
      return yield* new InputError({
        message: "dag.config.ts declares no checklist",
        help: "declare one: experiment({ checklist })",
      })
    }
    const graph = yield* graphOf(profile)
    const { provenance } = yield* provenanceOfSelected(graph, { include: nodes, exclude })
    const items = experiment.checklist(provenance)
    if (json) return yield* printJson({ profile: graph.profile, items })
    for (const item of items) yield* print(`${textOf(item)}\n`)
  })).pipe(Command.withDescription("Answer the reproducibility checklist of conferences from what was executed"))

/** A question, its answers below it, and the nodes that they come from. */
const textOf = ({ asks, says, nodes }: ChecklistItem): string =>
  [
    asks,
    ...(says.length === 0 ? ["  unknown: nothing that ran says it"] : says.map((line) => `  ${line}`)),
    ...(nodes.length === 0 ? [] : [`  from ${some(nodes)}`]),
  ].join("\n")
