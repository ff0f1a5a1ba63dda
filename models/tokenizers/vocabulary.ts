import { TokenizerError } from "./errors.ts"
import type { Fields } from "./fields.ts"
import { halfCharacter, idOfToken, notNumber, noTokens } from "./messages.ts"

// No published vocabulary comes near; a larger id is a damaged file, and would take the memory with it.
const MAX_ID = 10_000_000

/** Tokens and their ids. */
export class Vocabulary {
  readonly #ids: ReadonlyMap<string, number>
  readonly #tokens: readonly (string | undefined)[]

  /** Throws `TokenizerError` for ids that no vocabulary has; `file` is where it was read. */
  constructor(file: string, ids: ReadonlyMap<string, number>) {
    const tokens: (string | undefined)[] = []
    for (const [token, id] of ids) {
      if (!Number.isSafeInteger(id) || id < 0 || id > MAX_ID) {
        throw new TokenizerError(file, idOfToken(token, id))
      }
      if (!token.isWellFormed()) {
        throw new TokenizerError(file, halfCharacter(token))
      }
      tokens[id] = token
    }
    if (tokens.length === 0) throw new TokenizerError(file, noTokens)
    this.#ids = ids
    this.#tokens = tokens
  }

  /** The vocabulary that an object of tokens and ids is. */
  static of(fields: Fields): Vocabulary {
    const ids = new Map<string, number>()
    for (const [token, id] of fields.entries()) {
      if (typeof id !== "number") return fields.fail(JSON.stringify(token), notNumber)
      ids.set(token, id)
    }
    return new Vocabulary(fields.file, ids)
  }

  /** One more than the largest id. */
  get size(): number {
    return this.#tokens.length
  }

  /** The number of tokens. */
  get count(): number {
    return this.#ids.size
  }

  get entries(): Iterable<readonly [string, number]> {
    return this.#ids
  }

  id(token: string): number | undefined {
    return this.#ids.get(token)
  }

  token(id: number): string | undefined {
    return this.#tokens[id]
  }
}
