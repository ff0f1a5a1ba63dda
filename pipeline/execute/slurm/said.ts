import { Exit, Schema } from "effect"
import { Digest } from "../../base/digest.ts"
import { Message } from "../message.ts"

/**
 * What the worker of a task says, a line each, in `tasks/<batch>.<task>.ndjson`. A task that the batch system starts again
 * goes on in the same file, with another `Began`.
 */
export const Said = Schema.Union([
  /** The worker lives, as this owner, on this host. */
  Schema.TaggedStruct("Began", {
    owner: Schema.String,
    host: Schema.String,
    /** The id of the job in the batch system, and how many times that started it before. */
    slurmJob: Schema.String,
    restarts: Schema.Finite,
    at: Schema.String,
  }),
  Schema.TaggedStruct("Started", { key: Digest, at: Schema.String }),
  /** How far an action is, or how it ended. */
  Schema.TaggedStruct("Message", { key: Digest, message: Message }),
  /**
   * The worker was told to stop, and what ran has saved what it had done: because the time limit comes near, because
   * somebody cancelled the task, or because the node is wanted for other work. Where it is `queuedAgain`, the batch system
   * starts the same task once more, which goes on.
   */
  Schema.TaggedStruct("Stopped", {
    why: Schema.Literals(["time", "cancelled"]),
    running: Schema.Array(Digest),
    queuedAgain: Schema.optionalKey(Schema.Boolean),
  }),
  /** The worker has done all that it can: every action of the task was told of. */
  Schema.TaggedStruct("Ended", {}),
])
export type Said = typeof Said.Type

const decode = Schema.decodeUnknownExit(Schema.fromJsonString(Said))
const encode = Schema.encodeSync(Schema.fromJsonString(Said))

/** A line is at most about this long, and a text in a longer one, in characters: a stage may complain of all that it read. */
const [LINE, TEXT] = [1 << 18, 1 << 14]

/** A line of what a worker says. Texts of one that is too long are cut. */
export const saidLine = (said: Said): string => {
  const line = encode(said)
  return `${line.length <= LINE ? line : JSON.stringify(JSON.parse(line, cut))}\n`
}

const cut = (_: string, value: unknown): unknown =>
  typeof value === "string" && value.length > TEXT
    ? `${value.slice(0, TEXT).replace(/[\uD800-\uDBFF]$/u, "")}… (${value.length} characters)`
    : value

/** What a whole line says; undefined where it is torn, or another version's. */
export const saidIn = (line: string): Said | undefined => {
  const decoded = decode(line)
  return Exit.isSuccess(decoded) ? decoded.value : undefined
}
