import type { Command } from "effect/cli"
import { attemptPromise } from "../base/attempt.ts"
import type { Experiment } from "../report/experiment.ts"
import { filtering } from "./filters.ts"
import { ofNeededRemote, ofRemote, withRemote } from "./remote.ts"

/**
 * Gives a command that looks at a profile the experiment's filters, and the remote that stands behind the store; `alone`
 * gives it the filters only. One flag of a name serves all commands: the help of all refuses two.
 */
const looking = (filters?: Experiment["filters"]) => {
  const alone = filtering(filters)
  const filtered = <Name extends string, Input, Services, E, R>(
    command: Command.Command<Name, Input, Services, E, R>,
  ) => withRemote(alone(command))
  return { filtered, alone }
}

/** How each command is loaded, in the order of the help. */
const loaders = (
  { filtered, alone }: ReturnType<typeof looking>,
  experiment: Pick<Experiment, "engines" | "scoring">,
) => ({
  run: async () => filtered((await import("./commands/run.ts")).run),
  prefetch: async () => filtered((await import("./commands/prefetch.ts")).prefetch),
  logs: async () => filtered((await import("./commands/logs.ts")).logs),
  ui: async () => filtered((await import("./commands/ui.ts")).ui),
  watch: async () => filtered((await import("./commands/watch.ts")).watch),
  plan: async () => filtered((await import("./commands/plan.ts")).plan),
  status: async () => filtered((await import("./commands/status.ts")).status),
  why: async () => filtered((await import("./commands/why.ts")).why),
  lineage: async () => filtered((await import("./commands/lineage.ts")).lineage),
  graph: async () => filtered((await import("./commands/graph.ts")).graph),
  show: async () => filtered((await import("./commands/show.ts")).show),
  ls: async () => filtered((await import("./commands/ls.ts")).ls),
  results: async () => filtered((await import("./commands/results.ts")).results),
  score: async () => (await import("./commands/score.ts")).scoreCommand(experiment),
  diff: async () => filtered((await import("./commands/diff.ts")).diff),
  export: async () => filtered((await import("./commands/export.ts")).exportCommand),
  checklist: async () => filtered((await import("./commands/checklist.ts")).checklist),
  accept: async () => filtered((await import("./commands/accept.ts")).accept),
  audit: async () => filtered((await import("./commands/audit.ts")).audit),
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  engine: async () => (await import("./commands/engine.ts")).engineCommand(experiment),
  push: async () => ofNeededRemote(alone((await import("./commands/push.ts")).push)),
  pull: async () => ofNeededRemote(alone((await import("./commands/pull.ts")).pull)),
  verify: async () => ofRemote(alone((await import("./commands/verify.ts")).verify)),
  prove: async () => filtered((await import("./commands/prove.ts")).prove),
  key: async () => (await import("./commands/key.ts")).key,
  repair: async () => (await import("./commands/repair.ts")).repair,
  gc: async () => ofRemote((await import("./commands/gc.ts")).gc),
  pin: async () => filtered((await import("./commands/pin.ts")).pin),
  completion: async () => (await import("./commands/completion.ts")).completion,
})

type Loaders = ReturnType<typeof loaders>
type Name = keyof Loaders

/** The names of all commands, in the order of the help. */
export const commandNames: ReadonlyArray<string> = Object.keys(loaders(looking(), {}))

/** Whether a word names a command. */
export const isCommand = (word: string): word is Name => Object.hasOwn(loaders(looking(), {}), word)

/** Commands that do nothing but print. */
export const onlyPrints = (command: string): boolean => printing.has(command)
const printing: ReadonlySet<string> = new Set<Name>(
  ["plan", "status", "why", "lineage", "graph", "show", "logs", "ls", "diff", "doctor", "checklist"],
)

/**
 * The command that the first word of a command line names; all commands where it names none, as for the help.
 *
 * Loading all commands would take most of the time of a command that has nothing to do.
 */
export const commandsFor = (first: string | undefined, experiment: Experiment) =>
  attemptPromise(() => {
    const all = loaders(looking(experiment.filters), experiment)
    const names = Object.keys(all).filter(isCommand)
    const wanted = first !== undefined && isCommand(first) ? [first] : names
    return Promise.all(wanted.map((name) => all[name]()))
  })
