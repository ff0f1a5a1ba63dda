import { Effect } from "effect"
import type { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import type { JsonFiles } from "../json.ts"
import type { Folder } from "../layout.ts"
import type { Finding, Kind } from "./finding.ts"
import type { Ledger } from "./ledger.ts"
import { orUnreadable } from "./unreadable.ts"
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
    const found = yield* orUnreadable(files.look(name))
    if (found._tag === "Absent") continue
    ledger.count(kind, stat.size)
    if (found._tag === "Sound") each({ name, path, value: found.value })
    else ledger.find(states[found._tag], kind, path, found.problem, stat)
    // Others get their turn, such as the signal that ends this.
    yield* Effect.yieldNow
  }
})

const states = { Damaged: "damaged", Unreadable: "unreadable", Foreign: "foreign" } as const satisfies Readonly<
  Record<string, Finding["state"]>
>
