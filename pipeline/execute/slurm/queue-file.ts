import { Effect, Exit, Schema } from "effect"
import { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"
import { isAmong } from "./answers.ts"
import { isWaiting, type Looked } from "./stand.ts"
import type { Task } from "./task.ts"

/**
 * What the engine that looks at the queue knows of a batch, for whoever has not looked: beside the logs of its tasks, as
 * `tasks/<batch>.queue.ndjson`.
 */
export const QueueFile = Schema.Struct({
  /** The id of its array. */
  job: Schema.String,
  /** What the queue said last of tasks that wait there, or that are suspended. */
  waits: Schema.Array(Schema.Struct({
    state: Schema.String,
    reason: Schema.String,
    /** How often they had begun: of one that has begun since, this says nothing. */
    begins: Schema.Natural,
    /** Their indices, as "0-3,7". */
    tasks: Schema.String,
  })),
})
export type QueueFile = typeof QueueFile.Type

/** The name of the file of a batch, in the folder of logs of tasks. */
export const queueFileName = (batch: string): string => `${batch}.queue`

const decode = Schema.decodeUnknownExit(Schema.fromJsonString(QueueFile))
const encode = Schema.encodeSync(Schema.fromJsonString(QueueFile))

/** The file is small; one that is larger is none of ours, in bytes. */
const MOST = 1 << 20

/** What the file of a batch is to say of its tasks. */
export const queueFileOf = (job: string, tasks: Iterable<Pick<Task, "index" | "looked" | "begins">>): QueueFile => {
  const waits = [...tasks].flatMap(({ index, looked, begins }) =>
    looked !== undefined && (isWaiting(looked) || looked.state === "SUSPENDED")
      ? [{ ...looked, begins, index }]
      : []
  )
  const groups = Map.groupBy(waits, ({ state, reason, begins }) => JSON.stringify([state, reason, begins]))
  return {
    job,
    waits: [...groups.values()].flatMap((some) => {
      const [first] = some
      if (first === undefined) return []
      const { state, reason, begins } = first
      return [{ state, reason, begins, tasks: rangesOf(some.map(({ index }) => index)) }]
    }),
  }
}

/** What a file says of a task that has begun so often; undefined where nothing. */
export const lookedIn = ({ waits }: QueueFile, index: number, begins: number): Looked | undefined => {
  const found = waits.find((each) => each.begins === begins && isAmong(index, each.tasks))
  return found === undefined ? undefined : { state: found.state, reason: found.reason }
}

/** "0-3,7". */
const rangesOf = (indices: ReadonlyArray<number>): string => {
  const ranges: Array<[first: number, last: number]> = []
  for (const index of indices.toSorted((one, other) => one - other)) {
    const last = ranges.at(-1)
    if (last !== undefined && index === last[1] + 1) last[1] = index
    else ranges.push([index, index])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",")
}

/** The file of a batch; undefined where there is none that can be read. */
export const readQueueFile = Effect.fnUntraced(function*(batch: string) {
  const { layout } = yield* Store
  const disk = yield* Disk
  const text = yield* Effect.orElseSucceed(disk.read(layout.tasks.path(queueFileName(batch)), MOST), () => undefined)
  const decoded = text === undefined ? undefined : decode(text)
  return decoded === undefined || Exit.isFailure(decoded) ? undefined : decoded.value
})

/**
 * Writes the files of batches where they have changed. A file that cannot be written is no matter of the run, and that of
 * a batch whose tasks are over meanwhile is taken back.
 */
export const makeWriteQueueFiles = Effect.fnUntraced(function*(tasks: ReadonlySet<Task>) {
  const store = yield* Store
  const disk = yield* Disk
  const written = new Map<string, string>()
  return Effect.gen(function*() {
    const batches = Map.groupBy(tasks, ({ batch }) => batch.id)
    for (const id of written.keys()) if (!batches.has(id)) written.delete(id)
    for (const [id, own] of batches) {
      const array = own[0]?.array
      if (array === undefined) continue
      const text = `${encode(queueFileOf(array, own))}\n`
      if (written.get(id) === text) continue
      written.set(id, text)
      const path = store.layout.tasks.path(queueFileName(id))
      const temporary = yield* store.temporary
      yield* disk.write(temporary, text)
      yield* disk.rename(temporary, path)
      if (!tasks.values().some(({ batch }) => batch.id === id)) yield* disk.remove(path)
    }
  }).pipe(Effect.ignore)
})
