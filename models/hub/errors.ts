import { interruptedDownload, startAgain } from "./messages.ts"

/** What went wrong, by what a caller would do about it. */
export type HubErrorKind =
  /** An option or a variable of the environment makes no sense. */
  | "option"
  /** The repository is gated or private, or the token is refused. */
  | "access"
  /** There is no such repository, or no such revision or file in it. */
  | "repository"
  | "revision"
  | "file"
  /** The repository lacks a file that a model needs. */
  | "unusable"
  /** The network may not be asked, and the cache does not hold it. */
  | "offline"
  /** The connection failed, or the server did. */
  | "network"
  | "server"
  /** The answer is not that of a Hub. */
  | "protocol"
  /** The bytes are not those of the digest. */
  | "corrupt"
  /** The cache cannot be read or written. */
  | "disk"
  /** The caller's signal stopped it. */
  | "interrupted"

/** Why something could not be fetched from the Hub or read from its cache, with one line of what to do. */
export class HubError extends Error {
  readonly _tag = "HubError"
  readonly kind: HubErrorKind
  readonly help: string
  /** Whether the same request may succeed a little later. */
  readonly transient: boolean
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfter: number
  /** Whether bytes came, and too few of them for the time that they took. */
  readonly slow: boolean

  constructor(
    kind: HubErrorKind,
    message: string,
    help: string,
    more: {
      readonly cause?: unknown
      readonly transient?: boolean
      readonly retryAfter?: number
      readonly slow?: boolean
    } = {},
  ) {
    super(message, { cause: more.cause })
    this.kind = kind
    this.help = help
    this.transient = more.transient ?? false
    this.retryAfter = more.retryAfter ?? 0
    this.slow = more.slow ?? false
  }
}

/** The error of a caller's signal. */
export const interrupted = (signal: AbortSignal): HubError =>
  new HubError("interrupted", interruptedDownload, startAgain, {
    cause: signal.reason,
  })

/** Throws `HubError` of kind "interrupted" where the signal has been given. */
export const throwIfInterrupted = (signal: AbortSignal): void => {
  if (signal.aborted) throw interrupted(signal)
}
