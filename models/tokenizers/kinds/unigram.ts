import type { SubwordModel } from "../codec.ts"
import { plainDecoders, readMetaspaceDecoder } from "../decoders.ts"
import { reading } from "../errors.ts"
import { Fields } from "../fields.ts"
import { type Files, JSON_FILE, needed, PIECES, refuseForm, tokenizerFiles } from "../files.ts"
import { noPiece } from "../messages.ts"
import { plainNormalizers, precompiled } from "../normalizers.ts"
import { plainPreTokenizers, readMetaspace } from "../pre-tokenizers.ts"
import { t5Pieces } from "../t5-pieces.ts"
import { type Components, tokenizerJson } from "../tokenizer-json.ts"
import { Tokenizer } from "../tokenizer.ts"
import { unigram } from "../unigram.ts"

/**
 * Reads a tokenizer of a Unigram model: from `tokenizer.json` or, for T5, from `spiece.model`. Throws `TokenizerError`,
 * which names the file.
 */
export const readTokenizer = (files: Files, modelType: string): Tokenizer => {
  const own = tokenizerFiles(files)
  const json = own.get(JSON_FILE)
  if (json !== undefined) {
    return new Tokenizer(reading(JSON_FILE, () => tokenizerJson(Fields.parse(JSON_FILE, json), components)), own)
  }
  if (modelType !== "t5") return refuseForm(modelType)
  const pieces = needed(own, PIECES)
  return new Tokenizer(reading(PIECES, () => t5Pieces(own, pieces)), own)
}

const readModel = (fields: Fields): SubwordModel => {
  fields.only("byte_fallback", false)
  return unigram(fields.file, readPieces(fields), fields.integer("unk_id"))
}

const readPieces = (fields: Fields): readonly (readonly [string, number])[] =>
  fields.list("vocab").map((entry, index) => {
    if (Array.isArray(entry)) {
      const [piece, score]: readonly unknown[] = entry
      if (typeof piece === "string" && typeof score === "number") return [piece, score]
    }
    return fields.fail(`vocab.${index}`, noPiece)
  })

const components: Components = {
  normalizers: { ...plainNormalizers, Precompiled: precompiled },
  preTokenizers: { ...plainPreTokenizers, Metaspace: readMetaspace },
  models: { Unigram: readModel },
  decoders: { ...plainDecoders, Metaspace: readMetaspaceDecoder },
}
