import { type DownloadProgress, Progress } from "./progress.ts"
import { type DownloadOptions, fetchSnapshot, type Snapshot } from "./snapshot.ts"

export { HubError, type HubErrorKind } from "./errors.ts"
export type { Parts } from "./model-files.ts"
export type { DownloadProgress } from "./progress.ts"
export { type DownloadOptions, type Snapshot, type SnapshotFile } from "./snapshot.ts"

/**
 * Fetches the configuration, the tokenizer and, unless that is all that is wanted, one form of the weights of a model
 * from the Hugging Face Hub into the cache that Hugging Face's own tools share, and yields how far it is. What the cache
 * holds is verified and not fetched again; a commit that is complete there needs no network. Throws `HubError`.
 */
export async function* download(options: DownloadOptions): AsyncGenerator<DownloadProgress, Snapshot, void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const progress = new Progress()
  const work = fetchSnapshot({ ...options, signal }, progress).finally(() => progress.end())
  const settled = work.then(() => undefined, () => undefined)
  try {
    yield* progress.events()
    return await work
  } finally {
    stop.abort()
    await settled
  }
}
