import type { FileEntry, SFTPWrapper, Stats } from "ssh2"
import { absent } from "./absent.ts"
import type { Files, FileStat, OpenFile } from "./files.ts"
import { connectionLost, type SshConnection } from "./ssh-connect.ts"

/** The server lacks something that a remote cannot do without. */
export class Unsupported extends Error {}

/**
 * What a server says of a file, by the codes of version 3 of SFTP: it has no others for what is in the way, or full.
 * Whether its disk is full is asked then.
 */
const codes: Readonly<Record<number, string>> = { 2: "ENOENT", 3: "EACCES", 4: "EFAIL", 8: "EUNSUPPORTED" }

/** At the end of a file, and where nothing more is said. */
const [EOF, FAILURE] = [1, 4]

/** Servers take requests of this many bytes, and many of them at a time. */
const [REQUEST, AT_ONCE] = [32_768, 32]

type Done<A> = (error: Error | null | undefined, value: A) => void

/** Makes a call that ends in some way: a connection that is lost says nothing to those that are under way. */
type Called = <A>(call: (done: Done<A>) => void) => Promise<A>

/** Calls as promises, with the codes of this system. */
const calling = (connection: SshConnection): Called => (call) =>
  new Promise((done, fail) => {
    const ended = connection.whenLost(() => fail(connectionLost()))
    const failed = (error: unknown) => {
      ended()
      fail(connection.isLost() ? connectionLost() : error)
    }
    try {
      call((error, value) => {
        if (error !== null && error !== undefined) {
          const number = "code" in error && typeof error.code === "number" ? error.code : 0
          return failed(Object.assign(new Error(error.message), { code: codes[number] ?? "EFAIL", number }))
        }
        ended()
        done(value)
      })
    } catch (thrown) {
      failed(thrown)
    }
  })

const isAt = (thrown: unknown, number: number): boolean =>
  thrown instanceof Error && "number" in thrown && thrown.number === number

/** The files of a server that is reached by SFTP. */
export const sftpFiles = (connection: SshConnection): Files => {
  const { sftp } = connection
  const called = calling(connection)
  const stat = async (path: string): Promise<FileStat | undefined> => {
    const stats = await absent(called<Stats>((done) => sftp.lstat(path, done)), undefined)
    return stats === undefined ? undefined : statOf(stats)
  }

  return {
    stat,
    list: async (folder) => {
      const entries = await absent(called<Array<FileEntry>>((done) => sftp.readdir(folder, done)), [])
      return entries.flatMap(({ filename, attrs }) =>
        filename === "." || filename === ".." ? [] : [{ name: filename, ...statOf(attrs) }]
      )
    },
    open: async (path, how) =>
      openFile(sftp, called, await called<Buffer>((done) => sftp.open(path, flags[how], done))),
    link: async (from, to) => {
      for (let tries = 1;; tries++) {
        try {
          await called<void>((done) =>
            needing(
              "hardlink@openssh.com",
              () => sftp.ext_openssh_hardlink(from, to, (error) => done(error, undefined)),
            )
          )
          return true
        } catch (thrown) {
          if (!isAt(thrown, FAILURE)) throw thrown
          // Nothing else is said of a name that is taken; that may be gone by now.
          if ((await stat(to)) !== undefined) return false
          if (tries === 5) throw thrown
        }
      }
    },
    rename: (from, to) =>
      called<void>((done) =>
        needing("posix-rename@openssh.com", () => sftp.ext_openssh_rename(from, to, (error) => done(error, undefined)))
      ),
    unlink: (path) =>
      absent(called<void>((done) => sftp.unlink(path, (error) => done(error, undefined))).then(() => true), false),
    makeFolder: async (folder) => {
      try {
        await called<void>((done) => sftp.mkdir(folder, (error) => done(error, undefined)))
        return true
      } catch (thrown) {
        // A link to a folder will do, as the user may have put one in the place of the remote.
        const there = await absent(called<Stats>((done) => sftp.stat(folder, done)), undefined)
        if (there?.isDirectory() !== true) throw thrown
        return false
      }
    },
    // No call of SFTP forces a folder to the disk.
    syncFolder: async () => undefined,
  }
}

/** Calls an extension of OpenSSH's. A server that does not name it makes the library throw. */
const needing = (extension: string, call: () => void): void => {
  try {
    call()
  } catch (thrown) {
    if (!(thrown instanceof Error && thrown.message.includes("does not support"))) throw thrown
    throw new Unsupported(`the server has no ${extension}, as OpenSSH's has`)
  }
}

const flags = { read: "r", new: "wx", more: "r+" } as const

const statOf = (stats: Pick<Stats, "size" | "mtime" | "mode">): FileStat => {
  const kind = stats.mode & 0o170000
  return {
    kind: kind === 0o100000 ? "file" : kind === 0o040000 ? "folder" : "other",
    size: stats.size,
    mtime: stats.mtime * 1000,
  }
}

/** Positions of requests that together cover so many bytes. */
const spans = (length: number): ReadonlyArray<number> =>
  Array.from({ length: Math.ceil(length / REQUEST) }, (_, index) => index * REQUEST)

/** Sends requests, so many at a time. */
const inParallel = async <A>(starts: ReadonlyArray<number>, send: (start: number) => Promise<A>) => {
  const all: Array<A> = []
  for (let at = 0; at < starts.length; at += AT_ONCE) {
    all.push(...(await Promise.all(starts.slice(at, at + AT_ONCE).map(send))))
  }
  return all
}

const openFile = (sftp: SFTPWrapper, called: Called, handle: Buffer): OpenFile => {
  const readSpan = async (into: Buffer, at: number, length: number, position: number): Promise<number> => {
    try {
      return await called<number>((done) => sftp.read(handle, into, at, length, position, done))
    } catch (thrown) {
      if (isAt(thrown, EOF)) return 0
      throw thrown
    }
  }
  /** Whether the disk of the file has less room than that; a server that cannot say is believed to have it. */
  const hasNoRoom = async (bytes: number): Promise<boolean> => {
    try {
      const found = await called<Readonly<Record<string, unknown>>>((done) => sftp.ext_openssh_fstatvfs(handle, done))
      return Number(found["f_bavail"]) * Number(found["f_frsize"]) < bytes
    } catch {
      return false
    }
  }
  return {
    read: async (into, position) => {
      const counts = await inParallel(
        spans(into.length),
        (at) => readSpan(into, at, Math.min(REQUEST, into.length - at), position + at),
      )
      // What stands behind a request that came back short is asked for again.
      const short = counts.findIndex((count) => count < REQUEST)
      return short === -1 ? into.length : short * REQUEST + (counts[short] ?? 0)
    },
    write: async (bytes, position) => {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const writing = inParallel(
        spans(buffer.length),
        (at) =>
          called<void>((done) =>
            sftp.write(
              handle,
              buffer,
              at,
              Math.min(REQUEST, buffer.length - at),
              position + at,
              (error) => done(error, undefined),
            )
          ),
      )
      try {
        await writing
      } catch (thrown) {
        if (!isAt(thrown, FAILURE) || !(await hasNoRoom(buffer.length))) throw thrown
        throw Object.assign(new Error("the disk is full"), { code: "ENOSPC" })
      }
    },
    sync: async () => {
      try {
        await called<unknown>((done) => sftp.ext_openssh_fsync(handle, done))
      } catch (thrown) {
        // A server without it writes to its disk in its own time.
        if (!(thrown instanceof Error && thrown.message.includes("does not support"))) throw thrown
      }
    },
    close: () => called<void>((done) => sftp.close(handle, (error) => done(error, undefined))),
  }
}
