import { Context, Effect, Option } from "effect"
import { Command, Flag, GlobalFlag } from "effect/cli"
import { type Filters, noFilters } from "../graph/filters.ts"
import type { Experiment } from "../report/experiment.ts"

/** The filters that the user gave with a command. */
export const GivenFilters = Context.Reference<Filters>("redag/GivenFilters", { defaultValue: () => noFilters })

/** Gives a command that looks at a profile a flag for each filter that the experiment declares. */
export const filtering = (declared: Experiment["filters"] = {}) => {
  const settings = Object.entries(declared).map(([name, description]) =>
    GlobalFlag.Setting(name)({
      flag: Flag.String(name).pipe(Flag.withDescription(description), Flag.optional),
    })
  )
  const given = Effect.gen(function*() {
    const filters = new Map<string, string>()
    for (const setting of settings) {
      const value = yield* setting
      if (Option.isSome(value)) filters.set(setting.id, value.value)
    }
    return filters
  })
  return <Name extends string, Input, Context, E, R>(command: Command.Command<Name, Input, Context, E, R>) =>
    command.pipe(Command.provideEffect(GivenFilters, given), Command.withGlobalFlags(settings))
}
