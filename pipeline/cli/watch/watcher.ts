import { type FSWatcher, watch } from "chokidar"
import { systemCode, systemReason } from "../../base/system.ts"

/** A burst of changes is over when nothing changed for so long, in milliseconds; one that goes on is told all the same. */
const QUIET = 40
const LONGEST = 400

/** Watches paths, of which there may be others after each plan. */
export interface Watcher {
  /**
   * Watches these paths from now on, there or not; `settled` is called once nothing that happens to them is missed, where
   * there are some that were not watched before.
   */
  readonly watch: (paths: ReadonlyArray<string>) => void
  /** Whether nothing that happens to any of these paths is missed now. */
  readonly sees: (paths: ReadonlyArray<string>) => boolean
  readonly close: () => Promise<void>
}

/** What whoever watches is told. */
export interface Heard {
  /** What changed, once a burst of changes is over; `lasting` is that without files that came and went within it. */
  readonly changed: (paths: ReadonlyArray<string>, lasting: ReadonlyArray<string>) => void
  /** Paths are watched that were not before: what happened to them until now was not seen. */
  readonly settled: () => void
  /** What the system refuses. */
  readonly failed: (message: string, help: string) => void
}

/** Watches by what the system says of folders; nothing is looked at again and again. Links are not followed. */
export const makeWatcher = (ignored: (path: string) => boolean, heard: Heard): Watcher => {
  /** By path, whether it was not there before the burst, and whether it is gone again. */
  const changed = new Map<string, { readonly isNew: boolean; isGone: boolean }>()
  let first = 0
  let timer: NodeJS.Timeout | undefined
  let current: FSWatcher | undefined
  let latest = 0
  /** What is watched, and nothing that happens to it is missed. */
  let seen: ReadonlySet<string> = new Set()
  const closing = new Set<Promise<void>>()

  const tell = (): void => {
    timer = undefined
    const paths = [...changed.keys()]
    const lasting = [...changed].flatMap(([path, { isNew, isGone }]) => (isNew && isGone ? [] : [path]))
    changed.clear()
    heard.changed(paths, lasting)
  }
  const note = (event: string, path: string): void => {
    const now = performance.now()
    if (changed.size === 0) first = now
    const isGone = event.startsWith("unlink")
    const before = changed.get(path)
    if (before === undefined) changed.set(path, { isNew: event.startsWith("add"), isGone })
    else before.isGone = isGone
    clearTimeout(timer)
    timer = setTimeout(tell, Math.max(0, Math.min(QUIET, first + LONGEST - now)))
  }
  const close = (watcher: FSWatcher | undefined): void => {
    if (watcher === undefined) return
    const closed = watcher.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }
  const refused = (cause: unknown): void => {
    const code = systemCode(cause)
    if (code === "ENOENT") return
    heard.failed(
      `a file cannot be watched: ${systemReason(cause) ?? String(cause)}`,
      code === "ENOSPC" || code === "EMFILE"
        ? "let the system watch more: sysctl fs.inotify.max_user_watches=1048576 fs.inotify.max_user_instances=1024"
        : "make it readable",
    )
  }

  return {
    sees: (paths) => paths.every((path) => seen.has(path)),
    watch: (paths) => {
      const mine = ++latest
      const watcher = watch([...paths], {
        ignored,
        ignoreInitial: true,
        // A link that is turned is a change of the link; what it leads to is watched by its own name.
        followSymlinks: false,
        // A save that removes the file first is one burst with what comes after.
        atomic: false,
        usePolling: false,
      })
      watcher.on("all", note)
      watcher.on("error", refused)
      watcher.once("ready", () => {
        if (mine !== latest) return close(watcher)
        // The one before goes once this one misses nothing.
        close(current)
        current = watcher
        const isMore = paths.some((path) => !seen.has(path))
        seen = new Set(paths)
        if (isMore) heard.settled()
      })
    },
    close: async () => {
      latest++
      clearTimeout(timer)
      close(current)
      await Promise.all(closing)
    },
  }
}
