import { Context, Effect, Option } from "effect"
import { Command, Flag, GlobalFlag } from "effect/cli"
import { type Filters, noFilters } from "../graph/filters.ts"
import type { Graph } from "../graph/node.ts"
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

/** The flags that stand for what a user looks at: "--profile paper --models 't5-*'", for commands that help texts name. */
export const viewText = ({ profile, filters = noFilters }: Graph): string =>
  [`--profile ${profile}`, ...(filters.size === 0 ? [] : [filtersText(filters)])].join(" ")

/** The same as far as they are not the default; `profile` is that of commands without flags. */
export const viewBeside = (graph: Graph, profile: string): string =>
  graph.profile !== profile ? viewText(graph) : filtersText(graph.filters ?? noFilters)

/** The filters of a graph as the user gave them: "--models 't5-*' --corpora cdr,dce". */
export const filtersText = (filters: Filters): string =>
  [...filters].map(([name, text]) => `--${name} ${/^[\w.,-]+$/u.test(text) ? text : `'${text}'`}`).join(" ")
