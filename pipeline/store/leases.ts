import { Effect, Exit, type Scope } from "effect"
import { type Digest, isDigest } from "../base/digest.ts"
import { StoreError } from "../base/errors.ts"
import type { Disk } from "./disk.ts"
import type { Layout } from "./layout.ts"
import { makeLeaseFiles } from "./lease-files.ts"
import { engineOf, isStopped, kernelSays, ownerIn, pidOf } from "./owner.ts"
import type { Look, Processes } from "./processes.ts"

/** Who is at work on which key: one at a time, each with a file `leases/<key>.<owner>`. */
export interface Leases {
  /**
   * Takes the lease of a key, for work on a node ("" where it is for none), unless another has it or takes it at the same moment.
   *
   * Whoever finds the file of another beside its own takes its own back: of two that look after both wrote, neither
   * gets it, and both may try again; never do both. It needs a listing of the folder that is fresh, and nothing else of
   * the file system. Files of the dead are removed.
   */
  readonly take: (key: Digest, node: string) => Effect.Effect<Taking, StoreError>
  /** Takes the leases of many keys as if one by one, with two listings for all of them; what came of each. */
  readonly takeAll: (
    wanted: ReadonlyArray<Wanted>,
  ) => Effect.Effect<ReadonlyArray<Effect.Effect<Taking, StoreError>>, StoreError>
  /** Whose lease each of these keys is in force; keys that nobody is at work on are left out. */
  readonly heldElsewhere: (keys: Iterable<Digest>) => Effect.Effect<ReadonlyMap<Digest, string>, StoreError>
  /**
   * Who is at work on what, for people; what is for no node is left out. Nothing is written. Dead ones are left out where
   * the kernel knows of them.
   */
  readonly holders: Effect.Effect<ReadonlyMap<Digest, Holder>, StoreError>
  /** Holds a key for a worker of the process that has the lease, also when that dies, until the scope ends. */
  readonly attend: (key: Digest, node: string) => Effect.Effect<void, StoreError, Scope.Scope>
  /** Fails where another has taken over the work on a key. */
  readonly guard: (key: Digest) => Effect.Effect<void, StoreError>
  /** Says which run this process is of, to those with whom it shares a remote. */
  readonly named: (run: string) => Effect.Effect<void>
  /** Says what a run does for those with whom it shares a remote. */
  readonly shared: (by: Sharing) => void
}

/** What a run does for those with whom it shares a remote, besides its own work. */
export interface Sharing {
  /** Brings what was recorded of a key into the remote, before its lease there is let go. */
  readonly push: (key: Digest) => Effect.Effect<void>
  /** Takes in what the remote has recorded of keys. */
  readonly fetch: (keys: ReadonlyArray<Digest>) => Effect.Effect<void>
  readonly say: (text: string) => Effect.Effect<void>
}

/** A lease that is wanted, for work on a node; `everywhere` where also those are to know who share a remote. */
export type Wanted = readonly [key: Digest, node: string, where?: "here" | "everywhere"]

/** What came of taking a lease. */
export type Taking =
  | { readonly _tag: "Taken"; readonly lease: Lease }
  /** Of the owners of the lease, or of another that wanted it at the same moment, one. */
  | { readonly _tag: "Held"; readonly by: string }

/** A lease that this process has. */
export interface Lease {
  readonly release: Effect.Effect<void>
  /** Calls this when this process was taken for dead, as one that was stopped for long is, and lost the lease. */
  readonly whenLost: (then: () => void) => void
}

/** No name of a node has more bytes. */
const MOST = 1 << 16

/** Who is at work on a key. */
export interface Holder {
  /** The node that it is at work on, by the name that it has there. */
  readonly node: string
  readonly pid: number
  /** Its machine and its run, as far as its heartbeat says. */
  readonly host?: string
  readonly run?: string
  /** Since when, as ISO 8601 writes it, on the clock of the store. */
  readonly since?: string
  /** When it last said that it lives, on the same clock, where the kernel does not say so now. */
  readonly heard?: string
  /** Whether it was stopped, as by Ctrl-Z. */
  readonly stopped?: boolean
}

/** A lease that is held, and who is to hear that it is lost. */
interface HeldLease {
  isLost: boolean
  readonly listeners: Array<() => void>
}

/** The leases of a store, for the process of this name. */
export const makeLeases = Effect.fnUntraced(function*(
  disk: Pick<Disk["Service"], "list" | "read" | "stat" | "makeFolder" | "create" | "overwrite" | "rename" | "remove">,
  { leases: { folder, path } }: Pick<Layout, "leases">,
  processes: Processes,
  owner: string,
  /** A path of this process alone, which goes with it. */
  temporary: Effect.Effect<string, StoreError>,
): Effect.fn.Return<Leases, never, Scope.Scope> {
  const { put, drop } = makeLeaseFiles(disk, temporary)
  const held = new Map<Digest, HeldLease>()

  const fileOf = (key: Digest, of: string) => path(`${key}.${of}`)

  /** The first other owner of a file of a key that lives; the files of the dead are removed. */
  const livingOther = Effect.fnUntraced(function*(
    key: Digest,
    owners: ReadonlyArray<string>,
    look: Effect.Effect<Look, StoreError>,
  ) {
    for (const other of owners) {
      if (engineOf(other) === owner) continue
      if (!(yield* (yield* look).isDead(other))) return other
      yield* disk.remove(fileOf(key, other))
    }
    return undefined
  })

  /** The keys that others who live have files of, among those that have any now. */
  const rivals = Effect.gen(function*() {
    const owners = ownersIn(yield* disk.list(folder))
    const look = yield* Effect.cached(processes.look)
    return (key: Digest) => livingOther(key, owners.get(key) ?? [], look)
  })

  const release = (key: Digest) =>
    Effect.suspend(() => (held.delete(key) ? Effect.ignore(drop(fileOf(key, owner))) : Effect.void))

  /** Takes back the file of a key that nothing more comes of. */
  const withdraw = (key: Digest) =>
    Effect.suspend(() => (held.has(key) ? Effect.void : Effect.ignore(drop(fileOf(key, owner)))))

  const takeAll = Effect.fnUntraced(function*(wanted: ReadonlyArray<Wanted>) {
    yield* processes.begin
    // Without a file of its own, so that those who only wait are in nobody's way.
    const rivalBefore = yield* rivals
    const created = new Set<Digest>()
    return yield* Effect.gen(function*() {
      const creating: Array<Effect.Effect<Taking | undefined, StoreError>> = []
      for (const [key, node] of wanted) {
        if (held.has(key) || created.has(key)) {
          creating.push(Effect.succeed({ _tag: "Held", by: owner }))
          continue
        }
        const before = yield* Effect.exit(rivalBefore(key))
        if (Exit.isFailure(before) || before.value !== undefined) {
          creating.push(Effect.map(before, (by) => by === undefined ? undefined : { _tag: "Held", by }))
          continue
        }
        if (created.size === 0) yield* disk.makeFolder(folder)
        created.add(key)
        const made = yield* Effect.exit(put(fileOf(key, owner), node))
        if (Exit.isFailure(made)) yield* withdraw(key)
        creating.push(Effect.as(made, undefined))
      }
      if (created.size === 0) return yield* Effect.forEach(creating, (each) => Effect.succeed(taken(each)))
      const rivalAfter = yield* rivals
      const takings: Array<Effect.Effect<Taking, StoreError>> = []
      for (const [index, [key]] of wanted.entries()) {
        const known = yield* Effect.exit(creating[index] ?? Effect.succeed(undefined))
        if (Exit.isFailure(known) || known.value !== undefined) {
          takings.push(taken(known))
          continue
        }
        const after = yield* Effect.exit(rivalAfter(key))
        if (Exit.isFailure(after) || after.value !== undefined) {
          yield* withdraw(key)
          takings.push(Effect.map(after, (by = owner) => ({ _tag: "Held", by })))
          continue
        }
        const own: HeldLease = { isLost: false, listeners: [] }
        held.set(key, own)
        const whenLost = (then: () => void) => own.isLost ? then() : void own.listeners.push(then)
        takings.push(Effect.succeed({ _tag: "Taken", lease: { release: release(key), whenLost } }))
      }
      return takings
    }).pipe(
      // Nobody hears of what was taken already, so that nobody else lets it go.
      Effect.onError(() =>
        Effect.forEach(created, (key) => held.has(key) ? release(key) : withdraw(key), { discard: true })
      ),
    )
  })

  /** Ends the leases whose files are gone: whoever removed them took this process for dead. */
  const noteLost = Effect.suspend(() => {
    if (held.size === 0) return Effect.void
    return Effect.flatMap(disk.list(folder), (names) => {
      const present = new Set(names)
      const lost = [...held].filter(([key]) => !present.has(`${key}.${owner}`))
      for (const [key, own] of lost) {
        held.delete(key)
        own.isLost = true
        for (const then of own.listeners) then()
      }
      return Effect.void
    }).pipe(Effect.ignore)
  })
  processes.eachBeat(noteLost)
  yield* Effect.addFinalizer(() => Effect.forEach([...held.keys()], release, { discard: true }))

  return {
    take: (key, node) =>
      Effect.flatMap(takeAll([[key, node]]), ([taking]) => taking ?? Effect.die("one key has one lease")),
    takeAll,
    heldElsewhere: Effect.fnUntraced(function*(keys) {
      const owners = ownersIn(yield* disk.list(folder))
      const look = yield* Effect.cached(processes.look)
      const found = new Map<Digest, string>()
      for (const key of keys) {
        const other = yield* livingOther(key, owners.get(key) ?? [], look)
        if (other !== undefined) found.set(key, other)
      }
      return found
    }),
    holders: Effect.gen(function*() {
      const found = new Map<Digest, Holder>()
      for (const name of yield* disk.list(folder)) {
        const key = name.slice(0, 64)
        const of = ownerIn(name)
        // A worker is named only where it outlived its engine, whose file comes before its own.
        if (!isDigest(key) || of === undefined || kernelSays(of) === "dead" || found.has(key)) continue
        // Something else may stand there, in a store from elsewhere.
        const node = yield* Effect.orElseSucceed(disk.read(path(name), MOST), () => undefined)
        if (node === undefined || node === "") continue
        const { host, run = null, at } = (yield* processes.heartbeat(of)) ?? {}
        const since = (yield* disk.stat(path(name)))?.mtime
        found.set(key, {
          node,
          pid: pidOf(of),
          ...(host === undefined ? {} : { host }),
          ...(run === null ? {} : { run }),
          ...(since === undefined ? {} : { since: isoTime(since) }),
          ...(isStopped(of) ? { stopped: true } : {}),
          ...(at === undefined || kernelSays(of) === "living" ? {} : { heard: isoTime(at) }),
        })
      }
      return found
    }),
    attend: (key, node) =>
      Effect.acquireRelease(
        Effect.andThen(disk.makeFolder(folder), put(fileOf(key, owner), node)),
        () => Effect.ignore(drop(fileOf(key, owner))),
      ).pipe(Effect.asVoid),
    guard: Effect.fnUntraced(function*(key) {
      const owners = ownersOf(key, yield* disk.list(folder))
      if (owners.length === 0 || owners.some((each) => engineOf(each) === engineOf(owner))) return
      yield* new StoreError({
        path: fileOf(key, engineOf(owner)),
        message: "is gone: this process stood still for so long that another took over its work",
        help: "run again; what the other makes is found then",
      })
    }),
    named: () => Effect.void,
    shared: () => undefined,
  }
})

/** Where a lease that was not looked at twice stands: it was not taken. */
const taken = (known: Effect.Effect<Taking | undefined, StoreError>): Effect.Effect<Taking, StoreError> =>
  Effect.flatMap(known, (taking) => taking === undefined ? Effect.die("a lease is looked at") : Effect.succeed(taking))

/** By key, whose files there are. */
const ownersIn = (names: ReadonlyArray<string>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const owners = new Map<string, Array<string>>()
  for (const name of names) {
    const of = name.charAt(KEY) === "." ? ownerIn(name) : undefined
    if (of === undefined) continue
    const key = name.slice(0, KEY)
    const known = owners.get(key)
    if (known === undefined) owners.set(key, [of])
    else known.push(of)
  }
  return owners
}

/** The length of a key. */
const KEY = 64

const ownersOf = (key: Digest, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.flatMap((name) => (name.startsWith(`${key}.`) ? ownerIn(name) ?? [] : []))

/** Files may have any time; a date has not. */
const isoTime = (milliseconds: number): string => new Date(Math.max(0, Math.min(milliseconds, 8.64e15))).toISOString()
