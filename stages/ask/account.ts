import { InputError } from "redag"
import {
  keyNotSet,
  keyNotSetHelp,
  keyUnencrypted,
  keyUnencryptedHelp,
  keyUnusable,
  keyUnusableHelp,
} from "./messages.ts"
import { strikerOf } from "./strike.ts"

/** The key of an account, which is shown to the endpoint alone. */
export interface Account {
  /** The headers of a request that say whose it is. */
  readonly headers: Readonly<Record<string, string>>
  /** A text without the key, however it is written there. */
  readonly withoutKey: (text: string) => string
}

/** Where there is no account, nothing is secret. */
const nobody: Account = { headers: {}, withoutKey: (text) => text }

/** A key that is shorter stands in any text. */
const SHORTEST = 8

/**
 * The account whose key an environment variable holds. Throws an InputError, which names the variable and never the key:
 * where it is not set, cannot be a header, or would be sent to another machine unencrypted.
 */
export const accountOf = (variable: string | null, address: string): Account => {
  if (variable === null) return nobody
  const key = (process.env[variable] ?? "").trim()
  if (key === "") {
    throw new InputError({ field: variable, message: keyNotSet(address), help: keyNotSetHelp(variable) })
  }
  if (!/^[\x21-\x7e]+$/u.test(key) || key.length < SHORTEST) {
    throw new InputError({ field: variable, message: keyUnusable(SHORTEST), help: keyUnusableHelp })
  }
  const { protocol, hostname } = new URL(address)
  if (protocol !== "https:" && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/u.test(hostname)) {
    throw new InputError({ field: variable, message: keyUnencrypted(address), help: keyUnencryptedHelp })
  }
  return { headers: { authorization: `Bearer ${key}` }, withoutKey: strikerOf(key) }
}
