import { Effect } from "effect"
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
    process.stdout.write(`${forOutput(text)}\n`, () => resume(Effect.void))
  })

/** Writes a text as it stands to standard output, waiting until it is taken: it may end within a line. */
export const printPiece = (text: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    printed = true
    process.stdout.write(forOutput(text), () => resume(Effect.void))
  })

/** Prints a value for machines. */
export const printJson = (value: unknown): Effect.Effect<void> => print(JSON.stringify(value, null, 2))

/** What whoever reads the output should know. */
export const noteText = (text: string): string => `${paint.yellow("note:")} ${text}`

/** Says so on standard error, at once. */
export const printNoteNow = (text: string): void => {
  process.stderr.write(forErrors(`${noteText(text)}\n`))
}

/** The same as an effect. */
export const printNote = (text: string): Effect.Effect<void> => Effect.sync(() => printNoteNow(text))
