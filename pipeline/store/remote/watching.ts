import { Clock, Effect } from "effect"
import type { StoreError } from "../../base/errors.ts"
import { BEATS, LONGEST, type Patience, patienceOf } from "../heartbeat.ts"
import { engineOf, kernelSays } from "../owner.ts"
import { type Claim, claimOf, MOST_OF_CLAIM, MOST_OF_PULSE, type Pulse, pulseOf } from "./claims.ts"
import { names } from "./names.ts"
import type { Remote } from "./remote.ts"

/**
 * Five minutes: a network may be away for some, and the work that leases in a remote are for takes longer.
 *
 * Where `DAG_LEASE_SECONDS` is set, it counts here too.
 */
const SECONDS = "300"

/** The code of a guard's failure where another has taken over; with any other, the remote could not be asked. */
export const TAKEN_OVER = "taken over"

/** The patience that processes have with each other in a remote. */
export const remotePatience = (
  environment: Readonly<Record<string, string | undefined>>,
): Effect.Effect<Patience, StoreError> => {
  const text = environment["DAG_LEASE_SECONDS"] ?? ""
  return patienceOf({ DAG_LEASE_SECONDS: text === "" ? SECONDS : text })
}

/** Something that was seen to stand at a name, and for how many milliseconds of watching it has stood there. */
interface Watched {
  readonly text: string
  readonly at: number
  readonly unchanged: number
}

/** What was found of a claim. */
export interface Judged {
  /** Undefined where nothing stands there, or nothing that can be read. */
  readonly claim: Claim | undefined
  /** What its owner says of itself, where that was asked. */
  readonly pulse: Pulse | undefined
  /** Whether nothing stands there any more. */
  readonly isGone: boolean
  /** Whether nothing comes of it any more, so that another may be at work. */
  readonly isOver: boolean
}

/**
 * Watches the owners of claims. No clock of another machine counts, nor any wall clock: only for how long this process,
 * on its own monotonic clock, saw that nothing changed. A pause of the watch counts as one beat.
 */
export const makeWatching = (
  remote: Pick<Remote["Service"], "read">,
  owner: string,
  /** Whether a claim of this process is one that it has, or is about to have. */
  isOwn: (name: string) => boolean,
  kernel: typeof kernelSays,
) => {
  const watched = new Map<string, Watched>()
  /** By claim, the beat at which its owner was first seen to live without it. */
  const strays = new Map<string, number>()

  const watch = Effect.fnUntraced(function*(name: string, text: string, interval: number) {
    const at = Number(yield* Clock.monotonicTimeNanos) / 1e6
    const before = watched.get(name)
    const unchanged = before?.text === text ? before.unchanged + Math.min(at - before.at, interval) : 0
    watched.set(name, { text, at, unchanged })
    return unchanged
  })

  /** Whether an owner that says something of itself has given a claim up without a word, or has died. */
  const isSilent = (name: string, claim: Claim, pulse: Pulse, unchanged: number): boolean => {
    const isStill = unchanged > pulse.seconds * 1000
    if (pulse.claims.includes(name)) {
      strays.delete(`${name} ${claim.nonce}`)
      return isStill && kernel(claim.owner) === undefined
    }
    // Whatever it says two beats later, it says knowing of the claim.
    const first = strays.get(`${name} ${claim.nonce}`)
    if (first === undefined) strays.set(`${name} ${claim.nonce}`, pulse.beat)
    return isStill || (first !== undefined && pulse.beat >= first + 2)
  }

  return Effect.fnUntraced(function*(name: string): Effect.fn.Return<Judged, StoreError> {
    const { interval, milliseconds } = yield* remotePatience(process.env)
    const found = yield* remote.read(name, MOST_OF_CLAIM)
    // Whoever had it let it go since it was listed.
    if (found === undefined) return { claim: undefined, pulse: undefined, isGone: true, isOver: true }
    const claim = claimOf(found.bytes)
    if (claim === undefined) {
      const unchanged = yield* watch(name, found.bytes.toString("latin1"), interval)
      return { claim, pulse: undefined, isGone: false, isOver: unchanged > milliseconds }
    }
    const engine = engineOf(claim.owner)
    if (engine === owner) return { claim, pulse: undefined, isGone: false, isOver: !isOwn(name) }
    if (kernel(claim.owner) === "dead") return { claim, pulse: undefined, isGone: false, isOver: true }
    const beat = yield* remote.read(names.process(engine), MOST_OF_PULSE)
    const pulse = beat === undefined ? undefined : pulseOf(beat.bytes)
    const own = Math.min(pulse?.seconds ?? LONGEST, LONGEST) * 1000 / BEATS
    const text = beat === undefined ? "" : beat.bytes.toString("latin1")
    const unchanged = yield* watch(`${name} ${claim.nonce}`, text, Math.min(own, interval))
    const isOver = beat === undefined
      // It says that it lives before it claims anything; a remote may show that late.
      ? unchanged >= 2 * interval
      : pulse === undefined
      ? unchanged > milliseconds
      : isSilent(name, claim, pulse, unchanged)
    return { claim, pulse, isGone: false, isOver }
  })
}
