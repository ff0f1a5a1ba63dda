import { Effect, type Scope } from "effect"
import { attemptPromise } from "../../base/attempt.ts"
import { InputError, StoreError } from "../../base/errors.ts"
import { systemCode } from "../../base/system.ts"
import { visible } from "../../base/visible.ts"
import { filesRemote, type Verb } from "./files-remote.ts"
import { gone, type Remote, remoteError } from "./remote.ts"
import { retrying, Transient } from "./retry.ts"
import { sftpFiles, Unsupported } from "./sftp-files.ts"
import { TooLarge, tooLarge } from "./small-files.ts"
import { type SftpAddress, type SshConfig, sshConfig } from "./ssh-config.ts"
import { connect, type SshConnection } from "./ssh-connect.ts"

/** A folder behind SSH as a remote. It connects when it is first used, and again where the connection is lost. */
export const sftpRemote = Effect.fnUntraced(function*(
  target: SftpAddress,
): Effect.fn.Return<Remote["Service"], InputError, Scope.Scope> {
  const address = addressOf(target)
  const config = yield* attemptPromise(() => sshConfig(target))
  let current: Promise<SshConnection> | undefined
  // One that is not there yet is not waited for.
  yield* Effect.addFinalizer(() => Effect.sync(() => void current?.then(({ end }) => end(), () => undefined)))
  const root = target.path === "/" ? "" : target.path
  return filesRemote({
    address,
    root,
    use: (name, verb, call) =>
      attemptPromise(
        (stop) => retrying(async (attempt) => call(sftpFiles(await connected(config)), attempt), stop),
        (thrown) => (thrown instanceof StoreError ? thrown : failureOf(address, name, verb, thrown)),
      ),
  })

  async function connected(config: SshConfig): Promise<SshConnection> {
    const before = current
    if (before !== undefined) {
      const connection = await before.catch(() => undefined)
      if (connection !== undefined && !connection.isLost()) return connection
    }
    // Another may have connected meanwhile.
    if (current === before) current = connect(address, config)
    return current ?? connect(address, config)
  }
})

/** The address for people. */
const addressOf = ({ user, host, port, path }: SftpAddress): string =>
  `sftp://${user === undefined ? "" : `${user}@`}${host.includes(":") ? `[${host}]` : host}${
    port === undefined ? "" : `:${port}`
  }${path.startsWith("/") ? path : `/~${path.slice(1)}`}`

const check = "check the folder there and who may read and write in it, then run again"

const failureOf = (address: string, name: string, verb: Verb, thrown: unknown): StoreError | undefined => {
  if (thrown instanceof TooLarge) return tooLarge(address, name, thrown)
  if (thrown instanceof Transient) {
    return remoteError(
      address,
      name,
      "unreachable",
      `cannot be reached: ${visible(thrown.message)}`,
      "see that `ssh` reaches the host, then run again; what is finished is kept",
    )
  }
  if (thrown instanceof Unsupported) {
    return remoteError(
      address,
      name,
      "failed",
      `cannot be ${verb}: ${thrown.message}`,
      "use a server with OpenSSH's sshd",
    )
  }
  switch (systemCode(thrown)) {
    case "ENOENT":
      return verb === "read"
        ? gone(address, name)
        : remoteError(address, name, "missing", `cannot be ${verb}: a folder on the way there is missing`, check)
    case "EACCES":
      return remoteError(address, name, "refused", `cannot be ${verb}: permission denied`, check)
    case "ENOSPC":
      return remoteError(
        address,
        name,
        "full",
        `cannot be ${verb}: the disk there is full`,
        "make room there, then run again; what is finished is kept",
      )
    case "EFAIL":
    case "EUNSUPPORTED":
      return remoteError(
        address,
        name,
        "failed",
        `cannot be ${verb}: the server says "${visible(thrown instanceof Error ? thrown.message : "")}"`,
        "see that there is room on its disk, then run again; what is finished is kept",
      )
    default:
      return undefined
  }
}
