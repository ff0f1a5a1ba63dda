import type { Layout } from "../layout.ts"
import type { Living } from "../living.ts"
import { engineOf, ownerIn } from "../owner.ts"
import type { Finding } from "../verify/finding.ts"

/** Gives the function that says whether a living process is at work on the file of a finding. */
export const heldBy =
  ({ owners, runs, keys }: Living, { runs: logs }: Layout) => ({ kind, path }: Finding): boolean => {
    const [, name = ""] = path.split("/")
    switch (kind) {
      case "unfinished work": {
        const inWork: ReadonlySet<string> = keys
        return inWork.has(name)
      }
      case "job":
        return owners.has(engineOf(ownerIn(name) ?? ""))
      case "run log":
        return runs.has(logs.nameOf(name) ?? "")
      default:
        // Whoever writes any other file writes it whole.
        return false
    }
  }
