import { AddedTokens } from "./added-tokens.ts"
import { charsmap } from "./charsmap.ts"
import type { Codec } from "./codec.ts"
import { metaspaceDecoder } from "./decoders.ts"
import { TokenizerError } from "./errors.ts"
import { type Files, PIECES } from "./files.ts"
import { byteFallback, noEndPiece, noUnknownPiece, otherPieceModel, settingMissing } from "./messages.ts"
import { pipeline } from "./pipeline.ts"
import { metaspace, sequence, whitespaceSplit } from "./pre-tokenizers.ts"
import { PIECE, readSentencePiece } from "./sentencepiece.ts"
import { plainToken, readSpecialTokens, tokenizerConfig } from "./special-tokens.ts"
import { unigram } from "./unigram.ts"

const SPACE = "▁"
const EXTRA_IDS = 100

/**
 * T5's tokenizer from its `spiece.model`, as transformers makes it: the pieces, then `<extra_id_99>` to `<extra_id_0>`;
 * words are split at white space, and `</s>` ends a text. Throws `TokenizerError` for settings that T5 does not have.
 */
export const t5Pieces = (files: Files, bytes: Uint8Array): Codec => {
  const spec = readSentencePiece(PIECES, bytes)
  const refuse = (reason: string): never => {
    throw new TokenizerError(PIECES, reason)
  }
  if (spec.model !== "unigram") refuse(otherPieceModel(spec.model))
  if (spec.byteFallback) refuse(byteFallback)
  if (!spec.addDummyPrefix) refuse(settingMissing("add_dummy_prefix"))
  if (!spec.escapeWhitespaces) refuse(settingMissing("escape_whitespaces"))
  if (!spec.removeExtraWhitespaces) refuse(settingMissing("remove_extra_whitespaces"))
  if (spec.pieces[spec.unknownId]?.type !== PIECE.unknown) refuse(noUnknownPiece)

  const config = tokenizerConfig(files)
  const count = config.integer("extra_ids", EXTRA_IDS)
  const extras = Array.from({ length: Math.min(count, 10_000) }, (_, index) => `<extra_id_${count - 1 - index}>`)
  const pieces = [
    ...spec.pieces.map(({ text, score }) => [text, score] as const),
    ...extras.map((text) => [text, 0] as const),
  ]
  const model = unigram(PIECES, pieces, spec.unknownId)
  const { added, roles } = readSpecialTokens(files, model.id, model.size, {
    roles: { eos: "</s>", unk: "<unk>", pad: "<pad>" },
    others: [
      ...spec.pieces.flatMap(({ text, type }) =>
        type === PIECE.control || type === PIECE.userDefined ? [plainToken(text, type === PIECE.control)] : []
      ),
      ...extras.map((text) => plainToken(text, true)),
    ],
  })
  const end = roles.get("eos")
  if (end === undefined || end >= model.size) return refuse(noEndPiece)
  const normalize = spec.charsmap.length === 0 ? (text: string) => text : charsmap(PIECES, spec.charsmap)
  return pipeline({
    added: new AddedTokens(added, normalize),
    preTokenize: sequence([whitespaceSplit, metaspace(SPACE, "always", true)]),
    model,
    decode: metaspaceDecoder(SPACE, "always"),
    prefix: [],
    suffix: [end],
  })
}
