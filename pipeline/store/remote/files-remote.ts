import { Effect, Fiber, Stream } from "effect"
import { randomBytes } from "node:crypto"
import { digestOf } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { systemCode } from "../../base/system.ts"
import { absent } from "./absent.ts"
import { copyIn, unsent } from "./copy-in.ts"
import type { Files } from "./files.ts"
import { locked, type StillHeld } from "./lock.ts"
import { isName, TEMPORARIES } from "./names.ts"
import type { Condition, LargeFile, Remote } from "./remote.ts"
import { readAll, writeFile } from "./small-files.ts"
import { walk } from "./walk.ts"

/** What is done with a name, for a failure's words. */
export type Verb = "read" | "written" | "listed" | "removed"

/** How the files of a remote are reached. */
export interface Reach {
  /** The address for people. */
  readonly address: string
  /** The folder of the remote, as its files name it. */
  readonly root: string
  /**
   * Uses the files; where the connection is lost, again on another one, with the number of the attempt from 1 on.
   *
   * What is used then may have happened before.
   */
  readonly use: <A>(
    name: string,
    verb: Verb,
    call: (files: Files, attempt: number) => Promise<A>,
  ) => Effect.Effect<A, StoreError>
}

/** How many bytes are read or written at once of something large. */
const PIECE = 1 << 18

/** A remote that consists of files: a name is a path below a folder. */
export const filesRemote = ({ address, root, use }: Reach): Remote["Service"] => {
  const temporaries = `${root}/${TEMPORARIES}`
  const pathOf = (name: string) => `${root}/${name}`

  /** Folders that were there. */
  const made = new Set<string>()

  /** Whether the remote's own folder was there, or was made. */
  let wasThere = false

  const makeFolders = async (files: Files, folder: string): Promise<void> => {
    if (made.has(folder)) return
    if (wasThere) {
      // A drive that was taken away meanwhile leaves the place where it was mounted: nothing is made there.
      if ((await files.stat(temporaries)) === undefined) {
        throw Object.assign(new Error("it went away"), { code: "ENOENT" })
      }
      made.add(root).add(temporaries)
      if (folder === temporaries || folder === root) return
    }
    const above = folder.slice(0, folder.lastIndexOf("/"))
    // What the address names may be made; what that stands in is the user's.
    if (folder !== root) await makeFolders(files, above)
    // What is in a folder is there after a crash where the folder is; whoever reads in the user's folder is the user's.
    if ((await files.makeFolder(folder)) && folder !== root) await files.syncFolder(above)
    made.add(folder)
    wasThere ||= folder === temporaries
  }

  /** Does what needs the folders of these paths; another may remove them meanwhile. */
  const within = async <A>(files: Files, paths: ReadonlyArray<string>, call: () => Promise<A>): Promise<A> => {
    for (let tries = 1;; tries++) {
      for (const path of paths) await makeFolders(files, path.slice(0, path.lastIndexOf("/")))
      try {
        return await call()
      } catch (thrown) {
        if (systemCode(thrown) !== "ENOENT" || tries === 3) throw thrown
        made.clear()
      }
    }
  }

  const checked = <A>(name: string, effect: Effect.Effect<A, StoreError>): Effect.Effect<A, StoreError> =>
    isName(name) ? effect : Effect.die(new Error(`a remote keeps nothing under ${JSON.stringify(name)}`))

  const versionAt = async (files: Files, path: string): Promise<string | undefined> => {
    const bytes = await readAll(files, path, LARGEST_VERSIONED)
    return bytes === undefined ? undefined : digestOf(bytes)
  }

  /** Writes bytes under a temporary name, and gives them their name by `publish`. */
  const written = async <A>(
    files: Files,
    path: string,
    bytes: Uint8Array,
    publish: (temporary: string) => Promise<A>,
  ): Promise<A> => {
    const temporary = `${temporaries}/${randomBytes(12).toString("hex")}`
    return within(files, [temporary, path], async () => {
      await writeFile(files, temporary, bytes)
      try {
        const published = await publish(temporary)
        await files.syncFolder(path.slice(0, path.lastIndexOf("/")))
        return published
      } finally {
        await files.unlink(temporary)
      }
    })
  }

  const underLock = <A>(files: Files, name: string, nonce: string, act: (held: StillHeld) => Promise<A>): Promise<A> =>
    within(files, [`${temporaries}/lock`], () => locked(files, temporaries, name, nonce, act))

  const write = (
    name: string,
    bytes: Uint8Array,
    condition: Condition,
  ): Effect.Effect<string | undefined, StoreError> => {
    const [path, version] = [pathOf(name), digestOf(bytes)]
    const nonce = randomBytes(12).toString("hex")
    return use(name, "written", async (files, attempt) => {
      switch (condition._tag) {
        case "Any":
          await written(files, path, bytes, (temporary) => files.rename(temporary, path))
          return version
        case "New": {
          const isNew = await written(files, path, bytes, (temporary) => files.link(temporary, path))
          // The answer to an earlier attempt may have been lost.
          return isNew || (attempt > 1 && (await versionAt(files, path)) === version) ? version : undefined
        }
        case "Replaces":
          return underLock(files, name, nonce, async (stillHeld) => {
            const found = await versionAt(files, path)
            if (attempt > 1 && found === version) return version
            if (found !== condition.version) return undefined
            return written(files, path, bytes, async (temporary) => {
              if (!(await stillHeld())) return undefined
              await files.rename(temporary, path)
              return version
            })
          })
      }
    })
  }

  const upload = (name: string, file: LargeFile, progress: (sent: number) => void): Effect.Effect<void, StoreError> =>
    Effect.suspend(() => {
      let isStopped = false
      const [path, temporary] = [pathOf(name), `${temporaries}/upload-${file.digest}`]
      return use(name, "written", (files) =>
        within(files, [temporary, path], async () => {
          const copied = await copyIn(files, { temporary, file, progress, isStopped: () => isStopped })
          if (copied !== "whole") return copied
          try {
            await files.rename(temporary, path)
          } catch (thrown) {
            // Another who had the same to send was first, or the answer to an earlier attempt was lost.
            if (systemCode(thrown) !== "ENOENT" || (await files.stat(path))?.size !== file.size) throw thrown
          }
          await files.syncFolder(path.slice(0, path.lastIndexOf("/")))
          return copied
        })).pipe(
          Effect.onInterrupt(() => Effect.sync(() => (isStopped = true))),
          Effect.flatMap((copied) => unsent(copied, file)),
        )
    })

  const remove = (name: string): Effect.Effect<boolean, StoreError> =>
    use(name, "removed", async (files, attempt) => (await files.unlink(pathOf(name))) || attempt > 1)

  const removeOld = (name: string, written: number): Effect.Effect<boolean, StoreError> => {
    const [path, temporary] = [pathOf(name), `${temporaries}/${randomBytes(12).toString("hex")}`]
    return use(name, "removed", async (files, attempt) => {
      // An earlier attempt may have come so far.
      const before = attempt === 1 ? undefined : await files.stat(temporary)
      if (before === undefined) {
        if ((await files.stat(path))?.mtime !== written) return false
        const isTaken = await within(
          files,
          [temporary],
          () => absent(files.rename(path, temporary).then(() => true), false),
        )
        if (!isTaken) return false
      }
      const isOld = (await files.stat(temporary))?.mtime === written
      // Who wrote it again meanwhile has written the same.
      if (!isOld) await files.link(temporary, path)
      await files.unlink(temporary)
      return isOld
    })
  }

  return {
    address,
    conditions: Effect.succeed("kept"),
    read: (name, most) =>
      checked(
        name,
        use(name, "read", async (files) => {
          const bytes = await readAll(files, pathOf(name), most)
          return bytes === undefined ? undefined : { bytes, version: digestOf(bytes) }
        }),
      ),
    readFrom: (name, offset) => {
      let at = offset
      const next = use(name, "read", async (files) => {
        const file = await files.open(pathOf(name), "read")
        try {
          const piece = Buffer.allocUnsafe(PIECE * 4)
          const length = await file.read(piece, at)
          at += length
          return piece.subarray(0, length)
        } finally {
          await file.close()
        }
      })
      return Stream.fromEffectRepeat(checked(name, next)).pipe(Stream.takeWhile((piece) => piece.length > 0))
    },
    size: (name) =>
      checked(
        name,
        use(name, "read", async (files) => {
          const found = await files.stat(pathOf(name))
          return found?.kind === "file" ? found.size : undefined
        }),
      ),
    renew: (name) => checked(name, use(name, "written", (files) => renewed(files, pathOf(name)))),
    write: (name, bytes, condition) => checked(name, whole(write(name, bytes, condition))),
    upload: (name, file, progress) => checked(name, upload(name, file, progress)),
    list: (prefix, after) =>
      walk((folder) => use(folder, "listed", (files) => files.list(pathOf(folder))), prefix, after),
    remove: (name, written) => checked(name, whole(written === undefined ? remove(name) : removeOld(name, written))),
    tidy: (age) =>
      use(TEMPORARIES, "removed", async (files) => {
        const left = await files.list(temporaries)
        if (left.length === 0) return 0
        let removed = 0
        const now = await timeOf(files, `${temporaries}/${randomBytes(12).toString("hex")}`)
        for (const { name, mtime } of left) {
          if (now - mtime >= age && (await files.unlink(`${temporaries}/${name}`))) removed++
        }
        return removed
      }),
  }
}

/** So long whoever is interrupted waits for a change that began, in milliseconds: a server may never answer. */
const MOMENT = 500

/** Does a change as a whole, of which nothing is left half done, though nobody waits for it any more. */
const whole = <A>(change: Effect.Effect<A, StoreError>): Effect.Effect<A, StoreError> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDetach(change), (fiber) =>
      Effect.onInterrupt(
        restore(Fiber.join(fiber)),
        () => Effect.timeoutOption(Effect.interruptible(Fiber.await(fiber)), MOMENT),
      ))
  )

/** Writes the first byte of a file again: the time is that of the server's clock then. */
const renewed = async (files: Files, path: string): Promise<number | undefined> => {
  const found = await files.stat(path)
  if (found?.kind !== "file") return undefined
  try {
    const file = await files.open(path, "more")
    try {
      const byte = Buffer.alloc(1)
      if ((await file.read(byte, 0)) === 1) await file.write(byte, 0)
    } finally {
      await file.close()
    }
  } catch (thrown) {
    const code = systemCode(thrown)
    if (code === "ENOENT") return undefined
    // Another user's file keeps its time.
    if (code !== "EACCES" && code !== "EPERM") throw thrown
  }
  // A collection may have taken the name away before the byte was written: that file is nobody's.
  return (await files.stat(path))?.size
}

/** The time on the clock of the files: one that is written says when it was. */
const timeOf = async (files: Files, temporary: string): Promise<number> => {
  try {
    await writeFile(files, temporary, Buffer.from("now"))
    return (await files.stat(temporary))?.mtime ?? 0
  } finally {
    await files.unlink(temporary)
  }
}

/** Nothing that is written by conditions has more bytes. */
const LARGEST_VERSIONED = 1 << 24
