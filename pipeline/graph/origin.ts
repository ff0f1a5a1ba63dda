import { canonical } from "../base/canonical.ts"

/** The place in a file that a declared value was written at. */
export interface Origin {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
}

/** Lines of an object's fields, by their names, or of an array's items, by their indices. */
export interface Place {
  readonly file: string
  readonly lines: ReadonlyMap<string, number>
}

/** Where each object that was read from a file stands in it. */
const places = new WeakMap<object, Place>()

/** What was last read from each file. */
const contents = new Map<string, unknown>()

/** The fields of each file by name and value; made when a value is first looked for. */
const indices = new Map<string, ReadonlyMap<string, ReadonlyArray<Field>>>()

/** A field of a file. */
interface Field extends Origin {
  readonly path: ReadonlyArray<string>
  /** The object whose field it is. */
  readonly around: object
}

/** Notes where an object stands that was read from a file. */
export const notePlace = (value: object, place: Place): void => {
  places.set(value, place)
}

/** Notes what a file holds, once all of its objects have their places. */
export const noteContent = (file: string, value: unknown): void => {
  contents.set(file, value)
  indices.delete(file)
}

/**
 * The place in a file that the value at `path` below `root` came from; undefined where no file is known to hold it.
 *
 * A value that is in params as it was read is found by its object. One that was copied out of that object is found by
 * its value and the end of its path. What no file holds has the place of the nearest value around it that one does.
 */
export const originOf = (root: unknown, path: ReadonlyArray<PropertyKey>): Origin | undefined => {
  let value = root
  let around: unknown
  let nearest: Origin | undefined
  let exact = false
  for (const key of path) {
    if (!isObject(value)) return nearest
    const place = places.get(value)
    const line = place?.lines.get(String(key))
    exact = place !== undefined && line !== undefined
    if (place !== undefined && line !== undefined) nearest = { file: place.file, line }
    around = value
    value = Reflect.get(value, key)
  }
  if (exact || value === undefined || !isObject(around)) return nearest
  return bestMatch(path.map(String), value, around) ?? nearest
}

/**
 * The one field of all files that a value was most likely copied from.
 *
 * It has the same name and value. Of several, the one whose path agrees furthest with the param's is taken, then the one
 * with the most equal fields beside it. A name and value alone may be equal by chance, so something else has to agree,
 * unless the field stands at the top of its file. Where two fields agree equally well, neither is given.
 */
const bestMatch = (path: ReadonlyArray<string>, value: unknown, around: object): Origin | undefined => {
  const id = idOf(path.at(-1) ?? "", value)
  if (id === undefined) return undefined
  const matches: Array<{ readonly field: Field; readonly tail: number; readonly beside: number }> = []
  for (const file of contents.keys()) {
    for (const field of indexOf(file).get(id) ?? []) {
      const tail = commonTail(field.path, path)
      const beside = equalFields(field.around, around) - 1
      if (tail + beside > 1 || tail === field.path.length) matches.push({ field, tail, beside })
    }
  }
  const [best, next] = matches.toSorted((one, other) => other.tail - one.tail || other.beside - one.beside)
  if (best === undefined || (next?.tail === best.tail && next.beside === best.beside)) return undefined
  return { file: best.field.file, line: best.field.line }
}

const indexOf = (file: string): ReadonlyMap<string, ReadonlyArray<Field>> => {
  const known = indices.get(file)
  if (known !== undefined) return known
  const index = new Map<string, Array<Field>>()
  const add = (around: unknown, above: ReadonlyArray<string>): void => {
    if (!isObject(around)) return
    for (const [name, line] of places.get(around)?.lines ?? []) {
      const value: unknown = Reflect.get(around, name)
      const path = [...above, name]
      const id = idOf(name, value)
      if (id === undefined) continue
      const field: Field = { file, line, path, around }
      const same = index.get(id)
      if (same === undefined) index.set(id, [field])
      else same.push(field)
      add(value, path)
    }
  }
  add(contents.get(file), [])
  indices.set(file, index)
  return index
}

const idOf = (name: string, value: unknown): string | undefined => {
  const text = textOf(value)
  return text === undefined ? undefined : `${name}\n${text}`
}

/** The text of a value; undefined where JSON cannot hold it. */
const textOf = (value: unknown): string | undefined => {
  try {
    return canonical(value)
  } catch {
    return undefined
  }
}

/** How many of the last parts of two paths are equal. */
const commonTail = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): number => {
  let length = 0
  while (length < Math.min(one.length, other.length) && one.at(-1 - length) === other.at(-1 - length)) length++
  return length
}

/** How many fields two objects have in common. */
const equalFields = (one: object, other: object): number =>
  Object.entries(one).filter(([name, value]) => {
    const text = textOf(value)
    return text !== undefined && Object.hasOwn(other, name) && text === textOf(Reflect.get(other, name))
  }).length

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null
