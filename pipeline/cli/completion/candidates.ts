import type { Completions } from "effect/cli"
import { executorNames } from "../executor.ts"

/** What a shell wants completed: the words behind "dag", of which the last is being typed. */
export interface Typed {
  readonly before: ReadonlyArray<string>
  readonly current: string
}

/** What the project offers to complete with. */
export interface Offered {
  readonly commands: ReadonlyArray<string>
  readonly profiles: ReadonlyArray<string>
  /** The flags that the experiment adds to commands that look at a profile. */
  readonly filters: ReadonlyArray<string>
  /** What the patterns of a filter choose from, of that profile. */
  readonly choices: (filter: string) => ReadonlyArray<string>
  /** What `dag engine add` installs. */
  readonly engines: ReadonlyArray<string>
  /** The outputs of the node that a word names before its colon, each with all that stands before it. */
  readonly outputs: (current: string) => ReadonlyArray<string>
  /** How a selector goes on, of the profile that the words name. */
  readonly selectors: (current: string) => ReadonlyArray<string>
}

/** The words that may stand where the user types, each whole; none where only a file or a free word may. */
export const candidates = (
  { before, current }: Typed,
  command: Completions.CommandDescriptor | undefined,
  offered: Offered,
): ReadonlyArray<string> => {
  const begun = (words: ReadonlyArray<string>) => words.filter((word) => word.startsWith(current))
  const [first, ...rest] = before
  if (first === undefined) return begun([...offered.commands, "help", "--help", "--version"])
  if (first === "help") return rest.length === 0 ? begun(offered.commands) : []
  if (command === undefined) return []
  const [next, ...behind] = rest
  const subcommand = command.subcommands.find(({ name }) => name === next)
  if (subcommand !== undefined) return wordsAfter(subcommand, behind, current, offered)
  return wordsAfter(command, rest, current, offered)
}

/** The words that may stand behind a command, or one of its subcommands, and what was typed after it. */
const wordsAfter = (
  command: Completions.CommandDescriptor,
  before: ReadonlyArray<string>,
  current: string,
  offered: Offered,
): ReadonlyArray<string> => {
  const begun = (words: ReadonlyArray<string>) => words.filter((word) => word.startsWith(current))
  const [, filter] = /^--([\w-]+)$/u.exec(before.at(-1) ?? "") ?? []
  if (filter !== undefined && offered.filters.includes(filter)) return chosenFrom(offered.choices(filter), current)
  const valued = flagOf(command, before.at(-1) ?? "")
  if (valued !== undefined && valued.type._tag !== "Boolean") return valuesOf(valued, current, offered)
  const [, name, value] = /^--([\w-]+)=(.*)$/su.exec(current) ?? []
  if (name !== undefined && value !== undefined) {
    if (offered.filters.includes(name)) {
      return chosenFrom(offered.choices(name), value).map((each) => `--${name}=${each}`)
    }
    const flag = flagOf(command, `--${name}`)
    return flag === undefined ? [] : valuesOf(flag, value, offered).map((each) => `--${name}=${each}`)
  }
  if (current.startsWith("-")) {
    const flags = command.flags.map((flag) => flag.name)
    const filters = flags.includes("profile") ? offered.filters : []
    return begun(["help", ...flags, ...filters].map((flag) => `--${flag}`))
  }
  return wordsOf(command, before, current, offered)
}

/** How the last of several names goes on, with the names before it. */
const chosenFrom = (names: ReadonlyArray<string>, current: string): ReadonlyArray<string> => {
  const [, before = "", last = ""] = /^(.*,)?(.*)$/su.exec(current) ?? []
  return names.filter((name) => name.toLowerCase().startsWith(last.toLowerCase())).map((name) => `${before}${name}`)
}

const flagOf = (command: Completions.CommandDescriptor, word: string): Completions.FlagDescriptor | undefined =>
  command.flags.find(({ name, aliases }) =>
    word === `--${name}` || aliases.some((alias) => word === `-${alias.replace(/^-+/u, "")}`)
  )

const valuesOf = (
  { name, type }: Completions.FlagDescriptor,
  current: string,
  { profiles, selectors }: Offered,
): ReadonlyArray<string> => {
  const words = type._tag === "Choice"
    ? type.values
    : name === "profile"
    ? profiles
    : name === "executor"
    ? executorNames
    : []
  return takesNodes.has(name) ? selectors(current) : words.filter((word) => word.startsWith(current))
}

/** Flags whose value is a selector. */
const takesNodes: ReadonlySet<string> = new Set(["exclude", "freeze"])

/** What may stand as an argument of a command: most take nodes. */
const wordsOf = (
  command: Completions.CommandDescriptor,
  before: ReadonlyArray<string>,
  current: string,
  { profiles, selectors, outputs, engines }: Offered,
): ReadonlyArray<string> => {
  const begun = (words: ReadonlyArray<string>) => words.filter((word) => word.startsWith(current))
  const [argument] = command.arguments
  const given = before.filter((word) => !word.startsWith("-")).length
  if (argument === undefined) return given === 0 ? begun(command.subcommands.map(({ name }) => name)) : []
  if (argument.name === "engine") return given === 0 ? begun(engines) : []
  if (argument.type._tag === "Choice") return begun(argument.type.values)
  if (argument.name === "revision") return begun(["last", "now", ...profiles])
  if (argument.name.includes("digest") && current.includes(":")) return outputs(current)
  // The first word after "pin" is a name for the pin.
  return argument.name.includes("node") && !(argument.name.startsWith("name ") && given === 0) ? selectors(current) : []
}
