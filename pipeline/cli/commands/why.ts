import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { attempt } from "../../base/attempt.ts"
import { short } from "../../base/digest.ts"
import { counted, duration, fitted, indent, number } from "../../base/text.ts"
import { everything } from "../../graph/needed.ts"
import { select, selectOne } from "../../graph/select.ts"
import { CodeBase } from "../../identity/code.ts"
import { nodeForMachines } from "../../report/nodes.ts"
import { lastLinesOf } from "../../report/printed.ts"
import { failuresUnder, stopUnder } from "../../status/failures.ts"
import { plannedRun } from "../../status/planned.ts"
import { withStatus } from "../../status/snapshot.ts"
import { noteUnusable } from "../damaged.ts"
import { isHeld, makeLookAtQueued } from "../executing.ts"
import { graphOf, jsonFlag, noteNoStore, profileFlag } from "../project.ts"
import { failedText } from "../text/failure.ts"
import { nodeText, warningText } from "../text/node.ts"
import { print, printJson } from "../text/output.ts"
import { inQueueText } from "../text/queue.ts"
import { coarseText } from "../text/reasons.ts"
import { printedText, stoppedText, wholeJobText } from "../text/stopped.ts"

/** So many of the nodes that others run because of are printed. */
const most = 12

/** `dag why NODE`: why a node would run, or what makes it up to date. */
export const why = Command.make("why", {
  node: Argument.String("node").pipe(Argument.withDescription("The node to explain")),
  profile: profileFlag,
  json: jsonFlag,
}, ({ node: name, profile, json }) =>
  Effect.gen(function*() {
    const codeBase = yield* CodeBase
    const graph = yield* graphOf(profile)
    const { name: exact } = yield* attempt(() => selectOne(graph, name))
    // As a run of the whole profile has it: whether something needs the node lies beyond what it depends on.
    const { planned } = yield* plannedRun(graph, everything)
    const { nodes: own } = yield* attempt(() => select(graph, [exact]))
    const snapshot = { ...planned, nodes: new Map([...planned.nodes].filter(([name]) => own.has(name))) }
    const found = snapshot.nodes.get(exact)
    if (found === undefined) throw new Error(`${exact} is not in its own graph`)
    const { node, status, record } = found
    const { coarse } = (yield* attempt(() => codeBase.of(node.stage.name, node.options))).code
    // These run, or cannot run, whatever other nodes make.
    const causes = withStatus(snapshot, "WillRun", "Missing").filter(({ node }) => node.name !== exact)
    const warnings = withStatus(snapshot, "Fresh").flatMap(({ node, status: { record: { warnings = [] } } }) =>
      warnings.map((text) => ({ node: node.name, text }))
    )
    const key = status._tag === "WillRun" ? status.action?.key : undefined
    const failed = key === undefined
      ? undefined
      : (yield* failuresUnder(graph.profile, new Map([[exact, key]]))).get(exact)
    const queued = key === undefined ? undefined : (yield* makeLookAtQueued()([key])).get(key)
    const stop = key === undefined || failed !== undefined || (yield* isHeld(key))
      ? undefined
      : yield* stopUnder(graph.profile, exact, key)
    yield* noteNoStore
    yield* noteUnusable
    if (json) {
      yield* printJson({
        ...nodeForMachines(found),
        ...(status._tag === "Fresh" ? { record } : {}),
        ...(failed === undefined ? {} : { failed }),
        ...(stop === undefined ? {} : { stopped: stop }),
        ...(queued === undefined ? {} : { queued }),
        coarse,
        warnings,
        upstream: causes.map(nodeForMachines),
      })
      return
    }
    yield* print(nodeText(found))
    if (failed !== undefined) yield* print(`           ${failedText(failed)}`)
    const below = (text: string) => print(fitted(indent(text, 11), process.stdout.columns))
    if (stop !== undefined) yield* below(stoppedText(exact, stop, queued !== undefined))
    else if (queued !== undefined) yield* below(inQueueText(queued))
    const job = failed?.job ?? (queued === undefined ? stop?.job : undefined)
    if (job !== undefined) {
      const of = stop === undefined ? `it was in ${wholeJobText(job)}; ` : ""
      yield* below(`${of}${printedText(yield* lastLinesOf(job))}`)
    }
    for (const warning of warnings) yield* print(`           ${warningText(warning.text)} (${warning.node})`)
    if (coarse.length > 0) {
      yield* print("           runs again when any source file of the project changes:")
      for (const place of coarse) yield* print(`           ${coarseText(place)}`)
    }
    if (status._tag === "Fresh") {
      const { started, milliseconds, key } = status.record
      yield* print(`           made ${started} in ${duration(milliseconds)}, key ${short(key)}`)
      return
    }
    if (causes.length === 0) return
    yield* print(`because of ${counted(causes.length, "node")} that it depends on:`)
    for (const cause of causes.slice(0, most)) yield* print(nodeText(cause))
    if (causes.length > most) yield* print(`and ${number(causes.length - most)} more (--json lists all)`)
  })).pipe(Command.withDescription("Explain why a node would run"))
