import { Clock, Effect, type Scope } from "effect"
import { hostname } from "node:os"
import type { StoreError } from "../base/errors.ts"
import type { Disk } from "./disk.ts"
import { isFull } from "./file-errors.ts"
import { type Heartbeat, heartbeatOf, LONGEST, patienceOf } from "./heartbeat.ts"
import type { Layout } from "./layout.ts"
import { engineOf, kernelSays } from "./owner.ts"

/** The processes that write to a store, each with a heartbeat in `processes/`. Who only reads has none. */
export interface Processes {
  /** Begins to beat, once, before anything else is written; the heartbeat goes with the scope. */
  readonly begin: Effect.Effect<void, StoreError>
  /**
   * The same for who makes room, or only moves what is there: where the disk is full, it goes on without a heartbeat.
   *
   * It does so only while no process of another machine has one: those of this machine know by the kernel that it lives.
   * To be done again before each step, since there may be room by then.
   */
  readonly beginWhereRoom: Effect.Effect<void, StoreError>
  /** Says which run this process is of: in the heartbeat that it has, and in those to come. */
  readonly named: (run: string) => Effect.Effect<void>
  /** Does something at each beat of this process. */
  readonly eachBeat: (action: Effect.Effect<void>) => void
  /** Looks at who lives. Names that it is asked about must have been seen before it was made. */
  readonly look: Effect.Effect<Look, StoreError>
  /** Which of these owners have died. Each was seen before this looks: of one that begins later nobody says anything. */
  readonly deadAmong: (owners: Iterable<string>) => Effect.Effect<ReadonlySet<string>, StoreError>
  /** What the heartbeat of an owner says, as a reader sees it; undefined where there is none that can be read. */
  readonly heartbeat: (owner: string) => Effect.Effect<Heartbeat | undefined>
}

/** Who lives, at one moment. */
export interface Look {
  /**
   * Whether an owner has died, as far as anybody can tell.
   *
   * The kernel says so of the processes that it shows. Any other is judged by its heartbeat: dead where there is none for
   * two beats, since each process begins with it and a listing may be older than that, or where no beat came for its time. That time is taken on the store's clock and
   * watched on this machine's monotonic one for two beats at least, or watched whole: no wall clock of any machine
   * counts, and all that slept together, as containers of a laptop do, are not dead when they wake.
   */
  readonly isDead: (owner: string) => Effect.Effect<boolean, StoreError>
}

/** No heartbeat has more bytes. */
const MOST = 1 << 16

/** A heartbeat as it was last seen, and for how long it was seen so, in milliseconds of watching. */
interface Watched {
  /** Undefined where there is none. */
  readonly text: string | undefined
  readonly at: number
  readonly unchanged: number
}

/** The processes of a store, as the process of this name sees them. */
export const makeProcesses = Effect.fnUntraced(function*(
  disk: Pick<Disk["Service"], "list" | "read" | "makeFolder" | "overwrite" | "now" | "remove">,
  { processes: { folder, path, nameOf } }: Pick<Layout, "processes">,
  owner: string,
  /** What must be so before anything is written. */
  before: Effect.Effect<void, StoreError>,
): Effect.fn.Return<Processes, never, Scope.Scope> {
  const scope = yield* Effect.scope
  // A worker is as alive as its engine, and never judges anybody.
  const isWorker = engineOf(owner) !== owner
  const began = new Date().toISOString()
  const actions: Array<Effect.Effect<void>> = []
  const watched = new Map<string, Watched>()
  let run: string | null = null
  let beats = 0
  let hasBegun = false
  /** The text that the heartbeat has. */
  let last: string | undefined

  /** Beats, and gives the time at which it did, on the clock of the store. */
  const beat = Effect.gen(function*() {
    const { seconds } = yield* patienceOf(process.env)
    yield* disk.makeFolder(folder)
    const textAt = (at: number): string => {
      const heartbeat: Heartbeat = { host: hostname(), run, began, beat: beats, at, seconds }
      return `${JSON.stringify(heartbeat)}\n`
    }
    // A heartbeat stays one also while it is written for its time, and where the disk is full then.
    const at = yield* disk.now(path(owner), last ?? textAt(0))
    beats++
    last = textAt(at)
    yield* disk.overwrite(path(owner), last)
    return at
  })
  const keepBeating = Effect.gen(function*() {
    const { interval } = yield* patienceOf(process.env)
    for (;;) {
      yield* Effect.sleep(interval)
      // A beat that fails, as on a full disk, may succeed the next time.
      yield* Effect.ignore(beat)
      for (const action of actions) yield* action
    }
  })
  yield* Effect.addFinalizer(() => (hasBegun && !isWorker ? Effect.ignore(disk.remove(path(owner))) : Effect.void))

  const begin = Effect.suspend(() => {
    if (hasBegun) return Effect.void
    hasBegun = true
    return before.pipe(
      Effect.andThen(isWorker ? Effect.void : Effect.andThen(beat, Effect.forkIn(keepBeating, scope))),
      Effect.asVoid,
      // Where there is no room for what a heartbeat says, an empty one may stand there.
      Effect.onError(() =>
        Effect.andThen(
          Effect.sync(() => (hasBegun = false)),
          isWorker ? Effect.void : Effect.ignore(disk.remove(path(owner))),
        )
      ),
    )
  })

  const beginWhereRoom = begin.pipe(Effect.catch((error) => {
    if (!isFull(error)) return Effect.fail(error)
    const isSeen = (each: string | undefined) => each === undefined || each === owner || kernelSays(each) !== undefined
    return Effect.flatMap(
      disk.list(folder),
      (names) => (names.map(nameOf).every(isSeen) ? Effect.void : Effect.fail(error)),
    )
  }))

  /** For how long this process has watched a heartbeat stay as it is; a pause of the watch counts as one beat. */
  const watch = Effect.fnUntraced(function*(of: string, text: string | undefined, interval: number) {
    const at = Number(yield* Clock.monotonicTimeNanos) / 1e6
    const before = watched.get(of)
    const unchanged = before !== undefined && before.text === text
      ? before.unchanged + Math.min(at - before.at, interval)
      : 0
    watched.set(of, { text, at, unchanged })
    return unchanged
  })

  const look = Effect.gen(function*() {
    const { interval, milliseconds } = yield* patienceOf(process.env)
    const present = new Set((yield* disk.list(folder)).map(nameOf))
    const judge = Effect.fnUntraced(function*(engine: string) {
      // What cannot be read is watched too: its owner may live.
      const read = yield* Effect.orElseSucceed(disk.read(path(engine), MOST), () => "")
      const text = read ?? (present.has(engine) ? "" : undefined)
      const unchanged = yield* watch(engine, text, interval)
      if (text === undefined) return unchanged >= 2 * interval
      const heartbeat = heartbeatOf(text)
      const most = heartbeat === undefined ? milliseconds : Math.min(heartbeat.seconds, LONGEST) * 1000
      if (unchanged > most) return true
      if (heartbeat === undefined || unchanged < most / 3) return false
      // Without the time of the store, as on a full disk, the watch alone tells in the end.
      const time = yield* Effect.orElseSucceed(Effect.andThen(begin, beat), () => heartbeat.at)
      return time - heartbeat.at > most
    })
    const judged = new Map<string, boolean>()
    return {
      isDead: Effect.fnUntraced(function*(of: string) {
        if (of === owner) return false
        const kernel = kernelSays(of)
        if (kernel !== undefined) return kernel === "dead"
        const engine = engineOf(of)
        if (engine === owner) return false
        const isDead = judged.get(engine) ?? (yield* judge(engine))
        judged.set(engine, isDead)
        return isDead
      }),
    }
  })

  return {
    begin,
    beginWhereRoom,
    named: (id) =>
      Effect.suspend(() => {
        run = id
        return hasBegun && !isWorker ? Effect.ignore(beat) : Effect.void
      }),
    eachBeat: (action) => {
      actions.push(action)
    },
    look,
    deadAmong: Effect.fnUntraced(function*(owners) {
      const { isDead } = yield* look
      const dead = new Set<string>()
      for (const each of new Set(owners)) if (yield* isDead(each)) dead.add(each)
      return dead
    }),
    heartbeat: (of) =>
      disk.read(path(engineOf(of)), MOST).pipe(
        Effect.map((text) => (text === undefined ? undefined : heartbeatOf(text))),
        Effect.orElseSucceed(() => undefined),
      ),
  }
})
