import { Effect } from "effect"
import { isatty } from "node:tty"
import { forErrors, forOutput, paint } from "../../report/terminal.ts"

let printed = false

/** Whether anything was written to standard output. */
export const hasPrinted = (): boolean => printed

/** Writes a line to standard output at once; a text may be of several. */
export const printNow = (text: string): void => {
  printed = true
  process.stdout.write(`${forOutput(text)}\n`)
}

/** Writes to standard output, waiting until it is taken. */
export const print = (text: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    printed = true
    process.stdout.write(readyText(text), () => resume(Effect.void))
  })

/** A text as {@link print} writes it. */
export const readyText = (text: string): string => `${forOutput(text)}\n`

/** Writes what was made ready for standard output before. */
export const printReady = (text: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    printed = true
    process.stdout.write(text, () => resume(Effect.void))
  })

/** How standard output shows what is printed, as far as texts depend on it. */
export const lookOfOutput = (): string => {
  const { NO_COLOR, TERM, LANG, LC_ALL, LC_CTYPE, DAG_PROFILE } = process.env
  return JSON.stringify([isatty(1), process.stdout.columns, NO_COLOR, TERM, LANG, LC_ALL, LC_CTYPE, DAG_PROFILE])
}

/** Prints a value for machines. */
export const printJson = (value: unknown): Effect.Effect<void> => print(JSON.stringify(value, null, 2))

/** Says on standard error, at once, what whoever reads the output should know. */
export const printNoteNow = (text: string): void => {
  process.stderr.write(forErrors(`${paint.yellow("note:")} ${text}\n`))
}

/** The same as an effect. */
export const printNote = (text: string): Effect.Effect<void> => Effect.sync(() => printNoteNow(text))
