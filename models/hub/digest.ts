import { createHash } from "node:crypto"
import { open } from "node:fs/promises"
import { onDisk } from "./disk.ts"
import { throwIfInterrupted } from "./errors.ts"

/** What the bytes of a file turned out to be. */
export interface Content {
  /** In hexadecimal. */
  readonly sha256: string
  /** In bytes. */
  readonly size: number
  /** Whether they have the digest that was expected. */
  readonly genuine: boolean
}

const BLOCK = 1 << 20

/**
 * Reads a file once and compares it with the digest that the Hub gives it: a sha256 (files in its large storage), or
 * git's sha1 of "blob", the size and the bytes. `at` hears how many bytes have been read. Throws `HubError` of kind
 * "disk" or "interrupted".
 */
export const readContent = (
  path: string,
  digest: string | undefined,
  signal: AbortSignal,
  at: (bytes: number) => void = () => undefined,
): Promise<Content> =>
  onDisk(path, "read", async () => {
    const file = await open(path, "r")
    try {
      const sha256 = createHash("sha256")
      const git = digest?.length === 40 ? createHash("sha1").update(`blob ${(await file.stat()).size}\0`) : undefined
      const block = Buffer.allocUnsafe(BLOCK)
      let size = 0
      for (;;) {
        throwIfInterrupted(signal)
        const { bytesRead } = await file.read(block, 0, BLOCK, size)
        if (bytesRead === 0) break
        const bytes = block.subarray(0, bytesRead)
        sha256.update(bytes)
        git?.update(bytes)
        size += bytesRead
        at(size)
      }
      const hexadecimal = sha256.digest("hex")
      const genuine = digest === undefined || digest === (git?.digest("hex") ?? hexadecimal)
      return { sha256: hexadecimal, size, genuine }
    } finally {
      await file.close()
    }
  })

/** Whether a text is a digest by which the Hub names a file. */
export const isDigest = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(text)
