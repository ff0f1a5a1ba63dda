import { some } from "../../base/text.ts"
import type { NodeSnapshot } from "../../status/snapshot.ts"
import type { Status } from "../../status/status.ts"
import { reasonText } from "./reasons.ts"

/** That a node is not up to date, the first reason, and the run in which its execution failed; one line. */
export const staleText = ({ node: { name }, status, record }: NodeSnapshot, failed: string | undefined): string => {
  const made = record === undefined ? "" : `; this is of ${record.started.slice(0, 19).replace("T", " ")} UTC`
  const failure = failed === undefined ? "" : `; its execution failed in run ${failed}`
  return `${name} ${status._tag === "MayRun" ? "may not be" : "is not"} up to date: ${why(status)}${failure}${made}`
}

const why = (status: Status): string => {
  switch (status._tag) {
    case "Fresh":
      return "it is"
    case "WillRun":
    case "MayRun": {
      const [first] = status.reasons
      return first === undefined
        ? `it depends on ${some(status.after)}, which ${status.after.length === 1 ? "is" : "are"} not`
        : reasonText(first).split("\n", 1)[0] ?? ""
    }
    case "Missing":
      return `files are missing: ${some(status.names)}`
    case "Blocked":
      return `it depends on ${some(status.by)}, which cannot run`
    case "Unneeded":
      return "it is left out, as all that takes input from it lacks files"
  }
}
