import type { Calls } from "../../pipeline/store/calls.ts"

/** What goes wrong at one call of the system. */
export type Fault =
  /** The process is killed before the call. */
  | "kill"
  /** Half of the bytes are written, then the process is killed. */
  | "torn"
  | "ENOSPC"
  | "EIO"
  /** Fewer bytes are written, or read, than were asked for. */
  | "short"

/** A call, by its number from 1, in the order of the calls that a process makes. */
export interface Call {
  readonly number: number
  readonly name: keyof Calls
  /** The path, as far as it is known: calls on an open file are those on its path. */
  readonly path: string
}

/** The faults that a call can have. */
export const faultsOf = ({ name }: Pick<Call, "name">): ReadonlyArray<Fault> => {
  const faults: ReadonlyArray<readonly [Fault, ReadonlyArray<keyof Calls>]> = [
    ["ENOSPC", ["open", "write", "truncate", "sync", "syncBeside", "close", "makeFolder", "rename", "link", "copy"]],
    ["torn", ["write", "copy"]],
    ["short", ["write", "read"]],
  ]
  return ["kill", "EIO", ...faults.flatMap(([fault, names]) => (names.includes(name) ? [fault] : []))]
}

/** Thrown by every call of a process that was killed: nothing that it does reaches the disk any more. */
export class Killed extends Error {
  constructor() {
    super("this process was killed")
  }
}

export interface Faulty {
  readonly calls: Calls
  /** Comes once the process is killed. What it was about to do may never end. */
  readonly killed: Promise<void>
}

/**
 * The calls, of which the `at`-th meets a fault. `each` is told of every call before it is made.
 *
 * A kill is the end of all calls: to the disk it makes no difference whether the process ends at once, or a little later
 * with all processes that were killed as this one.
 */
export const faulty = (
  calls: Calls,
  at: number,
  fault: Fault,
  each: (call: Call) => void = () => undefined,
): Faulty => {
  const paths = new Map<number, string>()
  let number = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  let killed = false
  const kill = (): Killed => {
    killed = true
    resolve()
    return new Killed()
  }

  /** Makes a call, or the fault in its place; `part` makes half of it. */
  const make = <A>(name: keyof Calls, path: string, whole: () => A, part: () => A): A => {
    if (killed) throw new Killed()
    number++
    each({ number, name, path })
    if (number !== at) return whole()
    switch (fault) {
      case "kill":
        throw kill()
      case "torn":
        part()
        throw kill()
      case "short":
        return part()
      case "ENOSPC":
      case "EIO":
        // A file is closed even where that fails.
        if (name === "close") whole()
        throw Object.assign(new Error(`${fault}: injected, ${name} '${path}'`), { code: fault, syscall: name, path })
    }
  }
  const on = <A>(name: keyof Calls, path: string, call: () => A): A => make(name, path, call, call)
  const pathOf = (file: number): string => paths.get(file) ?? "?"
  const half = (length: number) => Math.max(length > 0 ? 1 : 0, length >> 1)

  return {
    killed: promise,
    calls: {
      open: (path, how) =>
        on("open", path, () => {
          const file = calls.open(path, how)
          paths.set(file, path)
          return file
        }),
      read: (file, into, start, length, position) =>
        make(
          "read",
          pathOf(file),
          () => calls.read(file, into, start, length, position),
          () => calls.read(file, into, start, half(length), position),
        ),
      write: (file, from, start, length, position) =>
        make(
          "write",
          pathOf(file),
          () => calls.write(file, from, start, length, position),
          () => calls.write(file, from, start, half(length), position),
        ),
      truncate: (file, length) => {
        on("truncate", pathOf(file), () => calls.truncate(file, length))
      },
      sync: (file) => {
        on("sync", pathOf(file), () => calls.sync(file))
      },
      syncBeside: async (file) => {
        await on("syncBeside", pathOf(file), () => calls.syncBeside(file))
      },
      close: (file) => {
        // What is killed closes its files too, and the machine has only so many.
        if (killed) calls.close(file)
        on("close", pathOf(file), () => calls.close(file))
      },
      statOpen: (file) => on("statOpen", pathOf(file), () => calls.statOpen(file)),
      touch: (path) => {
        on("touch", path, () => calls.touch(path))
      },
      stat: (path) => on("stat", path, () => calls.stat(path)),
      list: (folder) => on("list", folder, () => calls.list(folder)),
      isLocal: calls.isLocal,
      makeFolder: (folder) => {
        on("makeFolder", folder, () => calls.makeFolder(folder))
      },
      removeFolder: (folder) => {
        on("removeFolder", folder, () => calls.removeFolder(folder))
      },
      unlink: (path) => {
        on("unlink", path, () => calls.unlink(path))
      },
      rename: (from, to) => {
        on("rename", to, () => calls.rename(from, to))
      },
      link: (from, to) => {
        on("link", to, () => calls.link(from, to))
      },
      copy: (from, to) => {
        make("copy", to, () => calls.copy(from, to), () => {
          const [source, target] = [calls.open(from, "read"), calls.open(to, "new")]
          const bytes = Buffer.alloc(64)
          calls.write(target, bytes, 0, half(calls.read(source, bytes, 0, bytes.length, null)), null)
          for (const file of [source, target]) calls.close(file)
        })
      },
    },
  }
}
