import type { AddedToken } from "./added-tokens.ts"
import { TokenizerError } from "./errors.ts"
import { Fields } from "./fields.ts"
import type { Files } from "./files.ts"
import { notUnderAnId, otherStatedId } from "./messages.ts"

const CONFIG = "tokenizer_config.json"
const MAP = "special_tokens_map.json"
const ADDED = "added_tokens.json"

/** What a special token is for, in the order in which transformers adds those that a vocabulary lacks. */
const ROLES = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"] as const
export type Role = typeof ROLES[number]

/** The field names of special tokens without a role of their own. */
const OTHERS = ["additional_special_tokens", "extra_special_tokens"] as const

/** An added token whose id the vocabulary says. */
export type NewToken = Omit<AddedToken, "id">

/** A token that is found as it stands. */
export const plainToken = (content: string, special: boolean): NewToken => {
  return { content, special, normalized: false, lstrip: false, rstrip: false, singleWord: false }
}

/** What a vocabulary without a `tokenizer.json` has by its class, unless the files say otherwise. */
export interface Defaults {
  readonly roles: Readonly<Partial<Record<Role, string>>>
  readonly others: readonly NewToken[]
}

/** The added tokens of a vocabulary, and the ids of those with a role. */
export interface SpecialTokens {
  readonly added: readonly AddedToken[]
  readonly roles: ReadonlyMap<Role, number>
}

/** `tokenizer_config.json`, or an empty object. */
export const tokenizerConfig = (files: Files): Fields => fieldsOf(files, CONFIG) ?? new Fields(CONFIG, "", {})

const fieldsOf = (files: Files, name: string): Fields | undefined => {
  const bytes = files.get(name)
  return bytes === undefined ? undefined : Fields.parse(name, bytes)
}

/**
 * The special tokens that `tokenizer_config.json` and, where that has no table of them, `special_tokens_map.json` and
 * `added_tokens.json` name. One that is not in the vocabulary gets the next id behind it, as transformers gives it;
 * throws `TokenizerError` where a file says another id.
 */
export const readSpecialTokens = (
  files: Files,
  idOf: (token: string) => number | undefined,
  firstNewId: number,
  defaults: Defaults,
): SpecialTokens => {
  const config = tokenizerConfig(files)
  const table = config.optional("added_tokens_decoder")
  const sources = [config, ...table === undefined ? [fieldsOf(files, MAP)] : []].filter((each) => each !== undefined)

  const named = new Map<Role, NewToken>()
  for (const role of ROLES) {
    const otherwise = defaults.roles[role]
    if (otherwise !== undefined) named.set(role, plainToken(otherwise, true))
    for (const source of sources) {
      const key = `${role}_token`
      if (source.has(key)) named.set(role, tokenOf(source, key, source.get(key)))
      else if (source.get(key) === null) named.delete(role)
    }
  }
  const others = sources.flatMap((source) => OTHERS.flatMap((key) => listed(source, key)))
  const specials = new Set([...named.values(), ...others].map(({ content }) => content))
  const stated = table === undefined ? addedTokens(fieldsOf(files, ADDED), specials) : tableTokens(table, specials)

  const added = new Map<string, AddedToken>()
  let next = firstNewId
  const add = (token: NewToken, statedId?: number): void => {
    if (token.content === "" || added.has(token.content)) return
    const id = idOf(token.content) ?? next++
    if (statedId !== undefined && statedId !== id) {
      const file = table === undefined ? ADDED : CONFIG
      throw new TokenizerError(file, otherStatedId(token.content, statedId, id))
    }
    added.set(token.content, { ...token, id })
  }
  for (const [id, token] of stated) add(token, id)
  for (const token of [...named.values(), ...others, ...defaults.others]) add(token)
  const roles = new Map<Role, number>()
  for (const [role, { content }] of named) {
    const token = added.get(content)
    if (token !== undefined) roles.set(role, token.id)
  }
  return { added: [...added.values()], roles }
}

/** A token that a file gives as its text or as an object. */
const tokenOf = (source: Fields, key: string, value: unknown): NewToken => {
  if (typeof value === "string") return plainToken(value, true)
  const fields = new Fields(source.file, source.at(key), value)
  return { ...flags(fields), special: true, normalized: fields.flag("normalized", false) }
}

const flags = (fields: Fields): NewToken => {
  const special = fields.flag("special", false)
  return {
    content: fields.string("content"),
    special,
    normalized: fields.flag("normalized", !special),
    lstrip: fields.flag("lstrip", false),
    rstrip: fields.flag("rstrip", false),
    singleWord: fields.flag("single_word", false),
  }
}

const listed = (source: Fields, key: string): readonly NewToken[] => {
  if (!source.has(key)) return []
  const value = source.get(key)
  const tokens: readonly unknown[] = Array.isArray(value)
    ? value
    : source.object(key).entries().map(([, token]) => token)
  return tokens.map((token, index) => tokenOf(source, `${key}.${index}`, token))
}

const byId = (a: readonly [number, NewToken], b: readonly [number, NewToken]): number => a[0] - b[0]

const tableTokens = (table: Fields, specials: ReadonlySet<string>): readonly (readonly [number, NewToken])[] =>
  table.entries().map(([id]): readonly [number, NewToken] => {
    const token = flags(table.object(id))
    if (!/^\d+$/u.test(id)) table.fail(id, notUnderAnId)
    return [Number(id), { ...token, special: token.special || specials.has(token.content) }]
  }).sort(byId)

const addedTokens = (
  file: Fields | undefined,
  specials: ReadonlySet<string>,
): readonly (readonly [number, NewToken])[] =>
  (file?.entries() ?? []).map(([content]): readonly [number, NewToken] => {
    const special = specials.has(content)
    return [file?.integer(content) ?? 0, { ...plainToken(content, special), normalized: !special }]
  }).sort(byId)
