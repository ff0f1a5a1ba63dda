import type { Fields } from "./fields.ts"
import { noComponent, noIds, noTokenWithId, textTimes } from "./messages.ts"

/** The ids that stand before and after those of a text. */
export interface Around {
  readonly prefix: readonly number[]
  readonly suffix: readonly number[]
}

const NOTHING: Around = { prefix: [], suffix: [] }

/** The post-processor that a `tokenizer.json` describes. Throws `TokenizerError` for one that redag does not have. */
export const parsePostProcessor = (fields: Fields | undefined): Around => {
  if (fields === undefined) return NOTHING
  const type = fields.string("type")
  switch (type) {
    case "ByteLevel":
      return NOTHING
    case "Sequence":
      return fields.objects("processors").map(parsePostProcessor).reduce((inner, outer) => {
        return { prefix: [...outer.prefix, ...inner.prefix], suffix: [...inner.suffix, ...outer.suffix] }
      }, NOTHING)
    case "RobertaProcessing":
    case "BertProcessing":
      return { prefix: [idOf(fields, "cls")], suffix: [idOf(fields, "sep")] }
    case "TemplateProcessing":
      return template(fields)
    default:
      return fields.fail("type", noComponent(type, "post-processor"))
  }
}

/** The id of a pair of token and id. */
const idOf = (fields: Fields, key: string): number => {
  const id = fields.list(key)[1]
  return typeof id === "number" && Number.isSafeInteger(id) && id >= 0
    ? id
    : fields.fail(key, noTokenWithId)
}

const template = (fields: Fields): Around => {
  const ids = (token: string): readonly number[] => {
    const described = fields.object("special_tokens").object(token)
    return described.list("ids").map((id) =>
      typeof id === "number" && Number.isSafeInteger(id) && id >= 0 ? id : described.fail("ids", noIds)
    )
  }
  const sides: readonly [number[], number[]] = [[], []]
  let sequences = 0
  for (const item of fields.objects("single")) {
    if (item.has("Sequence")) sequences++
    else sides[sequences === 0 ? 0 : 1].push(...ids(item.object("SpecialToken").string("id")))
  }
  if (sequences !== 1) fields.fail("single", textTimes(sequences))
  return { prefix: sides[0], suffix: sides[1] }
}
