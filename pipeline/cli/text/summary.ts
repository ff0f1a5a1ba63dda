import { counted, duration, number } from "../../base/text.ts"
import { paint } from "../../report/terminal.ts"
import type { Summary } from "../../run/summary.ts"

/** How a run ended, in one line. */
export const summaryText = (summary: Summary, milliseconds: number): string => {
  const { executed, cached, failed, missing, blocked, leftOut, unneeded, notStarted, damaged } = summary
  return [
    paint.bold(`${counted(executed, "node")} executed`),
    `${number(cached)} up to date`,
    ...(failed > 0 ? [paint.red(`${failed} failed`)] : []),
    ...(missing > 0 ? [paint.yellow(`${missing} with missing files`)] : []),
    ...(blocked > 0 ? [paint.yellow(`${blocked} blocked`)] : []),
    ...(leftOut > 0 ? [paint.yellow(`${leftOut} without files`)] : []),
    ...(unneeded > 0 ? [paint.yellow(`${unneeded} not needed`)] : []),
    ...(notStarted > 0
      ? [
        paint.yellow(
          `${notStarted} ${damaged === undefined ? "not started after the failure" : "left for the next plan"}`,
        ),
      ]
      : []),
  ].join(", ") + `, in ${duration(milliseconds)}`
}
