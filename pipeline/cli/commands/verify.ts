import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { counted, number, some } from "../../base/text.ts"
import { paint } from "../../report/terminal.ts"
import { audit, type Audited } from "../../run/audit.ts"
import { finishedOf, leftOutOf } from "../../run/sample.ts"
import { ReadsRecords } from "../../status/at-a-glance.ts"
import { HashesFiles } from "../../status/file-digests.ts"
import { acceptedIn, snapshotOf } from "../../status/snapshot.ts"
import { type Verdict, verdictOf } from "../../store/verify/finding.ts"
import { verifyStore } from "../../store/verify/verify.ts"
import { declared } from "../declared.ts"
import { exitCodes } from "../exit-codes.ts"
import { graphOf, jsonFlag, noteNoStore, profileFlag, Project } from "../project.ts"
import { auditedText } from "../text/audit.ts"
import { checkedText, findingText } from "../text/findings.ts"
import { makeLine, makeMeter } from "../text/meter.ts"
import { print, printJson } from "../text/output.ts"

/** The exit code of each verdict. */
const codes: Readonly<Record<Verdict, number>> = {
  sound: exitCodes.done,
  damaged: exitCodes.found,
  foreign: exitCodes.foreign,
}

/** What took longer is left to dag audit, in milliseconds. */
const CHEAP = 10_000

/** What executing again came to, and how many actions or nodes it could not be done for, by the reason. */
interface Recomputed {
  readonly audited: ReadonlyArray<Audited>
  readonly notCompared: Readonly<Record<string, number>>
}

const notRecomputed: Recomputed = { audited: [], notCompared: {} }

/** Executes the cheap nodes of a profile again that are up to date. */
const recomputed = Effect.fnUntraced(function*(profile: string) {
  const project = yield* Project
  const graph = yield* graphOf(profile)
  const snapshot = yield* snapshotOf(graph).pipe(
    Effect.provideService(ReadsRecords, true),
    Effect.provideService(HashesFiles, true),
  )
  const names = new Set(graph.nodes.keys())
  const [cheap, dear] = partition(finishedOf(snapshot, names), ({ record }) => record.milliseconds <= CHEAP)
  const [here, gpu] = partition(cheap, ({ record }) => record.resources.gpu === 0)
  const line = makeLine()
  const audited = yield* Effect.forEach(
    here,
    (each, index) =>
      Effect.andThen(
        line.show(() => `executed again: ${number(index)} of ${number(here.length)}`),
        audit(snapshot, each, project, () => Effect.void),
      ),
  ).pipe(Effect.ensuring(line.close))
  const { damaged, notUpToDate } = leftOutOf(snapshot, names)
  const count = (tag: Audited["verdict"]["_tag"]) => audited.filter(({ verdict }) => verdict._tag === tag).length
  const notCompared = {
    "took more than ten seconds": dear.length,
    "used a GPU": gpu.length,
    "not up to date": notUpToDate.length,
    "with accepted changes": acceptedIn(snapshot).length,
    "damaged or gone": damaged.length + count("Damaged"),
    "in need of what dag gc removed": count("Released"),
    "failed now": count("Failed"),
  }
  return { audited, notCompared } satisfies Recomputed
})

const partition = <A>(all: ReadonlyArray<A>, isFirst: (each: A) => boolean) =>
  [all.filter(isFirst), all.filter((each) => !isFirst(each))] as const

/** How many could not be compared, and why; undefined where all were. */
const notComparedText = (notCompared: Recomputed["notCompared"]): string | undefined => {
  const reasons = Object.entries(notCompared).filter(([, count]) => count > 0)
  const total = reasons.reduce((sum, [, count]) => sum + count, 0)
  return total === 0
    ? undefined
    : `${number(total)} not compared: ${reasons.map(([why, count]) => `${number(count)} ${why}`).join(", ")}.`
}

/** `dag verify`: whether every file of the store is what was written. */
export const verify = Command.make("verify", {
  profile: profileFlag,
  json: jsonFlag,
  recompute: Flag.Boolean("recompute").pipe(
    Flag.withDescription("Execute again, apart from the store, what took ten seconds or less, and compare"),
    Flag.withDefault(false),
  ),
}, ({ profile, json, recompute }) =>
  Effect.gen(function*() {
    const meter = makeMeter("checked")
    const report = yield* Effect.ensuring(verifyStore(meter.advanced, yield* declared), meter.close)
    const { audited: again, notCompared } = recompute ? yield* recomputed(profile) : notRecomputed
    const different = again.filter((each) => each.verdict._tag === "Differs").map(({ node }) => node)
    const isDamaged = different.length > 0 || again.some((each) => each.verdict._tag === "Damaged")
    const failed = again.filter((each) => each.verdict._tag === "Failed").map(({ node }) => node)
    const verdict = verdictOf(report)
    process.exitCode = isDamaged || verdict === "damaged"
      ? codes.damaged
      : failed.length > 0
      ? exitCodes.failed
      : codes[verdict]
    yield* noteNoStore
    if (json) {
      yield* printJson({
        verdict: isDamaged ? "damaged" : verdict,
        checked: Object.fromEntries(report.checked),
        findings: report.findings,
        ...(recompute
          ? { recomputed: again.map(({ node, verdict: { _tag } }) => ({ node, verdict: _tag })), notCompared }
          : {}),
      })
      return
    }
    yield* print(checkedText(report))
    for (const finding of report.findings) yield* print(findingText(finding))
    for (const each of again) if (each.verdict._tag !== "Same") yield* print(auditedText(each))
    if (recompute) {
      const same = again.filter((each) => each.verdict._tag === "Same").length
      yield* print(`${counted(again.length, "action")} executed again: ${number(same)} made the same.`)
      const left = notComparedText(notCompared)
      if (left !== undefined) yield* print(`${left} dag audit NODE executes any that is up to date.`)
    }
    const files = [...report.checked.values()].reduce((sum, each) => sum + each.files, 0)
    const count = (...states: ReadonlyArray<string>) =>
      report.findings.filter(({ state }) => states.includes(state)).length
    yield* print(
      {
        sound: paint.green(`Sound: ${counted(files, "file")} checked.`),
        damaged: paint.red(
          `Damaged: ${counted(count("damaged", "unreadable", "incomplete"), "file")} of ${number(files)}. ${
            count("unreadable") > 0
              ? "Check the disk and the system's log. Remove what stays unreadable, then run dag run"
              : count("damaged") > 0
              ? "Run dag repair, then dag run"
              : "Run dag run: it makes again what is not there"
          }.`,
        ),
        foreign: paint.yellow(
          `Sound, with ${counted(count("foreign"), "file")} that no such store has: none is read. Move them away.`,
        ),
      }[verdict],
    )
    if (failed.length > 0) {
      yield* print(
        paint.yellow(
          `${number(failed.length)} failed now and could not be compared: ${some(failed)}. See the reasons above.`,
        ),
      )
    }
    if (different.length > 0) {
      yield* print(paint.red(
        `${number(different.length)} ${different.length === 1 ? "differs" : "differ"}: ${
          some(different)
        }. Nothing that was made from ${
          different.length === 1 ? "it" : "them"
        } is sure to come out again. See the reasons above, fix the stage, then run dag run.`,
      ))
    }
  })).pipe(Command.withDescription(
    "Check that every file of the store is what was written; nothing is changed. Exit code 0: sound, 3: damaged, 4: only files that do not belong to a store, 1: with --recompute, something failed",
  ))
