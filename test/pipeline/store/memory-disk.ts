import { Effect } from "effect"
import type { Disk } from "../../../pipeline/store/disk.ts"

/** What leases and heartbeats need of a disk. */
export type SmallDisk = Pick<
  Disk["Service"],
  "list" | "read" | "stat" | "makeFolder" | "create" | "overwrite" | "now" | "rename" | "remove"
>

/** Small files in memory, by their paths, with a clock of their own. */
export class MemoryFiles {
  readonly files = new Map<string, { readonly text: string; readonly mtime: number }>()
  /** The time on the clock of this disk, in milliseconds. */
  clock = 0

  /** The disk as one process sees it: `turn` comes before each call. */
  disk(turn: Effect.Effect<void> = Effect.void): SmallDisk {
    const call = <A>(work: () => A) => Effect.andThen(turn, Effect.sync(work))
    const put = (path: string, text: string) => {
      this.files.set(path, { text, mtime: this.clock })
    }
    return {
      list: (folder) =>
        call(() =>
          [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`))
            .map((path) => path.slice(folder.length + 1)).toSorted()
        ),
      read: (path) => call(() => this.files.get(path)?.text),
      stat: (path) =>
        call(() => {
          const file = this.files.get(path)
          return file === undefined
            ? undefined
            : {
              kind: "file",
              size: file.text.length,
              allocated: 0,
              mtime: file.mtime,
              changed: file.mtime,
              version: file.text,
            }
        }),
      makeFolder: () => call(() => undefined),
      create: (path, text) =>
        call(() => {
          if (this.files.has(path)) return false
          put(path, text)
          return true
        }),
      overwrite: (path, text) => call(() => put(path, text)),
      now: (path, text) =>
        call(() => {
          put(path, text)
          return this.clock
        }),
      rename: (from, to) =>
        call(() => {
          const file = this.files.get(from)
          this.files.delete(from)
          if (file !== undefined) this.files.set(to, file)
          return file !== undefined
        }),
      remove: (path) => call(() => void this.files.delete(path)),
    }
  }
}
