import { unavailable } from "./messages.ts"
import type { EngineName } from "./names.ts"

/** An engine that was asked for by name and cannot compute on this machine. */
export class EngineUnavailable extends Error {
  readonly _tag = "EngineUnavailable"
  readonly engine: EngineName
  readonly reason: string
  /** What to do about it, in one line. */
  readonly help: string
  /** Whether it is there and gives wrong numbers. */
  readonly wrong: boolean

  constructor(
    engine: EngineName,
    reason: string,
    help: string,
    more: { readonly cause?: unknown; readonly wrong?: boolean } = {},
  ) {
    super(unavailable(engine, reason), { cause: more.cause })
    this.engine = engine
    this.reason = reason
    this.help = help
    this.wrong = more.wrong ?? false
  }
}
