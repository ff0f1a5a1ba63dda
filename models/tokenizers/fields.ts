import { textOf, TokenizerError } from "./errors.ts"
import { notFlag, notInteger, notJson, notList, notObject, notString, otherValue } from "./messages.ts"

/** What kind of JSON value it is. */
const kindOf = (value: unknown): string => value === null ? "null" : Array.isArray(value) ? "list" : typeof value

/** The fields of an object of a JSON file; one of the wrong kind is a `TokenizerError` that names file and path. */
export class Fields {
  readonly file: string
  readonly path: string
  readonly #values: Readonly<Record<string, unknown>>

  constructor(file: string, path: string, value: unknown) {
    this.file = file
    this.path = path
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new TokenizerError(file, notObject(path, kindOf(value)))
    }
    this.#values = value as Readonly<Record<string, unknown>>
  }

  /** The object that a JSON file holds. */
  static parse(file: string, bytes: Uint8Array): Fields {
    const text = textOf(file, bytes)
    try {
      return new Fields(file, "", JSON.parse(text))
    } catch (cause) {
      if (cause instanceof TokenizerError) throw cause
      throw new TokenizerError(file, notJson, cause)
    }
  }

  fail(key: string, reason: string): never {
    throw new TokenizerError(this.file, `${this.at(key)} ${reason}`)
  }

  at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#values, key) && this.#values[key] !== null
  }

  get(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? this.#values[key] : undefined
  }

  entries(): readonly [string, unknown][] {
    return Object.entries(this.#values)
  }

  string(key: string, otherwise?: string): string {
    const value = this.get(key) ?? otherwise
    return typeof value === "string" ? value : this.fail(key, notString(kindOf(value)))
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.get(key) ?? otherwise
    return typeof value === "boolean" ? value : this.fail(key, notFlag(kindOf(value)))
  }

  integer(key: string, otherwise?: number): number {
    const value = this.get(key) ?? otherwise
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
      ? value
      : this.fail(key, notInteger)
  }

  list(key: string): readonly unknown[] {
    const value = this.get(key)
    return Array.isArray(value) ? value : this.fail(key, notList(kindOf(value)))
  }

  /** The objects of a list. */
  objects(key: string): readonly Fields[] {
    return this.list(key).map((value, index) => new Fields(this.file, `${this.at(key)}.${index}`, value))
  }

  object(key: string): Fields {
    return new Fields(this.file, this.at(key), this.get(key))
  }

  /** The same fields with another value for one of them. */
  with(key: string, value: unknown): Fields {
    return new Fields(this.file, this.path, { ...this.#values, [key]: value })
  }

  /** An object that may be null or left out. */
  optional(key: string): Fields | undefined {
    return this.has(key) ? this.object(key) : undefined
  }

  /** Refuses a field whose value is not among those that redag has; one that is left out is fine. */
  only(key: string, ...allowed: readonly unknown[]): void {
    const value = this.get(key)
    if (value === undefined || allowed.includes(value)) return
    this.fail(key, otherValue(value, allowed))
  }
}
