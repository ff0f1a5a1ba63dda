import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { closeSync, openSync, readSync, writeSync } from "node:fs"
import { join } from "node:path"
import type { Variables } from "../rig/project.ts"

/** What one process of a transfer did until it ended, or was killed. */
export interface Went {
  readonly killed: boolean
  /** How many bytes were there when it began, and when it ended. */
  readonly from: number
  readonly to: number
  /** The most memory that it had, in bytes. */
  readonly memory: number
  readonly errors: string
}

const program = join(import.meta.dirname, "transfer.ts")

/** Runs a transfer, which is killed once so many bytes are there. */
export const transfer = (words: ReadonlyArray<string>, variables: Variables, killAt = Infinity): Promise<Went> =>
  new Promise((done) => {
    const child = spawn(process.execPath, [program, ...words, String(killAt)], {
      env: { ...process.env, ...variables },
    })
    let [text, errors, memory, from, to] = ["", "", 0, -1, 0]
    child.stderr.on("data", (piece: Buffer) => (errors += piece.toString()))
    child.stdout.on("data", (piece: Buffer) => {
      text += piece.toString()
      const lines = text.split("\n")
      text = lines.pop() ?? ""
      for (const line of lines) {
        const [, peak] = /^memory (\d+)$/u.exec(line) ?? []
        if (peak !== undefined) memory = Number(peak)
        else {
          to = Number(line)
          if (from < 0) from = to
        }
      }
    })
    child.once(
      "close",
      (_, signal) => done({ killed: signal === "SIGKILL", from: Math.max(0, from), to, memory, errors }),
    )
  })

/** Writes a file of pages of which no two are alike, and gives its sha256. */
export const writeLarge = (path: string, size: number): string => {
  const sha256 = createHash("sha256")
  const file = openSync(path, "wx")
  let state = createHash("sha256").update(String(size)).digest()
  const piece = Buffer.alloc(1 << 20)
  for (let left = size; left > 0; left -= piece.length) {
    for (let at = 0; at < piece.length; at += 1 << 12) {
      state = createHash("sha256").update(state).digest()
      for (let within = 0; within < 1 << 12; within += 32) state.copy(piece, at + within)
    }
    const bytes = piece.subarray(0, Math.min(left, piece.length))
    writeSync(file, bytes)
    sha256.update(bytes)
  }
  closeSync(file)
  return sha256.digest("hex")
}

/** The sha256 of a large file. */
export const hashOf = (path: string): string => {
  const sha256 = createHash("sha256")
  const file = openSync(path, "r")
  const piece = Buffer.alloc(1 << 20)
  for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
    sha256.update(piece.subarray(0, length))
  }
  closeSync(file)
  return sha256.digest("hex")
}
