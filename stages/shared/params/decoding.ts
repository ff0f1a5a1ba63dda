import { Schema } from "effect"

const Count = Schema.Natural
const Id = Schema.NullOr(Schema.Natural)

/**
 * Settings of generation that are to differ from the model's own, with the meaning that Hugging Face transformers gives
 * to those of the same names; models/generation/decoding.ts says what each is.
 */
export const DecodingParam = Schema.Struct({
  numBeams: Schema.optionalKey(Schema.Natural.check(Schema.isGreaterThan(0))),
  lengthPenalty: Schema.optionalKey(Schema.Finite),
  earlyStopping: Schema.optionalKey(Schema.Union([Schema.Boolean, Schema.Literal("never")])),
  noRepeatNgramSize: Schema.optionalKey(Count),
  repetitionPenalty: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0))),
  forcedBosTokenId: Schema.optionalKey(Id),
  forcedEosTokenId: Schema.optionalKey(Id),
  minLength: Schema.optionalKey(Count),
  minNewTokens: Schema.optionalKey(Schema.NullOr(Count)),
  maxLength: Schema.optionalKey(Schema.NullOr(Schema.Natural.check(Schema.isGreaterThan(0)))),
  eosTokenIds: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.Natural).check(Schema.isMinLength(1)))),
  decoderStartTokenId: Schema.optionalKey(Id),
})
