import { Effect, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Digest, digestOf } from "../../../pipeline/base/digest.ts"
import { keyOf } from "../../../pipeline/identity/fingerprint.ts"
import type { PreImage } from "../../../pipeline/identity/pre-image.ts"
import { type Calls, calls as systemCalls } from "../../../pipeline/store/calls.ts"
import { Disk, diskOver } from "../../../pipeline/store/disk.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"
import * as Store from "../../../pipeline/store/store.ts"

/** Runs `use` with a folder that is gone after it. */
export const inFolder = async <A>(use: (folder: string) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "redag-store-"))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The store in a folder, over the real file system or other calls. */
export const storeLayer = (folder: string, calls: Calls = systemCalls): Layer.Layer<Store.Store | Disk> =>
  Store.layer(folder).pipe(Layer.provideMerge(Layer.succeed(Disk, diskOver(calls))))

/** Runs a program on the store in a folder, as a process of its own would: with nothing remembered. */
export const onStore = <A, E>(
  folder: string,
  program: Effect.Effect<A, E, Store.Store | Disk>,
  calls?: Calls,
): Promise<A> => Effect.runPromise(program.pipe(Effect.provide(storeLayer(folder, calls))))

/** What an action with this param is made of. */
export const preImageOf = (param: unknown): PreImage => ({
  format: "redag/2",
  stage: "op",
  params: { param },
  inputs: {},
  code: digestOf("code"),
  outputs: {},
})

/** The record of an action with this param that made these objects. */
export const recordOf = (
  param: unknown,
  outputs: Readonly<Record<string, { readonly digest: Digest; readonly size: number; readonly varies?: boolean }>>,
): ActionRecord => {
  const preImage = preImageOf(param)
  return {
    key: keyOf(preImage),
    preImage,
    node: `op/${JSON.stringify(param)}`,
    files: [],
    outputs: Object.fromEntries(
      Object.entries(outputs).map((
        [name, { digest, size, varies = false }],
      ) => [name, { artifact: name, digest, size, rows: 1, varies }]),
    ),
    blobs: [],
    counts: {},
    log: null,
    started: "2026-01-02T03:04:05.678Z",
    milliseconds: 12,
    resources: { cpu: 1, memory: 256, gpu: 0 },
    peakMemory: null,
    environment: {
      host: "host",
      platform: "linux-x64",
      processor: "processor",
      versions: { node: "24.0.0" },
      commit: null,
      dirty: false,
    },
  }
}
