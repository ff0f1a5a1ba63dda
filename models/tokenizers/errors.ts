import { notUtf8 } from "./messages.ts"

/** A tokenizer's file that cannot be used. */
export class TokenizerError extends Error {
  readonly _tag = "TokenizerError"
  readonly file: string
  readonly reason: string

  constructor(file: string, reason: string, cause?: unknown) {
    super(`${file}: ${reason}`, { cause })
    this.file = file
    this.reason = reason
  }
}

/** Runs `read`, which reads `file`; whatever goes wrong with it is a `TokenizerError` that names the file. */
export const reading = <A>(file: string, read: () => A): A => {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof TokenizerError) throw cause
    throw new TokenizerError(file, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** The text of a UTF-8 file. Throws `TokenizerError`. */
export const textOf = (file: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new TokenizerError(file, notUtf8, cause)
  }
}
