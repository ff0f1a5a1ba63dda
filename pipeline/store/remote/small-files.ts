import type { StoreError } from "../../base/errors.ts"
import { systemCode } from "../../base/system.ts"
import type { Files } from "./files.ts"
import { remoteError } from "./remote.ts"

/** A file that is larger than any that is read as a whole here. */
export class TooLarge extends Error {}

/** The failure of a name under which more stands than is ever written there. */
export const tooLarge = (address: string, name: string, { message }: TooLarge): StoreError =>
  remoteError(address, name, "damaged", `cannot be read: ${message}`, "remove it there, then run again")

/** The bytes of a file; undefined where there is none. Throws {@link TooLarge} where it has more than `most`. */
export const readAll = async (files: Files, path: string, most: number): Promise<Buffer | undefined> => {
  let file
  try {
    file = await files.open(path, "read")
  } catch (thrown) {
    const code = systemCode(thrown)
    if (code === "ENOENT" || code === "ENOTDIR") return undefined
    throw thrown
  }
  try {
    let bytes = Buffer.allocUnsafe(Math.min(most + 1, 1 << 16))
    let length = 0
    for (;;) {
      const count = await file.read(bytes.subarray(length), length)
      if (count === 0) return bytes.subarray(0, length)
      length += count
      if (length > most) throw new TooLarge(`it has more than ${most} bytes`)
      if (length < bytes.length) continue
      const larger = Buffer.allocUnsafe(Math.min(most + 1, bytes.length * 4))
      bytes.copy(larger)
      bytes = larger
    }
  } finally {
    await file.close()
  }
}

/** Writes a new file and forces it to the disk. Nothing of it stays where that fails, as on a full disk. */
export const writeFile = async (files: Files, path: string, bytes: Uint8Array): Promise<void> => {
  const file = await files.open(path, "new")
  let isWritten = false
  try {
    await file.write(bytes, 0)
    await file.sync()
    isWritten = true
  } finally {
    // Why it failed counts, not what fails then besides.
    if (isWritten) await file.close()
    else {
      await file.close().catch(() => undefined)
      await files.unlink(path).catch(() => false)
    }
  }
}
