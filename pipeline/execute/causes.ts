import type { ActionRecord } from "../store/record.ts"
import type { OutputComparison } from "./compare.ts"

/** Something that is known to change what an action makes although its key does not hold it. */
export type Cause =
  | { readonly _tag: "Processor" | "Platform"; readonly recorded: string; readonly again: string }
  /** A version of the runtime, such as Node's. */
  | { readonly _tag: "Version"; readonly name: string; readonly recorded: string; readonly again: string }
  /** The machine runs another number of threads at a time. */
  | { readonly _tag: "Threads"; readonly recorded: number; readonly again: number }
  /** A column that names what made the rows, such as the engine, names another. */
  | { readonly _tag: "Column"; readonly column: string; readonly recorded: string; readonly again: string }

/** What may explain that two executions of one action differ; nothing where no known cause does. */
export const causesOf = (
  recorded: ActionRecord,
  again: ActionRecord,
  outputs: Iterable<OutputComparison>,
): ReadonlyArray<Cause> => {
  const [was, is] = [recorded.environment, again.environment]
  const versions = [...new Set([...Object.keys(was.versions), ...Object.keys(is.versions)])].toSorted()
  return [
    ...[...outputs].flatMap((output) => output._tag === "Differs" ? output.columns : []).flatMap(
      ({ column, madeBy, first }): ReadonlyArray<Cause> =>
        madeBy ? [{ _tag: "Column", column, recorded: String(first.recorded), again: String(first.again) }] : [],
    ),
    ...(was.processor === is.processor
      ? []
      : [{ _tag: "Processor", recorded: was.processor, again: is.processor } as const]),
    ...(was.platform === is.platform
      ? []
      : [{ _tag: "Platform", recorded: was.platform, again: is.platform } as const]),
    ...versions.flatMap((name): ReadonlyArray<Cause> => {
      const [before = "none", after = "none"] = [was.versions[name], is.versions[name]]
      return before === after ? [] : [{ _tag: "Version", name, recorded: before, again: after }]
    }),
    ...(was.threads === undefined || is.threads === undefined || was.threads === is.threads
      ? []
      : [{ _tag: "Threads", recorded: was.threads, again: is.threads } as const]),
  ]
}
