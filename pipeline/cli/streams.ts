import { systemReason } from "../base/system.ts"

/**
 * Lets a command go on whatever becomes of its standard streams: a reader that has read enough, a terminal that is
 * closed, a file on a full disk. What it does counts, and its exit code says how that ended.
 *
 * A command that only prints ends where nobody reads it, as `head` lets it.
 */
export const outliveStreams = (onlyPrints: boolean): void => {
  let isReported = false
  process.stdout.on("error", (cause: NodeJS.ErrnoException) => {
    const isClosed = cause.code === "EPIPE" || cause.code === "EIO" || cause.code === "ERR_STREAM_DESTROYED"
    if (onlyPrints && cause.code === "EPIPE") process.exit(process.exitCode ?? 0)
    if (!isClosed && !isReported) {
      const problem = `standard output cannot be written: ${systemReason(cause) ?? cause.message}`
      process.stderr.write(onlyPrints ? `error: ${problem}\n` : `warning: ${problem}; the command goes on\n`)
    }
    isReported = true
    if (!isClosed && onlyPrints) process.exit(1)
  })
  process.stderr.on("error", () => {
    // There is nowhere left to say it.
  })
}
