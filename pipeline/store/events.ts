import { Context, type Effect, Schema } from "effect"
import { Digest } from "../base/digest.ts"
import { JobPlace, JobWait } from "./batch.ts"
import { ActionRecord } from "./record.ts"

/** Why a node did not get an artifact. */
export const Failure = Schema.Struct({
  error: Schema.String,
  message: Schema.String,
  help: Schema.String,
  file: Schema.optionalKey(Schema.String),
  line: Schema.optionalKey(Schema.Natural),
  field: Schema.optionalKey(Schema.String),
})
export type Failure = typeof Failure.Type

/** Of the actions that a run handed to a batch system and that did not end, how many wait there and how many run. */
const InQueue = {
  queued: Schema.Natural,
  running: Schema.Natural,
}

/** What happened, in order: the run log holds these, and every face of the tool only renders them. */
export const Event = Schema.Union([
  Schema.TaggedStruct("RunStarted", {
    run: Schema.String,
    profile: Schema.String,
    nodes: Schema.Natural,
    selectors: Schema.Array(Schema.String),
  }),
  Schema.TaggedStruct("NodeCached", {
    node: Schema.String,
    key: Digest,
    /** Whether another run executed it while this one waited. */
    elsewhere: Schema.optionalKey(Schema.Boolean),
    /** Whether it is not up to date and stays as it last was, as the user asked. */
    frozen: Schema.optionalKey(Schema.Boolean),
  }),
  /** Nodes that are up to date and that the run did not have to look at, all at once, and the key of each. */
  Schema.TaggedStruct("NodesCached", { nodes: Schema.Array(Schema.String), keys: Schema.Array(Digest) }),
  /** Another run executes the node's action; this one waits for it, and does other work meanwhile. */
  Schema.TaggedStruct("NodeElsewhere", {
    node: Schema.String,
    key: Digest,
    host: Schema.optionalKey(Schema.String),
    pid: Schema.Natural,
    run: Schema.optionalKey(Schema.String),
    /** Since when, as ISO 8601 writes it; on the clock of the store. */
    since: Schema.optionalKey(Schema.String),
    /** When the other last said that it lives, on the same clock, where the kernel here does not know it. */
    heard: Schema.optionalKey(Schema.String),
    /** Whether the other was stopped, as by Ctrl-Z. */
    stopped: Schema.optionalKey(Schema.Boolean),
    /** Whether this run executed it before, and was taken for dead. */
    lost: Schema.Boolean,
    /** The job that executes it, where it was handed to a batch system, and what that waits for where it does not run. */
    job: Schema.optionalKey(JobPlace),
    wait: Schema.optionalKey(JobWait),
    /** Whether this was said before, and only its job stands otherwise now. */
    changed: Schema.optionalKey(Schema.Boolean),
  }),
  /** Other runs of the machine hold the GPUs that a node asks for; it waits, and other nodes run meanwhile. */
  Schema.TaggedStruct("NodeWaits", {
    node: Schema.String,
    gpus: Schema.Array(Schema.Struct({
      /** A GPU, as nvidia-smi tells it apart from all others, or by its id. */
      gpu: Schema.String,
      pid: Schema.Natural,
      /** How many its holder lets hold it at the same time. */
      share: Schema.Natural,
      /** The folder that its holder runs in. */
      folder: Schema.String,
    })),
  }),
  /** A node waits for its job, in a batch system: to begin, or to begin again. */
  Schema.TaggedStruct("NodeQueued", { node: Schema.String, key: Digest, ...JobWait.fields, ...InQueue }),
  /** A node is executed; once more where it had to wait for its job again. */
  Schema.TaggedStruct("NodeStarted", {
    node: Schema.String,
    key: Digest,
    resources: ActionRecord.fields.resources,
    /** Where a batch system executes it. */
    job: Schema.optionalKey(JobPlace),
    queued: Schema.optionalKey(InQueue.queued),
    running: Schema.optionalKey(InQueue.running),
  }),
  /** An execution failed, and the node is executed again, with more of what ran out, or after a wait. */
  Schema.TaggedStruct("NodeRetried", {
    node: Schema.String,
    key: Digest,
    why: Schema.Literals(["transient", "memory", "time"]),
    failure: Failure,
    /** Which attempt comes next, and how many there may be for failures of this kind. */
    attempt: Schema.Natural,
    of: Schema.Natural,
    /** How long until then, in milliseconds. */
    wait: Schema.Natural,
    /** What it asks for then, in MiB, where memory ran out. */
    memory: Schema.optionalKey(Schema.Finite),
    /** How long it may take then, in seconds, where it took too long. */
    timeout: Schema.optionalKey(Schema.Finite),
  }),
  Schema.TaggedStruct("NodeProgressed", {
    node: Schema.String,
    done: Schema.Finite,
    total: Schema.Finite,
    unit: Schema.String,
    note: Schema.optionalKey(Schema.String),
    /** A number of which it is worth seeing how it goes, such as a loss. */
    level: Schema.optionalKey(Schema.Finite),
  }),
  Schema.TaggedStruct("NodeSucceeded", {
    node: Schema.String,
    key: Digest,
    milliseconds: Schema.Natural,
    rows: Schema.Record(Schema.String, Schema.Natural),
    /** What it made, by output: the same key may make other bytes another time. Older logs do not say. */
    digests: Schema.optionalKey(Schema.Record(Schema.String, Digest)),
    counts: Schema.Record(Schema.String, Schema.Finite),
    /** What is suspicious in what it was given, a sentence each; absent where nothing is. */
    warnings: Schema.optionalKey(Schema.Array(Schema.String)),
    /** Whether another node with the same key did the work. */
    shared: Schema.Boolean,
    /**
     * Where the store had what was executed: whether the same was made again; or other bytes, which are a conflict; or
     * other bytes that replaced the first ones, as the user asked.
     */
    again: Schema.optionalKey(Schema.Literals(["same", "other", "replaced"])),
  }),
  /** The execution of a node found an object damaged, or gone; the nodes that made it are executed again, then that one. */
  Schema.TaggedStruct("ObjectDamaged", { node: Schema.String, object: Digest, makers: Schema.Array(Schema.String) }),
  Schema.TaggedStruct("NodeFailed", {
    node: Schema.String,
    key: Schema.NullOr(Digest),
    failure: Failure,
    /** The job that it was in, where a batch system executed it. */
    job: Schema.optionalKey(JobPlace),
  }),
  /** Files that the node reads are not there. */
  Schema.TaggedStruct("NodeMissing", {
    node: Schema.String,
    title: Schema.String,
    base: Schema.String,
    names: Schema.Array(Schema.String),
    /** Whether nothing that was asked for needs the node. */
    leftOut: Schema.optionalKey(Schema.Boolean),
  }),
  /** A node that this one takes input from did not get its artifact. */
  Schema.TaggedStruct("NodeBlocked", {
    node: Schema.String,
    by: Schema.String,
    /** Whether files are missing for nothing else, and nothing that was asked for needs the node. */
    leftOut: Schema.optionalKey(Schema.Boolean),
  }),
  /** All that takes input from the node lacks files, so that it does not run. */
  Schema.TaggedStruct("NodeUnneeded", { node: Schema.String }),
  Schema.TaggedStruct("RunFinished", {
    run: Schema.String,
    /** "damaged": it found an object so whose maker it had not looked at, and a run of all nodes takes over. */
    outcome: Schema.Literals(["succeeded", "failed", "interrupted", "damaged"]),
    executed: Schema.Natural,
    cached: Schema.Natural,
    failed: Schema.Natural,
    missing: Schema.Natural,
    blocked: Schema.Natural,
    /** Nodes that lack files, or depend on such, and that nothing which was asked for needs. Older logs do not say. */
    leftOut: Schema.optionalKey(Schema.Natural),
    /** Nodes that do not run since all that takes input from them lacks files. Older logs do not say. */
    unneeded: Schema.optionalKey(Schema.Natural),
    /** Nodes that a failure elsewhere kept from being looked at, or what was found damaged. */
    notStarted: Schema.Natural,
    milliseconds: Schema.Natural,
  }),
])
export type Event = typeof Event.Type

/** Passes on what happened to whoever listens. */
export class Events extends Context.Service<Events, {
  readonly emit: (event: Event) => Effect.Effect<void>
}>()("redag/Events") {}
