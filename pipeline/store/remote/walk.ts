import { Effect, Stream } from "effect"
import type { StoreError } from "../../base/errors.ts"
import type { FileStat } from "./files.ts"
import { TEMPORARIES } from "./names.ts"
import type { Entry } from "./remote.ts"

type List = (folder: string) => Effect.Effect<ReadonlyArray<FileStat & { readonly name: string }>, StoreError>

/** The files of a folder whose names begin with a prefix, in the order of the names' bytes, behind `after`. */
export const walk = (list: List, prefix: string, after = ""): Stream.Stream<Entry, StoreError> => {
  const below = (folder: string): Stream.Stream<Entry, StoreError> =>
    Stream.unwrap(Effect.map(list(folder), (entries) => {
      const sorted = entries.flatMap(({ name, kind, size, mtime: written }) => {
        const path = folder === "" ? name : `${folder}/${name}`
        return kind === "other" || path === TEMPORARIES
          ? []
          : [{ path: kind === "folder" ? `${path}/` : path, size, written }]
      }).toSorted((one, other) => (one.path < other.path ? -1 : 1))
      return Stream.fromIterable(sorted).pipe(
        Stream.flatMap(({ path, size, written }): Stream.Stream<Entry, StoreError> => {
          if (!path.endsWith("/")) {
            return path.startsWith(prefix) && path > after
              ? Stream.succeed({ name: path, size, written })
              : Stream.empty
          }
          const mayHold = path.startsWith(prefix) || prefix.startsWith(path)
          const isBehind = path > after || after.startsWith(path)
          return mayHold && isBehind ? below(path.slice(0, -1)) : Stream.empty
        }),
      )
    }))
  // No folder above the last "/" of the prefix needs to be listed.
  return below(prefix.slice(0, Math.max(0, prefix.lastIndexOf("/"))))
}
