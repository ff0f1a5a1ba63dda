import { Effect, Exit, Schema } from "effect"
import { StoreError } from "../base/errors.ts"

/** What a process says of itself in `processes/`, again and again. */
export const Heartbeat = Schema.Struct({
  host: Schema.String,
  /** The run that it is at, if it is at one. */
  run: Schema.NullOr(Schema.String),
  /** When it began, by its own clock, as ISO 8601 writes it: for people. */
  began: Schema.String,
  /** Counts the beats: two that differ show that it lived between. */
  beat: Schema.Natural,
  /** The time of this beat in milliseconds, on the clock of the store. */
  at: Schema.Finite,
  /** For how many seconds without a beat it still counts as living. */
  seconds: Schema.Finite,
})
export type Heartbeat = typeof Heartbeat.Type

const decode = Schema.decodeUnknownExit(Schema.fromJsonString(Heartbeat))

/** What the text of a heartbeat says; undefined where it is none, or only a part of one. */
export const heartbeatOf = (text: string): Heartbeat | undefined => {
  const decoded = decode(text)
  return Exit.isSuccess(decoded) ? decoded.value : undefined
}

/** Half a minute: a machine may be too busy to beat for some seconds, and a dead one's work waits for no longer. */
const SECONDS = 30

/** The longest time in seconds for which a process may count as living without a beat. */
export const LONGEST = 3600

/** How many times a process beats in the time for which it counts as living without. */
export const BEATS = 6

/** For how long a process without a beat counts as living, from `DAG_LEASE_SECONDS`, and how often one beats. */
export interface Patience {
  readonly seconds: number
  readonly milliseconds: number
  /** Milliseconds between two beats. */
  readonly interval: number
}

/** The seconds that a value of `DAG_LEASE_SECONDS` stands for; undefined where it is no such number. */
export const secondsOf = (text: string): number | undefined => {
  const seconds = text === "" ? SECONDS : Number(text)
  return seconds >= 0.1 && seconds <= LONGEST ? seconds : undefined
}

/** What to do about a value of `DAG_LEASE_SECONDS` that is no number of seconds. */
export const secondsHelp = `set it to a number of seconds, 0.1 to ${LONGEST}, or not at all`

/** The patience that an environment asks for. */
export const patienceOf = (
  environment: Readonly<Record<string, string | undefined>>,
): Effect.Effect<Patience, StoreError> => {
  const text = environment["DAG_LEASE_SECONDS"] ?? ""
  const seconds = secondsOf(text)
  return seconds === undefined
    ? Effect.fail(
      new StoreError({ path: "DAG_LEASE_SECONDS", message: `is ${JSON.stringify(text)}`, help: secondsHelp }),
    )
    : Effect.succeed({ seconds, milliseconds: seconds * 1000, interval: seconds * 1000 / BEATS })
}
