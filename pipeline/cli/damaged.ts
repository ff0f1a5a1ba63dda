import { Effect } from "effect"
import { relative } from "node:path"
import { isDigest } from "../base/digest.ts"
import { counted } from "../base/text.ts"
import type { JsonFiles } from "../store/json.ts"
import { Store } from "../store/store.ts"
import { nameText } from "./text/findings.ts"
import { printNote } from "./text/output.ts"

/** A file of the store that says something of a key, and that cannot be used. */
export interface Unusable {
  readonly key: string
  readonly path: string
  /** What is wrong with it, as the end of a sentence that begins with the file. */
  readonly problem: string
}

/** The files of a folder that say something of a key and cannot be used: nothing is known of what they say. */
export const unusableAmong = Effect.fnUntraced(function*<A>(files: JsonFiles<A>) {
  const unusable: Array<Unusable> = []
  for (const key of (yield* files.names).toSorted()) {
    if (!isDigest(key)) continue
    const problem = yield* files.look(key).pipe(
      Effect.map((found) => (found._tag === "Damaged" || found._tag === "Foreign" ? found.problem : undefined)),
      Effect.catch(({ message }) => Effect.succeed(message)),
    )
    if (problem !== undefined) unusable.push({ key, path: files.path(key), problem })
  }
  return unusable
})

/** No more files than this are named one by one. */
const most = 6

/**
 * Says on standard error which declarations of the user, and which lists of what gc released, cannot be used: what they
 * are of may be executed again for no other reason.
 */
export const noteUnusable = Effect.gen(function*() {
  const { files, layout } = yield* Store
  const note = Effect.fnUntraced(function*(unusable: ReadonlyArray<Unusable>, consequence: string) {
    for (const { path, problem } of unusable.slice(0, most)) {
      yield* printNote(`${nameText(relative(layout.folder, path))} ${problem}; ${consequence}`)
    }
    if (unusable.length > most) {
      yield* printNote(
        `so ${unusable.length === most + 1 ? "is" : "are"} ${
          counted(unusable.length - most, "more file")
        }: dag verify names all`,
      )
    }
  })
  yield* note(
    yield* unusableAmong(files.accepted),
    "what was accepted there counts for nothing, and its node may run: accept it again, or run dag repair",
  )
  yield* note(
    yield* unusableAmong(files.released),
    "what dag gc released there counts as lost, and its node may run again: put the file back from a copy of the store, or run dag repair",
  )
})
