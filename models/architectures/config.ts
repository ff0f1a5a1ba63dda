import { Result, Schema, SchemaIssue, SchemaParser } from "effect"
import type { Config, Initial, Parameter } from "./architecture.ts"
import {
  differsFrom,
  modelTypeMissing,
  notAnObject,
  notInVocabulary,
  notJson,
  otherModelType,
  unsupportedValue,
  widthNotDivided,
  wrongForm,
} from "./messages.ts"

const CONFIG = "config.json"

/** A model configuration that redag cannot honour. */
export class UnsupportedConfig extends Error {
  readonly _tag = "UnsupportedConfig"
  readonly file: string
  /** The field of the file, or the file itself. */
  readonly field: string
  readonly reason: string

  constructor(field: string, reason: string, file = CONFIG) {
    super([...new Set([file, field]), reason].join(": "))
    this.file = file
    this.field = field
    this.reason = reason
  }
}

/** A number of things. */
export const Positive = Schema.Int.check(Schema.isGreaterThan(0))

/** A probability of dropping. */
export const Probability = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThan(1))

/** The object that a `config.json` holds. Throws `UnsupportedConfig`. */
export const parseConfig = (content: string, file = CONFIG): Config => {
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch (cause) {
    throw new UnsupportedConfig(file, notJson(cause instanceof Error ? cause.message : String(cause)), file)
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new UnsupportedConfig(file, notAnObject, file)
  }
  return json as Config
}

/** The fields of a configuration that a Schema names. Throws `UnsupportedConfig`, which names the first wrong field. */
export const readFields = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  config: Config,
  file = CONFIG,
): S["Type"] => {
  // transformers writes null for what is not set; of a token it says that there is none.
  const set = Object.fromEntries(
    Object.entries(config).filter(([field, value]) => value !== null || field.endsWith("_token_id")),
  )
  const decoded = SchemaParser.decodeUnknownResult(schema)(set)
  if (Result.isSuccess(decoded)) return decoded.success
  const [issue] = format(decoded.failure).issues
  const field = issue?.path?.map((part) => String(typeof part === "object" ? part.key : part)).join(".")
  throw new UnsupportedConfig(field ?? file, issue?.message ?? wrongForm, file)
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/**
 * A configuration with every field under its own name, where a file may give another: Hugging Face's `attribute_map`.
 * Throws `UnsupportedConfig` where both are there and differ.
 */
export const canonicalFields = (
  config: Config,
  aliases: Readonly<Record<string, string>>,
): Config => {
  const canonical = { ...config }
  for (const [alias, field] of Object.entries(aliases)) {
    if (!Object.hasOwn(config, alias)) continue
    if (Object.hasOwn(config, field) && config[field] !== config[alias]) {
      throw new UnsupportedConfig(alias, differsFrom(field))
    }
    canonical[field] = config[alias]
  }
  return canonical
}

/**
 * Refuses a field that changes the computation in a way that redag does not have: where it is there, it must have one
 * of the values. Throws `UnsupportedConfig`.
 */
export const requireValues = (
  config: Config,
  allowed: Readonly<Record<string, readonly unknown[]>>,
  file = CONFIG,
): void => {
  for (const [field, values] of Object.entries(allowed)) {
    const value = config[field]
    if (value === undefined || value === null || values.includes(value)) continue
    throw new UnsupportedConfig(field, unsupportedValue(value, values), file)
  }
}

/** Refuses the configuration of a model of another architecture. Throws `UnsupportedConfig`. */
export const requireModelType = (config: Config, modelType: string): void => {
  const found = config["model_type"]
  if (found === modelType) return
  throw new UnsupportedConfig("model_type", found === undefined ? modelTypeMissing : otherModelType(found, modelType))
}

/** Throws `UnsupportedConfig` unless every id is one of the vocabulary's. */
export const requireIds = (vocabulary: number, ids: Readonly<Record<string, number>>): void => {
  for (const [field, id] of Object.entries(ids)) {
    if (id < 0 || id >= vocabulary) throw new UnsupportedConfig(field, notInVocabulary(id))
  }
}

/** The width of one of `heads` heads. Throws `UnsupportedConfig` where they do not share the width evenly. */
export const headWidthOf = (field: string, width: number, heads: number): number => {
  if (width % heads !== 0) throw new UnsupportedConfig(field, widthNotDivided(heads, width))
  return width / heads
}

/** The tensors of a model in the making, by name. */
export class Parameters {
  readonly all = new Map<string, Parameter>()

  put(name: string, shape: readonly number[], initial: Initial): void {
    this.all.set(name, { shape, initial })
  }

  /** A linear layer's `weight` [outputs, inputs] of normal draws and its `bias` of zeros. */
  linear(name: string, outputs: number, inputs: number, deviation: number): void {
    this.put(`${name}.weight`, [outputs, inputs], { deviation })
    this.put(`${name}.bias`, [outputs], { fill: 0 })
  }

  /** A layer norm's `weight` of ones and `bias` of zeros. */
  norm(name: string, width: number): void {
    this.put(`${name}.weight`, [width], { fill: 1 })
    this.put(`${name}.bias`, [width], { fill: 0 })
  }

  /** An embedding table [rows, width] of normal draws; `zeroRow` is padding's. */
  table(name: string, rows: number, width: number, deviation: number, zeroRow?: number): void {
    this.put(`${name}.weight`, [rows, width], zeroRow === undefined ? { deviation } : { deviation, zeroRow })
  }

  /** A buffer that starts as all one value. */
  buffer(name: string, shape: readonly number[], fill: number): void {
    this.all.set(name, { shape, initial: { fill }, buffer: true })
  }
}
