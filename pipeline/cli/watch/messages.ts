import { Option, Schema } from "effect"
import { Digest } from "../../base/digest.ts"
import { Event, Failure } from "../../store/events.ts"
import { ActionRecord } from "../../store/record.ts"

/** An execution that goes on, and what it holds of the machine. */
export const HeldExecution = Schema.Struct({
  node: Schema.String,
  key: Digest,
  resources: ActionRecord.fields.resources,
})
export type HeldExecution = typeof HeldExecution.Type

/** What an engine says to the command that watches. */
export const FromEngine = Schema.Union([
  /** It has read the experiment, and knows what is to be done. */
  Schema.TaggedStruct("Planned", {
    profile: Schema.String,
    /** Nodes that will run, and those that may. */
    run: Schema.Natural,
    may: Schema.Natural,
    /** Their names. */
    nodes: Schema.Array(Schema.String),
    /** Titles of file sets that are missing. */
    missing: Schema.Array(Schema.String),
    /** What the first plan comes to, for people; null of later ones. */
    preview: Schema.NullOr(Schema.String),
  }),
  /** The experiment cannot be read as it is now. */
  Schema.TaggedStruct("Problem", { failure: Failure }),
  /** The paths that decide on its plans, folders with all that is in them. */
  Schema.TaggedStruct("Watched", { paths: Schema.Array(Schema.String) }),
  /** The project's code is not that which it was started from. */
  Schema.TaggedStruct("Outdated", {}),
  /** It hashes files that are new or changed. */
  Schema.TaggedStruct("Hashing", { title: Schema.String, done: Schema.Natural, total: Schema.Natural }),
  /** What changed makes no difference to it. */
  Schema.TaggedStruct("Current", {}),
  Schema.TaggedStruct("Happened", { event: Event }),
  Schema.TaggedStruct("Stopping", { held: HeldExecution }),
  Schema.TaggedStruct("Ended", { held: HeldExecution }),
  Schema.TaggedStruct("StopElsewhere", { key: Digest }),
  Schema.TaggedStruct("Settled", {
    executed: Schema.Natural,
    cached: Schema.Natural,
    failed: Schema.Natural,
    /** Nodes that lack files, or depend on what failed or lacks files. */
    stuck: Schema.Natural,
    milliseconds: Schema.Natural,
  }),
  /** It begins nothing any more; this goes on. */
  Schema.TaggedStruct("Retired", { held: Schema.Array(HeldExecution) }),
])
export type FromEngine = typeof FromEngine.Type

/** What the command that watches asks of an engine. */
export const ToEngine = Schema.Union([
  /** Paths that changed; none where it is to look at all of them. */
  Schema.TaggedStruct("Changed", { paths: Schema.Array(Schema.String) }),
  /** It may execute what it planned; the engine before it goes on with this. */
  Schema.TaggedStruct("Begin", {
    held: Schema.Array(HeldExecution),
    /** Whether its first plan is the one that the user was asked about. */
    isAgreed: Schema.Boolean,
  }),
  /** It is to begin nothing any more, and to end when what it executes has ended. */
  Schema.TaggedStruct("Retire", {}),
  /** It is to stop an execution that it goes on with. */
  Schema.TaggedStruct("Stop", { key: Digest }),
  /** An execution of the engine before it has ended. */
  Schema.TaggedStruct("EndedElsewhere", { key: Digest }),
])
export type ToEngine = typeof ToEngine.Type

export const encodeFromEngine = Schema.encodeSync(FromEngine)
export const encodeToEngine = Schema.encodeSync(ToEngine)

const fromEngine = Schema.decodeUnknownOption(FromEngine)
const toEngine = Schema.decodeUnknownOption(ToEngine)

/** A message; undefined where it is none: an engine of other code may have others. */
export const decodeFromEngine = (raw: unknown): FromEngine | undefined => Option.getOrUndefined(fromEngine(raw))
export const decodeToEngine = (raw: unknown): ToEngine | undefined => Option.getOrUndefined(toEngine(raw))

/** The environment variable by which a process knows that it is an engine of `dag watch`. */
export const engineVariable = "REDAG_WATCH_ENGINE"
