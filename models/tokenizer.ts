import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers"
import { InvalidOption } from "./options.ts"

/** A `tokenizer.json` that cannot be used. */
export class TokenizerError extends Error {
  readonly _tag = "TokenizerError"
  readonly reason: string

  constructor(reason: string, cause?: unknown) {
    super(`tokenizer.json: ${reason}`, { cause })
    this.reason = reason
  }
}

/** Token ids of a text. */
export interface Encoded {
  readonly ids: readonly number[]
  /** Whether tokens at the end of the text were left out. */
  readonly truncated: boolean
}

/** Turns text into token ids and back as a Hugging Face `tokenizer.json` says. */
export class Tokenizer {
  /** The `tokenizer.json` it was made from, for saving. */
  readonly text: string
  readonly #tokenizer: HuggingFaceTokenizer

  private constructor(text: string, tokenizer: HuggingFaceTokenizer) {
    this.text = text
    this.#tokenizer = tokenizer
  }

  /** Reads the content of a `tokenizer.json`, as text or parsed. Throws `TokenizerError`. */
  static fromJson(content: string | object): Tokenizer {
    try {
      const parsed: unknown = typeof content === "string" ? JSON.parse(content) : content
      if (typeof parsed !== "object" || parsed === null) throw new TypeError("is not an object")
      const json = { ...parsed }
      // The library reads this list without asking whether it is there.
      if (!("added_tokens" in json) || !Array.isArray(json.added_tokens)) throw new TypeError("has no added_tokens")
      const text = typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`
      return new Tokenizer(text, new HuggingFaceTokenizer(json, {}))
    } catch (cause) {
      throw new TokenizerError(cause instanceof Error ? cause.message : String(cause), cause)
    }
  }

  /** The number of different ids: one more than the largest. */
  get size(): number {
    let largest = -1
    for (const id of this.#tokenizer.get_vocab(true).values()) largest = Math.max(largest, id)
    return largest + 1
  }

  /** The id of a token, such as `</s>`, if it is in the vocabulary. */
  id(token: string): number | undefined {
    return this.#tokenizer.token_to_id(token)
  }

  /**
   * Encodes a text with its special tokens; of one longer than `maxTokens` the end goes, never a special token.
   * Throws `InvalidOption` where the special tokens alone are more.
   */
  encode(text: string, maxTokens: number): Encoded {
    const { ids } = this.#tokenizer.encode(text)
    if (ids.length <= maxTokens) return { ids, truncated: false }
    const plain = this.#tokenizer.encode(text, { add_special_tokens: false }).ids
    const specials = ids.length - plain.length
    const kept = maxTokens - specials
    if (kept < 0) throw new InvalidOption("maxTokens", `is ${maxTokens}: no room for ${specials} special tokens`)
    const before = Math.max(0, startOf(plain, ids))
    return { ids: [...ids.slice(0, before + kept), ...ids.slice(before + plain.length)], truncated: true }
  }

  /** The text of token ids, without special tokens. */
  decode(ids: readonly number[]): string {
    if (ids.length === 0) return ""
    return this.#tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false })
  }
}

/** Where `part` begins in `whole`, or -1. */
const startOf = (part: readonly number[], whole: readonly number[]): number => {
  for (let start = 0; start + part.length <= whole.length; start++) {
    if (part.every((id, index) => id === whole[start + index])) return start
  }
  return -1
}
