import type { Fields } from "./fields.ts"
import { noComponent } from "./messages.ts"

/** How the components of one sort are read from their fields, by their `type`; `read` reads one inside another. */
export type Readers<A> = Readonly<Record<string, (fields: Fields, read: (fields: Fields) => A) => A>>

/** Reads the component that fields describe. Throws `TokenizerError` for a type that is not among the readers. */
export const readComponent = <A>(fields: Fields, sort: string, readers: Readers<A>): A => {
  const read = (inner: Fields): A => {
    const type = inner.string("type")
    const reader = Object.hasOwn(readers, type) ? readers[type] : undefined
    return reader === undefined ? inner.fail("type", noComponent(type, sort)) : reader(inner, read)
  }
  return read(fields)
}
