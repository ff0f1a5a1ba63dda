import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { attempt } from "../../base/attempt.ts"
import { short } from "../../base/digest.ts"
import { select, selectOne } from "../../graph/select.ts"
import { plan } from "../../status/freshness.ts"
import { graphOf, jsonFlag, profileFlag } from "../project.ts"
import { forMachines, tellNode } from "../text/node.ts"
import { counted, duration, print, printJson } from "../text/output.ts"

/** `dag why NODE`: why a node would run, or what makes it up to date. */
export const why = Command.make("why", {
  node: Argument.String("node").pipe(Argument.withDescription("The node to explain")),
  profile: profileFlag,
  json: jsonFlag,
}, ({ node: name, profile, json }) =>
  Effect.gen(function*() {
    const graph = yield* graphOf(profile)
    const node = yield* attempt(() => selectOne(graph, name))
    const states = yield* plan(yield* attempt(() => select(graph, [node.name])))
    const state = states.get(node.name)
    if (state === undefined) throw new Error(`${node.name} has no state`)
    if (json) {
      const upstream = [...states].filter(([, { _tag }]) => _tag === "Stale" || _tag === "Missing")
      yield* printJson({
        node: node.name,
        ...forMachines(state),
        ...(state._tag === "Fresh" ? { record: state.record } : {}),
        upstream: upstream.map(([name, cause]) => ({ node: name, ...forMachines(cause) })),
      })
      return
    }
    yield* print(tellNode(node.name, state))
    if (state._tag === "Fresh") {
      const { record } = state
      yield* print(`           made ${record.started} in ${duration(record.milliseconds)}, key ${short(record.key)}`)
      return
    }
    // The causes are the nodes that must run whatever their sources make.
    const causes = [...states].filter(([other, { _tag }]) =>
      other !== node.name && (_tag === "Stale" || _tag === "Missing")
    )
    if (causes.length > 0) {
      yield* print(`because of ${counted(causes.length, "node")} that it stands on:`)
      for (const [other, cause] of causes) yield* print(tellNode(other, cause))
    }
  })).pipe(Command.withDescription("Explain why a node would run"))
