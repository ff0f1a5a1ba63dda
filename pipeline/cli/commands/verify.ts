import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { counted, number } from "../../base/text.ts"
import { paint } from "../../report/terminal.ts"
import { audit } from "../../run/audit.ts"
import { finishedOf } from "../../run/sample.ts"
import { snapshotOf } from "../../status/snapshot.ts"
import { type Verdict, verdictOf } from "../../store/verify/finding.ts"
import { verifyStore } from "../../store/verify/verify.ts"
import { declared } from "../declared.ts"
import { graphOf, jsonFlag, noteNoStore, profileFlag, Project } from "../project.ts"
import { auditedText } from "../text/audit.ts"
import { checkedText, findingText } from "../text/findings.ts"
import { makeLine, makeMeter } from "../text/meter.ts"
import { print, printJson } from "../text/output.ts"

/** The exit code of each verdict. */
export const exitCodes: Readonly<Record<Verdict, number>> = { sound: 0, damaged: 3, foreign: 4 }

/** What took longer is left to dag audit, in milliseconds. */
const CHEAP = 10_000

/** Executes the cheap nodes of a profile again that are up to date. */
const recomputed = Effect.fnUntraced(function*(profile: string) {
  const project = yield* Project
  const graph = yield* graphOf(profile)
  const snapshot = yield* snapshotOf(graph)
  const cheap = finishedOf(snapshot, new Set(graph.nodes.keys()))
    .filter(({ record }) => record.milliseconds <= CHEAP && record.resources.gpu === 0)
  const line = makeLine()
  return yield* Effect.forEach(
    cheap,
    (each, index) =>
      Effect.andThen(
        line.show(() => `executed again: ${number(index)} of ${number(cheap.length)}`),
        audit(snapshot, each, project, () => Effect.void),
      ),
  ).pipe(Effect.ensuring(line.close))
})

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
    const again = recompute ? yield* recomputed(profile) : []
    const isDifferent = again.some((each) => each.verdict._tag !== "Same")
    const verdict = isDifferent ? "damaged" : verdictOf(report)
    process.exitCode = exitCodes[verdict]
    yield* noteNoStore
    if (json) {
      yield* printJson({
        verdict,
        checked: Object.fromEntries(report.checked),
        findings: report.findings,
        ...(recompute ? { recomputed: again.map(({ node, verdict: { _tag } }) => ({ node, verdict: _tag })) } : {}),
      })
      return
    }
    yield* print(checkedText(report))
    for (const finding of report.findings) yield* print(findingText(finding))
    for (const each of again) if (each.verdict._tag !== "Same") yield* print(auditedText(each))
    if (recompute) {
      const same = again.filter((each) => each.verdict._tag === "Same").length
      yield* print(`${counted(again.length, "action")} executed again: ${number(same)} made the same.`)
    }
    if (isDifferent) return
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
  })).pipe(Command.withDescription(
    "Check that every file of the store is what was written; nothing is changed. Exit code 0: sound, 3: damaged, 4: only files that do not belong to a store",
  ))
