import { Effect, Layer, type Scope } from "effect"
import type { InputError, StoreError } from "../../base/errors.ts"
import { type Address, addressOf } from "./address.ts"
import { Remote } from "./remote.ts"

/** Opens the remote of an address. Only what that kind of address needs is loaded. */
export const openRemote = (text: string): Effect.Effect<Remote["Service"], InputError | StoreError, Scope.Scope> =>
  Effect.flatMap(addressOf(text), opened)

const opened = (address: Address): Effect.Effect<Remote["Service"], InputError | StoreError, Scope.Scope> => {
  switch (address._tag) {
    case "Folder":
      return Effect.map(Effect.promise(() => import("./folder.ts")), ({ folderRemote }) => folderRemote(address.path))
    case "S3":
      return Effect.promise(() => import("./open-s3.ts")).pipe(Effect.flatMap(({ openS3 }) => openS3(address)))
    case "Sftp":
      return Effect.promise(() => import("./sftp.ts")).pipe(Effect.flatMap(({ sftpRemote }) => sftpRemote(address)))
  }
}

/** The remote of an address. */
export const layer = (text: string): Layer.Layer<Remote, InputError | StoreError> =>
  Layer.effect(Remote, openRemote(text))
