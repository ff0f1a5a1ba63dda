import { InvalidOption } from "../ir/options.ts"
import { bioGpt, bioGptFromFairseq, DICTIONARY, FAIRSEQ_MERGES } from "./biogpt.ts"
import { byteBpe, MERGES, VOCABULARY } from "./byte-bpe.ts"
import type { Codec } from "./codec.ts"
import { reading, TokenizerError } from "./errors.ts"
import { Fields } from "./fields.ts"
import type { Files } from "./special-tokens.ts"
import { PIECES, t5Pieces } from "./t5-pieces.ts"
import { tokenizerJson } from "./tokenizer-json.ts"

export { TokenizerError } from "./errors.ts"

const JSON_FILE = "tokenizer.json"

// What transformers saves of a tokenizer, and fairseq's two files for BioGPT.
const NAMES: ReadonlySet<string> = new Set([
  JSON_FILE,
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  VOCABULARY,
  MERGES,
  PIECES,
  DICTIONARY,
  FAIRSEQ_MERGES,
])

/** Whether a model's tokenizer may be read from the file of this name. */
export const isTokenizerFile = (name: string): boolean => NAMES.has(name)

/** Token ids of a text. */
export interface Encoded {
  readonly ids: readonly number[]
  /** Whether tokens at the end of the text were left out. */
  readonly truncated: boolean
}

/** Turns text into token ids and back as a model's files say; what they say of truncation and padding is ignored. */
export class Tokenizer {
  readonly #codec: Codec
  readonly #saved: Files

  private constructor(codec: Codec, saved: Files) {
    this.#codec = codec
    this.#saved = saved
  }

  /** Reads the content of a `tokenizer.json`, as text or parsed. Throws `TokenizerError`. */
  static fromJson(content: string | object): Tokenizer {
    const text = typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`
    return Tokenizer.fromFiles(new Map([[JSON_FILE, new TextEncoder().encode(text)]]), "")
  }

  /**
   * Reads the first of these that is there: `tokenizer.json`; `spiece.model` for the model type t5; `vocab.json` and
   * `merges.txt` for gpt2, gpt_neo, bart and biogpt; fairseq's `dict.txt` and `bpecodes` for biogpt. Other files among
   * them are left alone. Throws `TokenizerError`, which names the file.
   */
  static fromFiles(files: Files, modelType: string): Tokenizer {
    const own = new Map([...files].filter(([name]) => isTokenizerFile(name)))
    const json = own.get(JSON_FILE)
    if (json !== undefined) {
      return new Tokenizer(reading(JSON_FILE, () => tokenizerJson(Fields.parse(JSON_FILE, json))), own)
    }
    switch (modelType) {
      case "t5": {
        const pieces = needed(own, PIECES)
        return new Tokenizer(reading(PIECES, () => t5Pieces(own, pieces)), own)
      }
      case "gpt2":
      case "gpt_neo":
      case "bart": {
        const [vocabulary, merges] = [needed(own, VOCABULARY), needed(own, MERGES)]
        return new Tokenizer(reading(VOCABULARY, () => byteBpe(own, vocabulary, merges, modelType === "bart")), own)
      }
      case "biogpt": {
        if (!own.has(VOCABULARY) && own.has(DICTIONARY)) {
          const [dictionary, merges] = [needed(own, DICTIONARY), needed(own, FAIRSEQ_MERGES)]
          const saved = reading(DICTIONARY, () => bioGptFromFairseq(dictionary, merges))
          const codec = reading(DICTIONARY, () => bioGpt(saved, needed(saved, VOCABULARY), merges, FAIRSEQ_MERGES))
          return new Tokenizer(codec, saved)
        }
        const [vocabulary, merges] = [needed(own, VOCABULARY), needed(own, MERGES)]
        return new Tokenizer(reading(VOCABULARY, () => bioGpt(own, vocabulary, merges)), own)
      }
      default:
        throw new TokenizerError(
          JSON_FILE,
          `is not there, and redag knows no other form for the model type ${modelType}`,
        )
    }
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
    if (!(room >= 0)) {
      throw new InvalidOption(
        "maxTokens",
        `is ${maxTokens}: no room for ${prefix.length + suffix.length} special tokens`,
      )
    }
    const ids = this.#codec.encode(text.toWellFormed())
    const truncated = ids.length > room
    return { ids: [...prefix, ...truncated ? ids.slice(0, room) : ids, ...suffix], truncated }
  }

  /** The text of token ids, without special tokens. */
  decode(ids: readonly number[]): string {
    return this.#codec.decode(ids)
  }
}

const needed = (files: Files, name: string): Uint8Array => {
  const bytes = files.get(name)
  if (bytes === undefined) throw new TokenizerError(name, `is not there, and neither is ${JSON_FILE}`)
  return bytes
}
