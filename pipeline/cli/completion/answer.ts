import { Effect } from "effect"
import { Completions } from "effect/cli"
import { attempt } from "../../base/attempt.ts"
import { expand } from "../../graph/expand.ts"
import type { Experiment } from "../../report/experiment.ts"
import { commandNames, commandsFor, isCommand } from "../commands.ts"
import { settingOf } from "../settings.ts"
import { candidates } from "./candidates.ts"
import { outputsFrom, selectorsFrom } from "./selectors.ts"

/**
 * Answers a shell: what may stand where the last of these words is being typed, a line each.
 *
 * Where the experiment cannot be declared, as in the middle of an edit, the names of nodes are left out.
 */
export const answer = Effect.fnUntraced(function*(words: ReadonlyArray<string>, experiment: Experiment, root: string) {
  const [, ...typed] = words
  const before = typed.slice(0, -1)
  const [first] = before
  const command = first !== undefined && isCommand(first) ? (yield* commandsFor(first, experiment))[0] : undefined
  const graph = () => expand(experiment, profileIn(before, experiment), root)
  const selectors = (current: string): ReadonlyArray<string> => selectorsFrom(graph(), current)
  const found = yield* attempt(() =>
    candidates(
      { before, current: typed.at(-1) ?? "" },
      command === undefined ? undefined : Completions.fromCommand(command),
      {
        commands: commandNames,
        profiles: Object.keys(experiment.profiles),
        filters: Object.keys(experiment.filters ?? {}),
        choices: (filter) => [...graph().choices?.get(filter) ?? []],
        engines: Object.keys(experiment.engines ?? {}),
        outputs: (current) => outputsFrom(graph(), current),
        selectors,
      },
    )
  ).pipe(Effect.orElseSucceed((): ReadonlyArray<string> => []))
  process.stdout.write(found.map((word) => `${word}\n`).join(""))
})

/** The profile that a command line names so far. */
const profileIn = (words: ReadonlyArray<string>, { defaultProfile }: Experiment): string => {
  const at = words.lastIndexOf("--profile")
  const given = words.find((word) => word.startsWith("--profile="))?.slice("--profile=".length)
  return (at === -1 ? undefined : words[at + 1]) ?? given ?? settingOf("DAG_PROFILE") ?? defaultProfile
}
