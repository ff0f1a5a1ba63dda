/** Words about files of tokenizers that cannot be used. The file's name, and the field's, stand before each. */

const quoted = (value: unknown): string => JSON.stringify(value)

/** A pattern, or how it begins. */
const quotedPattern = (pattern: string): string => quoted(pattern.length > 80 ? `${pattern.slice(0, 80)}…` : pattern)

/** A JSON value's kind with its article. */
const kind = (name: string): string => name === "list" ? "a list" : name === "object" ? "an object" : name

// Files.
export const fileMissing = (json: string): string => `is not there, and neither is ${json}`
export const noOtherForm = (modelType: string): string =>
  `is not there, and redag knows no other form for the model type ${modelType}`
export const jsonOfOtherKind = "describes a tokenizer of another kind; that of Moses' words has none"
export const notUtf8 = "is not UTF-8"
export const notJson = "is not JSON"

// Fields.
export const notObject = (path: string, found: string): string =>
  `${path === "" ? "it" : path} is ${kind(found)}, not an object`
export const notString = (found: string): string => `is ${kind(found)}, not a string`
export const notFlag = (found: string): string => `is ${kind(found)}, not true or false`
export const notInteger = "is not an integer of at least 0"
export const notList = (found: string): string => `is ${kind(found)}, not a list`
export const notNumber = "is not a number"
export const empty = "is empty"
export const otherValue = (value: unknown, allowed: ReadonlyArray<unknown>): string =>
  `is ${quoted(value)}; redag has ${allowed.map(quoted).join(" or ")}`

// Components of a tokenizer.json.
export const noComponent = (type: string, sort: string): string =>
  `is ${type}, a ${sort} that redag does not have for this kind of tokenizer`
export const patternNotUnderstood = (pattern: string): string =>
  `is ${quotedPattern(pattern)}, which redag does not understand`
export const patternNotLinear = (pattern: string, reason: string): string => `is ${quotedPattern(pattern)}: ${reason}`
export const patternMatchesNothing = (pattern: string): string =>
  `is ${quotedPattern(pattern)}, which may match nothing`
export const unknownScheme = (scheme: string): string => `is ${scheme}, not always, first or never`
export const noPiece = "is no piece with its score"
export const notTwoSymbols = "is not two symbols"
export const otherId = (token: string, id: number, known: number): string =>
  `says ${token} is ${id}, the model says ${known}`
export const otherToken = (id: number, token: string, known: string): string =>
  `says ${id} is ${token}, the model says ${known}`
export const noTokenWithId = "is no token with its id"
export const noIds = "has no ids"
export const textTimes = (times: number): string => `has the text ${times} times`

// Vocabularies and models.
export const idOfToken = (token: string, id: number): string => `the id of ${quoted(token)} is ${id}`
export const halfCharacter = (token: string): string => `the token ${quoted(token)} is half a character`
export const noTokens = "has no tokens"
export const unknownPieceMissing = (id: number): string => `the unknown piece ${id} is not there`
export const scoreNotNumber = "has a score that is not a number"
export const mergeNeeds = (left: string, right: string, missing: string): string =>
  `the merge ${left} ${right} needs ${missing}, which is not in the vocabulary`
export const neitherSymbolNorUnknown = (symbol: string, unknown: string): string =>
  `has neither ${quoted(symbol)} nor the token ${quoted(unknown)}`
export const lineNotTwoSymbols = (line: number): string => `line ${line} is not two symbols`

// Special tokens.
export const otherStatedId = (token: string, stated: number, id: number): string =>
  `says the id of ${token} is ${stated}; by the vocabulary it is ${id}`
export const notUnderAnId = "is not under an id"
export const roleMissing = (role: string): string => `names no ${role}_token`
export const noUnknownAndEnd = "has no <unk> and </s>"

// fairseq's dictionary.
export const lineNotTokenAndCount = (line: number): string => `line ${line} is not a token and its count`
export const tokenTwice = (line: number, token: string): string => `line ${line}: ${token} is there twice`

// SentencePiece models.
export const noPieces = "has no pieces: it is no SentencePiece model"
export const isNumber = (what: string): string => `${what} is a number`
export const charsmapCutOff = "has a precompiled charsmap that is cut off"
export const otherPieceModel = (model: string): string => `is a ${model} model; redag has unigram`
export const byteFallback = "has byte_fallback, which redag does not have"
export const settingMissing = (setting: string): string => `has no ${setting}, which T5 has`
export const noUnknownPiece = "has no unknown piece where it says"
export const noEndPiece = "has no piece that ends a text"

// Texts.
export const noRoom = (maxTokens: number, specials: number): string =>
  `is ${maxTokens}: no room for ${specials} special tokens`
