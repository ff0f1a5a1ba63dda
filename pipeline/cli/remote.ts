import { Context, Effect, Option } from "effect"
import { Command, Flag, GlobalFlag } from "effect/cli"
import { statSync } from "node:fs"
import { resolve } from "node:path"
import { InputError } from "../base/errors.ts"
import { counted, some } from "../base/text.ts"
import { visible } from "../base/visible.ts"
import { type Snapshot, withStatus } from "../status/snapshot.ts"
import { Disk } from "../store/disk.ts"
import { parseAddress } from "../store/remote/address.ts"
import type { TakenIn } from "../store/remote/take-in.ts"
import { Store } from "../store/store.ts"
import { remoteAddress, remoteSetting as name, storeFolder } from "./settings.ts"
import { printNote } from "./text/output.ts"

/**
 * Takes the remote over that a command line names. The store is opened with it before the command line is parsed, which
 * says what else is wrong with that. Throws an InputError where it is no address, or the store of the project itself.
 *
 * A folder is named from the current one, or in a setting from the project's, and then whole, as workers need it.
 */
export const takeRemote = (words: ReadonlyArray<string>, root: string): void => {
  const at = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`))
  const word = words[at]
  const given = word === flag ? words[at + 1] : word?.slice(flag.length + 1)
  const text = given ?? remoteAddress()
  if (text === undefined) return
  const field = given === undefined ? name : flag
  const address = parseAddress(text, field)
  const path = address._tag === "Folder" && !hasScheme(text)
    ? resolve(given === undefined ? root : "", text)
    : undefined
  const folder = path ?? (address._tag === "Folder" ? address.path : undefined)
  const store = storeFolder(root)
  if (folder !== undefined && (resolve(folder) === resolve(store) || isSameFolder(folder, store))) {
    throw new InputError({
      field,
      message: `${text} is the store of this project itself`,
      help: "name another folder: a remote is a place beside the stores that share it",
    })
  }
  process.env[name] = path ?? text
}

const isSameFolder = (one: string, other: string): boolean => {
  const [here, there] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }))
  return here !== undefined && there !== undefined && here.ino === there.ino && here.dev === there.dev
}

const flag = "--remote"

const hasScheme = (address: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//iu.test(address)

/** One flag for all commands: two of one name are an error of the help of all. */
const setting = GlobalFlag.Setting("remote")({
  flag: Flag.String("remote").pipe(
    Flag.withDescription(
      "A remote: s3://BUCKET/PREFIX, sftp://HOST/PATH, or a folder. What it has counts as being in the store; DAG_REMOTE if left out. dag verify and dag gc work on it, not on the store here",
    ),
    Flag.optional,
  ),
})

/** Whether a command is to do its work on the remote that was named with it. */
export const IsOfRemote = Context.Reference<boolean>("redag/IsOfRemote", { defaultValue: () => false })

/** Gives a command that looks after a store the flag for looking after a remote instead. */
export const ofRemote = <Name extends string, Input, Services, E, R>(
  command: Command.Command<Name, Input, Services, E, R>,
) =>
  command.pipe(
    Command.provideEffect(IsOfRemote, Effect.map(setting, Option.isSome)),
    Command.withGlobalFlags([setting]),
  )

/**
 * Gives a command that reads the store the flag for a remote, and takes in what is new there before it begins.
 *
 * Where the remote cannot be reached, the command goes on with what is here.
 */
export const withRemote = <Name extends string, Input, Services, E, R>(
  command: Command.Command<Name, Input, Services, E, R>,
) => command.pipe(Command.provideEffectDiscard(synced), Command.withGlobalFlags([setting]))

/**
 * Gives a command that is of no use without a remote the flag for it, and takes in what is new there before it begins.
 * Where the remote cannot be reached, that is the one error.
 */
export const ofNeededRemote = <Name extends string, Input, Services, E, R>(
  command: Command.Command<Name, Input, Services, E, R>,
) =>
  command.pipe(
    Command.provideEffectDiscard(Effect.suspend(() => Effect.andThen(neededRemote, sync))),
    Command.withGlobalFlags([setting]),
  )

/** Takes in what is new in the remote behind the store, where there is one that can be reached. */
export const synced = Effect.gen(function*() {
  const { remote } = yield* Store
  if (remote === undefined) return
  const { isOffline } = yield* Effect.promise(() => import("../store/remote/remote.ts"))
  yield* Effect.catchIf(
    sync,
    isOffline,
    ({ path, message }) => printNote(`${path}: ${message}: what only the remote has cannot be read`),
  )
})

/** Takes in what is new in the remote, and says what of it is to be known. */
const sync = Effect.gen(function*() {
  const { syncRemote } = yield* Effect.promise(() => import("../store/remote/sync.ts"))
  yield* noteTaken(yield* syncRemote)
})

/** Says of what came from a remote what is to be known. */
export const noteTaken = Effect.fnUntraced(function*({ accepted, withdrawn, disagreements, refused }: TakenIn) {
  if (accepted.length > 0) {
    yield* printNote(
      `${counted(accepted.length, "accepted change")} came from the remote and ${
        accepted.length === 1 ? "counts" : "count"
      } here: ${some(accepted.map(({ node, reason }) => visible(`${node} (${reason})`)))}; dag accept --list, --remove`,
    )
  }
  if (withdrawn.length > 0) {
    yield* printNote(
      `${counted(withdrawn.length, "accepted change")} ${
        withdrawn.length === 1 ? "was" : "were"
      } taken back by others, and ${withdrawn.length === 1 ? "counts" : "count"} here no more: ${
        some(withdrawn.map(({ node, reason }) => visible(`${node} (${reason})`)))
      }`,
    )
  }
  if (disagreements.length > 0) {
    yield* printNote(
      `the remote has other outputs of ${some(disagreements.map(({ node }) => node))}: dag status names the conflicts`,
    )
  }
  if (refused > 0) {
    yield* printNote(`${counted(refused, "file")} of the remote cannot be used: dag verify --remote ADDRESS names them`)
  }
})

/** Says that the remote lacks objects that nodes would read. */
export const noteGone = (count: number) =>
  count === 0
    ? Effect.void
    : printNote(
      `${counted(count, "object")} that nodes will read ${count === 1 ? "is" : "are"} gone from the remote: what made ${
        count === 1 ? "it" : "them"
      } is executed again`,
    )

/**
 * Says where objects are that count as gone from the store: in a remote that it had behind it before. Without that, what
 * made them would be executed again.
 */
export const noteForgotten = Effect.fnUntraced(function*(planned: Snapshot) {
  const { remote, layout } = yield* Store
  if (remote !== undefined) return
  const isGone = withStatus(planned, "WillRun").some(({ status: { reasons } }) =>
    reasons.some((reason) => reason._tag === "ObjectMissing" && reason.problem === "gone")
  )
  if (!isGone) return
  const { addressesIn } = yield* Effect.promise(() => import("../store/remote/contents.ts"))
  const addresses = yield* addressesIn(yield* Disk, layout)
  if (addresses.length === 0) return
  yield* printNote(
    `this store had ${
      some(addresses)
    } behind it, and no remote is named now: what is there alone counts as gone; name it with --remote or DAG_REMOTE`,
  )
})

/** The remote behind the store, for a command that is of no use without one. */
export const neededRemote = Effect.gen(function*() {
  const { remote } = yield* Store
  if (remote !== undefined) return remote
  return yield* new InputError({
    field: flag,
    message: "is not given, and DAG_REMOTE is not set",
    help: "name the remote: dag push --remote s3://BUCKET/PREFIX, or a folder; or set DAG_REMOTE in .env",
  })
})
