import { Effect } from "effect"
import { Command } from "effect/cli"
import { counted, number } from "../../base/text.ts"
import { paint } from "../../report/terminal.ts"
import { type Verdict, verdictOf } from "../../store/verify/finding.ts"
import { verifyStore } from "../../store/verify/verify.ts"
import { jsonFlag, noteNoStore } from "../project.ts"
import { checkedText, findingText } from "../text/findings.ts"
import { makeMeter } from "../text/meter.ts"
import { print, printJson } from "../text/output.ts"

/** The exit code of each verdict. */
export const exitCodes: Readonly<Record<Verdict, number>> = { sound: 0, damaged: 3, foreign: 4 }

/** `dag verify`: whether every file of the store is what was written. */
export const verify = Command.make("verify", {
  json: jsonFlag,
}, ({ json }) =>
  Effect.gen(function*() {
    const meter = makeMeter("checked")
    const report = yield* Effect.ensuring(verifyStore(meter.advanced), meter.close)
    const verdict = verdictOf(report)
    process.exitCode = exitCodes[verdict]
    yield* noteNoStore
    if (json) {
      yield* printJson({ verdict, checked: Object.fromEntries(report.checked), findings: report.findings })
      return
    }
    yield* print(checkedText(report))
    for (const finding of report.findings) yield* print(findingText(finding))
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
