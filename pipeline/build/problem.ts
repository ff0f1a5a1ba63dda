/** Something in a source file of the project that no build can be made of; the launcher prints it. */
export class SourceProblem extends Error {
  /** Below the project's folder. */
  readonly file: string
  /** Counted from 1; undefined where it is about the whole file or folder. */
  readonly line: number | undefined
  readonly help: string

  constructor({ file, line, message, help }: {
    readonly file: string
    readonly line?: number
    readonly message: string
    readonly help: string
  }) {
    super(message)
    this.file = file
    this.line = line
    this.help = help
  }
}
