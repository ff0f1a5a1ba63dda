import { Effect } from "effect"
import { counted, number } from "../base/text.ts"
import { paint } from "../report/terminal.ts"
import { verifyRemote } from "../store/remote/verify.ts"
import { type Finding, type Report, verdictOf } from "../store/verify/finding.ts"
import { neededRemote } from "./remote.ts"
import { checkedText, findingText } from "./text/findings.ts"
import { makeLine } from "./text/meter.ts"
import { print, printJson } from "./text/output.ts"

/** Checks a remote, prints what was found, as `dag verify` does of the store, and gives what it comes to. */
export const verifyThere = Effect.fnUntraced(function*(json: boolean, content: boolean) {
  const remote = yield* neededRemote
  const line = makeLine()
  const advanced = (done: number, total: number) => line.show(() => `checked: ${number(done)} of ${number(total)}`)
  const report = yield* Effect.ensuring(verifyRemote(remote, content, advanced), line.close)
  const verdict = verdictOf(report)
  if (json) {
    yield* printJson({
      remote: remote.address,
      verdict,
      checked: Object.fromEntries(report.checked),
      findings: report.findings,
    })
    return verdict
  }
  yield* print(checkedText(report))
  for (const finding of report.findings) yield* print(findingText(finding))
  const files = [...report.checked.values()].reduce((sum, each) => sum + each.files, 0)
  yield* print(
    verdict === "sound"
      ? paint.green(
        `Sound: ${counted(files, "file")} of ${remote.address} checked${content ? "" : ", objects by name and size"}.`,
      )
      : verdict === "foreign"
      ? paint.yellow(
        `Sound, with ${counted(count(report, "foreign"), "file")} that no remote has: none is read. Move them away.`,
      )
      : paint.red(
        `Damaged: ${counted(count(report, "damaged", "unreadable", "incomplete"), "file")} of ${number(files)}. ${
          report.findings.some(({ state, kind }) => state === "damaged" && kind === "object")
            ? "Remove damaged objects there, then push again"
            : "Push again"
        } from a store that has them: dag push. What no store has is made again by dag run.`,
      ),
  )
  return verdict
})

const count = ({ findings }: Report, ...states: ReadonlyArray<Finding["state"]>): number =>
  findings.filter(({ state }) => states.includes(state)).length
