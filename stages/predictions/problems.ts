import { Result } from "effect"
import { fieldName, InputError } from "redag"
import * as messages from "./messages.ts"

/** How many problems an error names. */
const most = 20

/** Something that is wrong in a line. */
interface Wrong {
  readonly message: string
  readonly help: string
}

/** Where it is wrong. */
interface Noted extends Wrong {
  readonly line: number
  readonly field: string | undefined
}

/** What is wrong in a file: reading goes on after a problem, so that all are named at once. */
export class Problems {
  readonly #file: string
  /** By what they say, so that each is there once. */
  readonly #all = new Map<string, Noted>()

  constructor(file: string) {
    this.#file = file
  }

  /** Notes what is wrong in a line, which is counted from 1. */
  add(line: number, { message, help }: Wrong, field?: string): void {
    const key = JSON.stringify([line, field, message])
    if (!this.#all.has(key)) this.#all.set(key, { line, message, help, field })
  }

  /** The row that a check of a line finds; undefined where it fails, which is noted with its field. */
  checked<A>(
    line: number,
    found: Result.Result<A, { readonly path: ReadonlyArray<PropertyKey>; readonly message: string }>,
  ): A | undefined {
    if (Result.isSuccess(found)) return found.success
    const { path, message } = found.failure
    const { message: wrong, help } = messages.wrongField
    this.add(line, { message: wrong(message), help }, path.length === 0 ? undefined : fieldName(path))
    return undefined
  }

  /** Throws one InputError for all that is wrong: that of the first line, which names the others in their order. */
  check(): void {
    // Lines are read before their relations are looked up, so that a later line's problem may be noted first.
    const shown = Array.from(this.#all.values()).toSorted((a, b) => a.line - b.line).slice(0, most)
    const [first, ...others] = shown
    if (first === undefined) return
    const left = this.#all.size - 1
    const helps = new Set(shown.map(({ help }) => help))
    const { message, help, line, field } = first
    throw new InputError({
      message: left === 0 ? message : [
        message,
        messages.more(left, others.length),
        ...others.map((each) =>
          `  ${this.#file}:${each.line}${each.field === undefined ? "" : ` ${each.field}`}: ${each.message}`
        ),
      ].join("\n"),
      help: helps.size === 1 ? help : messages.several,
      file: this.#file,
      line,
      ...(field === undefined ? {} : { field }),
    })
  }
}
