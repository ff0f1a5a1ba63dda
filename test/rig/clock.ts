/** Puts the wall clock of a process off by RIG_MINUTES: to be imported before its program. */
const milliseconds = Number(process.env["RIG_MINUTES"]) * 60_000

const trueNow = Date.now
globalThis.Date = class extends Date {
  constructor(...given: ReadonlyArray<never>) {
    if (given.length === 0) super(trueNow() + milliseconds)
    else super(...(given as unknown as [number]))
  }

  static override now(): number {
    return trueNow() + milliseconds
  }
} as DateConstructor
