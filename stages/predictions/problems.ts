import { InputError } from "redag"
import * as messages from "./messages.ts"

/** How many problems an error names. */
const most = 20

/** Something that is wrong in a line. */
interface Wrong {
  readonly message: string
  readonly help: string
}

/** What is wrong in a file: reading goes on after a problem, so that all are named at once. */
export class Problems {
  readonly #file: string
  readonly #first: Array<InputError> = []
  #count = 0

  constructor(file: string) {
    this.#file = file
  }

  /** Notes what is wrong in a line, which is counted from 1. */
  add(line: number, { message, help }: Wrong, field?: string): void {
    this.#count += 1
    if (this.#first.length >= most) return
    this.#first.push(
      new InputError({ message, help, file: this.#file, line, ...(field === undefined ? {} : { field }) }),
    )
  }

  /** Throws one InputError for all that is wrong: that of the first line, which names the others. */
  check(): void {
    const [first, ...others] = this.#first
    if (first === undefined) return
    const left = this.#count - 1
    if (left === 0) throw first
    const helps = [...new Set(this.#first.map(({ help }) => help))]
    throw new InputError({
      message: [
        first.message,
        messages.more(left, others.length),
        ...others.map(({ line, field, message }) =>
          `  ${this.#file}:${line}${field === undefined ? "" : ` ${field}`}: ${message}`
        ),
      ].join("\n"),
      help: helps.length === 1 ? first.help : messages.several,
      file: this.#file,
      ...(first.line === undefined ? {} : { line: first.line }),
      ...(first.field === undefined ? {} : { field: first.field }),
    })
  }
}
