import { Effect } from "effect"
import { stripVTControlCharacters } from "node:util"
import { InputError } from "../../base/errors.ts"
import { runNames } from "../../store/runs.ts"
import { compareRevisions, comparisonText } from "../commands/diff.ts"
import type { DiffMessage } from "./messages.ts"
import type { Asked } from "./route.ts"
import type { View } from "./view.ts"

/** What differs between two runs, or a run and what is declared now, as `dag diff` says it. */
export const diffMessage = Effect.fnUntraced(function*({ graph }: View, { path: [before = "", after = "now"] }: Asked) {
  const names = new Set([...yield* runNames, "now"])
  // Other words would be paths of other stores.
  const unknown = [before, after].find((word) => !names.has(word))
  if (unknown !== undefined) {
    return yield* new InputError({ field: unknown, message: "is no run", help: "choose two runs of the list" })
  }
  const compared = yield* compareRevisions([before, after], before === "now" && after === "now" ? graph.profile : "")
  return { before, after, text: stripVTControlCharacters(comparisonText(compared)) } satisfies DiffMessage
})
