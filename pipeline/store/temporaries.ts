import { Effect } from "effect"
import { hostname } from "node:os"
import { join } from "node:path"
import { Disk } from "./disk.ts"
import { Store } from "./store.ts"

/** Removes what processes of this machine that no longer live left half written. */
export const removeStaleTemporaries = Effect.gen(function*() {
  const disk = yield* Disk
  const { folder } = yield* Store
  const prefix = `${hostname()}-`
  for (const name of yield* disk.list(join(folder, "tmp"))) {
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length)))) {
      yield* disk.remove(join(folder, "tmp", name))
    }
  }
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM"
  }
}
