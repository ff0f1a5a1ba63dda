import { InvalidOption } from "../ir/options.ts"
import type { Codec } from "./codec.ts"
import type { Files } from "./files.ts"
import { noRoom } from "./messages.ts"

/** Token ids of a text. */
export interface Encoded {
  readonly ids: readonly number[]
  /** Whether tokens at the end of the text were left out. */
  readonly truncated: boolean
}

/** Reads the tokenizer of a model of this type from its files. Throws `TokenizerError`. */
export type TokenizerReader = (files: Files, modelType: string) => Tokenizer

/** Turns text into token ids and back as a model's files say; what they say of truncation and padding is ignored. */
export class Tokenizer {
  readonly #codec: Codec
  readonly #saved: Files

  /** `saved` are the files that it is read from again. */
  constructor(codec: Codec, saved: Files) {
    this.#codec = codec
    this.#saved = saved
  }

  /** One more than the largest id. */
  get size(): number {
    return this.#codec.size
  }

  /** The files that make it, by name, for saving; transformers loads them. */
  saved(): Files {
    return this.#saved
  }

  /** The id of a token, such as `</s>`, if it is in the vocabulary. */
  id(token: string): number | undefined {
    return this.#codec.id(token)
  }

  /**
   * Encodes a text with its special tokens, unless `specials` is false; of one longer than `maxTokens` the end goes,
   * never a special token. Throws `InvalidOption` where the special tokens alone are more.
   */
  encode(text: string, maxTokens: number, { specials = true }: { readonly specials?: boolean } = {}): Encoded {
    const [prefix, suffix] = specials ? [this.#codec.prefix, this.#codec.suffix] : [[], []]
    const room = maxTokens - prefix.length - suffix.length
    if (!(room >= 0)) throw new InvalidOption("maxTokens", noRoom(maxTokens, prefix.length + suffix.length))
    const ids = this.#codec.encode(text.toWellFormed())
    const truncated = ids.length > room
    return { ids: [...prefix, ...truncated ? ids.slice(0, room) : ids, ...suffix], truncated }
  }

  /** The text of token ids, without special tokens. */
  decode(ids: readonly number[]): string {
    return this.#codec.decode(ids)
  }
}
