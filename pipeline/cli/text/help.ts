import { Effect, Option } from "effect"
import type { CliError, CliOutput, HelpDoc } from "effect/cli"
import { wrapped } from "../../base/text.ts"
import { paint } from "../../report/terminal.ts"
import { exitCodeMeanings } from "../exit-codes.ts"
import { print } from "./output.ts"
import { definitions, textWidth } from "./wrap.ts"

/** Prints help; what is wrong with a command line is reported as other errors are. */
export const helpPresenter: CliOutput.Presenter = {
  present: (event) => {
    switch (event._tag) {
      case "Version":
        return print(`${event.name} ${event.version}`)
      case "Help":
        return print(helpText(event.helpDoc, event.commandPath.length === 1, textWidth()))
      case "InvalidInvocation":
        return Effect.void
    }
  },
}

/** What is wrong with a command line, and where to read on. */
export const usageError = (
  { errors, commandPath }: CliError.ShowHelp,
): { readonly message: string; readonly help: string } => {
  // Where nobody knows the command, nobody knows its flags.
  const unknown = errors.filter(({ _tag }) => _tag === "UnknownSubcommand")
  const shown = unknown.length > 0 ? unknown : errors
  const near = shown.flatMap((error) => "suggestions" in error ? error.suggestions : [])
  return {
    message: shown.map(({ message }) => message.split("\n", 1)[0] ?? "").join("; "),
    help: [
      ...(near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : []),
      `dag help${commandPath.slice(1).map((word) => ` ${word}`).join("")} says how it is used`,
    ].join(" "),
  }
}

/** The page of a command, or of all of them. */
const helpText = (doc: HelpDoc.HelpDoc, isWhole: boolean, width: number): string => {
  const { usage, description, args = [], flags, globalFlags = [], subcommands = [] } = doc
  const section = (title: string, entries: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> =>
    entries.length === 0 ? [] : ["", paint.bold(title), ...definitions(entries, width)]
  const commands = subcommands.flatMap((group) => group.commands)
  return [
    `${paint.bold("usage:")} ${usage}`,
    "",
    ...wrapped(description, width),
    ...section("Commands", commands.map(({ name, description }) => [name, firstSentence(description)])),
    ...section("Arguments", args.map((each) => [each.name, described(each.description)])),
    ...section("Flags", [...flags, ...globalFlags].map(flagEntry)),
    ...(isWhole
      ? [
        ...section("Exit codes", exitCodeMeanings.map(([code, meaning]) => [String(code), meaning])),
        "",
        "dag help COMMAND says more of one.",
      ]
      : []),
  ].join("\n")
}

const described = (description: Option.Option<string>): string => Option.getOrElse(description, () => "")

const flagEntry = ({ name, aliases, type, description }: HelpDoc.FlagDoc): readonly [string, string] => {
  const value = type === "boolean" ? "" : ` ${valueWords[type] ?? type}`
  return [[...aliases, `--${name}${value}`].join(", "), described(description)]
}

/** What a value is called on the page. */
const valueWords: Readonly<Record<string, string>> = { string: "TEXT", integer: "N", float: "N" }

const firstSentence = (text: string): string => text.split(/[.:;] /u, 1)[0]?.replace(/\.$/u, "") ?? ""
