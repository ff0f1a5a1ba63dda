import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { randomInt } from "node:crypto"
import { attempt } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import { counted, duration, indent, number, some } from "../../base/text.ts"
import type { Graph } from "../../graph/node.ts"
import type { Selection } from "../../graph/select.ts"
import { paint } from "../../report/terminal.ts"
import { audit as auditAction, type Audited, type Verdict } from "../../run/audit.ts"
import { finishedOf, type LeftOut, leftOutOf, type Sample, sampleOf, withinTime } from "../../run/sample.ts"
import { acceptedIn, snapshotOf } from "../../status/snapshot.ts"
import { confirmed } from "../confirm.ts"
import { exitCodes } from "../exit-codes.ts"
import { graphOf, jsonFlag, noteNoStore, profileFlag, Project } from "../project.ts"
import { excludeFlag, nodesArgument, selected, selectionText } from "../selecting.ts"
import { auditedText, leftOutLines, sampleText, timeOf, verdictWords } from "../text/audit.ts"
import { makeLine } from "../text/meter.ts"
import { print, printJson, printNote } from "../text/output.ts"
import { viewText } from "../view-text.ts"

/** `dag audit`: executes finished nodes again, apart from the store, and compares. */
export const audit = Command.make("audit", {
  selectors: nodesArgument("Nodes to execute again; a sample of all that are up to date if left out"),
  exclude: excludeFlag,
  profile: profileFlag,
  json: jsonFlag,
  sample: Flag.String("sample").pipe(
    Flag.withDescription("How many of them: \"5%\", or a number; 5% if left out, all if nodes are named"),
    Flag.withDefault(""),
  ),
  seed: Flag.Int("seed").pipe(
    Flag.withDescription("Draws the same sample each time; printed if left out"),
    Flag.optional,
  ),
  maxMinutes: Flag.Finite("max-minutes").pipe(
    Flag.withDescription("Leave out of the sample what would take longer together, the dearest first"),
    Flag.optional,
  ),
  yes: Flag.Boolean("yes").pipe(
    Flag.withAlias("y"),
    Flag.withDescription("Do not ask before executing"),
    Flag.withDefault(false),
  ),
}, ({ selectors, exclude, profile, json, sample: amount, seed: given, maxMinutes, yes }) =>
  Effect.gen(function*() {
    const graph = yield* graphOf(profile)
    const { chosen: names, part } = yield* selected(graph, { include: selectors, exclude })
    const wanted = yield* attempt(() => sampleIn(amount === "" ? selectors.length > 0 ? "100%" : "5%" : amount))
    const most = yield* attempt(() => minutesIn(Option.getOrUndefined(maxMinutes)))
    const seed = Option.getOrElse(given, () => randomInt(1_000_000))
    const snapshot = yield* snapshotOf(part)
    const finished = finishedOf(snapshot, names)
    const accepted = acceptedIn(snapshot).filter(({ node }) => names.has(node))
    yield* noteNoStore
    if (accepted.length > 0) {
      yield* printNote(
        `not among them, since they have accepted changes: ${
          some(accepted.map(({ node }) => node))
        }; dag run --force executes them`,
      )
    }
    const without = leftOutOf(snapshot, names)
    if (finished.length === 0) return yield* nothingLeft(graph, { include: selectors, exclude }, names.size, without)
    for (const each of leftOutLines(without)) yield* printNote(each)
    const drawn = sampleOf(finished, wanted, seed)
    const sample = withinTime(drawn, most)
    if (!json) {
      yield* print(
        `Profile ${paint.bold(graph.profile)}: ${sample.length} of ${
          counted(finished.length, "finished action")
        }, about ${duration(timeOf(sample))} (--seed ${seed})`,
      )
      yield* print(indent(sampleText(sample), 2))
      if (sample.length < drawn.length) {
        yield* print(`  left out for their time: ${counted(drawn.length - sample.length, "action")}`)
      }
      if (sample.length > 0 && !yes && !(yield* confirmed)) return yield* print("Nothing was executed.")
    }
    const audited: Array<Audited> = []
    const project = yield* Project
    const line = makeLine()
    for (const each of sample) {
      const found = yield* auditAction(
        { ...snapshot, graph },
        each,
        project,
        ({ done, total, unit }) => line.show(() => `${each.nodes[0]}  ${number(done)} of ${number(total)} ${unit}`),
      ).pipe(Effect.ensuring(line.close))
      audited.push(found)
      if (!json) yield* print(auditedText(found))
    }
    const count = (tag: Verdict["_tag"]) => audited.filter(({ verdict }) => verdict._tag === tag).length
    const notCompared = audited.length - count("Same") - count("Differs")
    const isLacking = notCompared > 0 || (selectors.length > 0 && without.damaged.length > 0)
    process.exitCode = count("Differs") > 0
      ? exitCodes.found
      : isLacking
      ? exitCodes.failed
      : exitCodes.done
    if (json) {
      const leftOut = drawn.length - sample.length
      yield* printJson({
        profile: graph.profile,
        seed,
        finished: finished.length,
        leftOut,
        ...without,
        actions: audited.map(plain),
      })
      return
    }
    yield* print(
      [
        paint.bold(`${count("Same")} the same`),
        ...(count("Differs") > 0 ? [paint.red(`${count("Differs")} different`)] : []),
        ...(notCompared > 0 ? [paint.yellow(`${notCompared} not compared`)] : []),
      ].join(", "),
    )
  })).pipe(Command.withDescription(
    "Execute a sample of finished nodes again, apart from the store, and compare column by column. Exit code 0: all are the same, 3: some differ, 1: some could not be compared, or nothing is left to compare",
  ))

/** That none of the nodes can be executed again, and what to do about it. */
const nothingLeft = (
  graph: Graph,
  selection: Selection,
  count: number,
  { damaged, notUpToDate }: LeftOut,
): InputError => {
  const accepted = count - damaged.length - notUpToDate.length
  const run = `dag run${selectionText(selection)} ${viewText(graph)}`
  const parts = [
    ...(damaged.length === 0 ? [] : [`${are(damaged.length)} damaged (${some(damaged)})`]),
    ...(notUpToDate.length === 0 ? [] : [`${are(notUpToDate.length)} not up to date`]),
    ...(accepted === 0 ? [] : [`${counted(accepted, "node")} ${accepted === 1 ? "has" : "have"} accepted changes`]),
  ]
  return new InputError({
    message: notUpToDate.length === count && count > 1
      ? `none of the ${counted(count, "node")} is up to date`
      : `nothing is left to compare: ${parts.join(", ")}`,
    help: damaged.length > 0
      ? `move away what is damaged and make it again: dag repair, then ${run}`
      : notUpToDate.length > 0
      ? `run ${count === 1 ? "it" : "them"} first: ${run}`
      : `execute ${count === 1 ? "it" : "them"} with dag run --force`,
  })
}

const are = (count: number): string => `${counted(count, "node")} ${count === 1 ? "is" : "are"}`

const sampleIn = (text: string): Sample => {
  const [, number = "", percent] = /^(\d{1,6}(?:\.\d{1,6})?)(%?)$/u.exec(text) ?? []
  const value = Number(number)
  if (number !== "" && percent === "%" && value > 0 && value <= 100) return { _tag: "Part", part: value / 100 }
  if (percent === "" && Number.isInteger(value) && value > 0) return { _tag: "Count", count: value }
  throw new InputError({ field: "--sample", message: `is "${text}"`, help: "give a part such as 5%, or a number" })
}

const minutesIn = (minutes: number | undefined): number => {
  if (minutes === undefined) return Infinity
  if (minutes > 0) return minutes * 60_000
  throw new InputError({ field: "--max-minutes", message: `must be above 0, got ${minutes}`, help: "give minutes" })
}

/** An action of an audit, for machines. */
const plain = ({ node, twins, recorded, milliseconds, verdict }: Audited): object => {
  const { _tag, ...found } = verdict
  return {
    node,
    twins,
    key: recorded.key,
    milliseconds: { recorded: recorded.milliseconds, again: milliseconds },
    verdict: verdictWords[_tag],
    ...found,
    ...("outputs" in found ? { outputs: Object.fromEntries(found.outputs) } : {}),
  }
}
