import { Effect } from "effect"
import { bytes, counted } from "../base/text.ts"
import type { Wanted } from "../store/gc/wanted.ts"
import { planRemote, type RemoteRemoval, removeFromRemote } from "../store/remote/gc.ts"
import { answered } from "./confirm.ts"
import { neededRemote } from "./remote.ts"
import { print, printJson } from "./text/output.ts"
import { removedText } from "./text/removals.ts"

/** Nobody is longer at one write, in milliseconds: what others are at is left to them. */
const LONGEST_WRITE = 24 * 3_600_000

/** Removes from a remote what nothing wants, as `dag gc` does from the store. */
export const collectThere = Effect.fnUntraced(function*(
  wanted: Wanted,
  age: number,
  keptText: string,
  { json, dryRun, yes }: { readonly json: boolean; readonly dryRun: boolean; readonly yes: boolean },
) {
  const remote = yield* neededRemote
  const service = yield* remote.service
  const plan = yield* planRemote(remote, wanted, age, !dryRun)
  const shown = plan.removals.map(factsOf)
  if (!json) {
    yield* print(
      `${keptText}, and all that was pushed within the time or within the last hour. What others want and this project does not is not known here`,
    )
    if (shown.length > 0) yield* print(removedText(shown))
  }
  const isAsked = !dryRun && !yes && !json && shown.length > 0
  if (isAsked && (yield* answered) === "no") return yield* print("Nothing was removed.")
  const removed = dryRun ? plan.removals : yield* removeFromRemote(remote, plan)
  if (!dryRun) yield* service.tidy(Math.max(age, LONGEST_WRITE))
  if (json) {
    return yield* printJson({ remote: remote.address, dryRun, removed: removed.map(factsOf), kept: plan.kept })
  }
  const { files, bytes: size } = plan.kept
  yield* print(
    `${dryRun ? "Would remove" : "Removed"} ${counted(removed.length, "file")}, ${
      bytes(removed.reduce((sum, each) => sum + each.bytes, 0))
    } of ${remote.address}; ${counted(files, "object")}, ${bytes(size)}, ${files === 1 ? "stays" : "stay"}.`,
  )
})

const factsOf = ({ kind, name: path, bytes: size, node, why }: RemoteRemoval) => ({
  kind,
  path,
  bytes: size,
  node,
  why,
})
