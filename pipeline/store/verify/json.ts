import { Effect } from "effect"
import type { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import type { JsonFiles } from "../json.ts"
import type { Folder } from "../layout.ts"
import type { Kind } from "./finding.ts"
import type { Ledger } from "./ledger.ts"
import { namedFiles } from "./walk.ts"

/** Checks every JSON file of a folder, and gives what is sound to `each`. */
export const checkJson = Effect.fnUntraced(function*<A>(
  folder: Folder,
  kind: Kind,
  files: Pick<JsonFiles<A>, "look">,
  ledger: Ledger,
  isName?: (name: string) => boolean,
  each: (file: { readonly name: string; readonly path: string; readonly value: A }) => void = () => {},
): Effect.fn.Return<void, StoreError, Disk> {
  for (const { name, path, stat } of yield* namedFiles(folder, kind, ledger, isName)) {
    const found = yield* files.look(name).pipe(
      // A disk that cannot give the bytes any more has lost them.
      Effect.catch(({ message }) => Effect.succeed({ _tag: "Damaged", problem: message } as const)),
    )
    if (found._tag === "Absent") continue
    ledger.count(kind, stat.size)
    if (found._tag === "Sound") each({ name, path, value: found.value })
    else ledger.find(found._tag === "Damaged" ? "damaged" : "foreign", kind, path, found.problem, stat)
    // Others get their turn, such as the signal that ends this.
    yield* Effect.yieldNow
  }
})
