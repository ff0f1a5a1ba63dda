import { InputError } from "redag"
import * as messages from "./messages.ts"
import type { Source } from "./source.ts"

/** A place in a corpus file. */
export interface Place {
  readonly source: Source
  readonly line?: number
  readonly field?: string
}

/** The error for something wrong at a place of a corpus file. */
export const wrong = (place: Place, message: string, help: string): InputError =>
  new InputError({
    message,
    help,
    file: place.source.name,
    ...(place.line === undefined ? {} : { line: place.line }),
    ...(place.field === undefined ? {} : { field: place.field }),
  })

/** The beginning of a text, for a message: a line without a break may be a whole file. */
export const excerpt = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text)

/** Reads a count or an offset, which the formats write in decimal digits. */
export const parseNatural = (text: string, place: Place): number => {
  if (!/^\d{1,15}$/u.test(text)) {
    throw wrong(place, messages.notNatural.message(excerpt(text)), messages.notNatural.help)
  }
  return Number(text)
}

/** Gives an error for the second document of one id; call it once for each document. */
export const uniqueDocuments = (): (id: string, place: Place) => void => {
  const seen = new Map<string, Place>()
  return (id, place) => {
    const first = seen.get(id)
    if (first !== undefined) {
      const where = first.line === undefined ? first.source.name : `${first.source.name}:${first.line}`
      const { message, help } = messages.repeatedDocument
      throw wrong(place, message(excerpt(id), where), help)
    }
    seen.set(id, place)
  }
}

/** The file's name without its folders. */
export const baseName = (name: string): string =>
  name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1)

/** The file's name without its folders and its extension. */
export const stem = (name: string): string => baseName(name).replace(/\.[^.]*$/u, "")
