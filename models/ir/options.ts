import { noInteger, outOfRange } from "./messages.ts"

/** An option whose value makes no sense. */
export class InvalidOption extends Error {
  readonly _tag = "InvalidOption"
  readonly option: string
  readonly reason: string

  constructor(option: string, reason: string) {
    super(`${option} ${reason}`)
    this.option = option
    this.reason = reason
  }
}

/** Throws `InvalidOption` unless `value` is an integer of at least `least`. */
export const requireInteger = (option: string, value: number, least: number): void => {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new InvalidOption(option, noInteger(value, least))
  }
}

/** Throws `InvalidOption` unless `value` is a number from `least` to `most`. */
export const requireRange = (option: string, value: number, least: number, most: number): void => {
  if (!(value >= least && value <= most)) throw new InvalidOption(option, outOfRange(value, least, most))
}
