import { Effect } from "effect"
import { type Digest, digestOfValue, isDigest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import { keyOf } from "../identity/fingerprint.ts"
import type { Accepted } from "./accepted.ts"
import type { Disk } from "./disk.ts"
import { makeGroup } from "./group.ts"
import type { Hit } from "./hit.ts"
import type { JsonFiles, Read } from "./json.ts"
import type { Objects, Prepared } from "./objects.ts"
import type { ActionRecord } from "./record.ts"
import type { Released } from "./released.ts"
import type { Writer } from "./writer.ts"

/** What was made from what: a record of each finished action. */
export interface Records {
  /** The record of an action, where it is there and every object it names is there at its size. */
  readonly hit: (key: Digest) => Effect.Effect<Hit, StoreError>
  /** Lets records wait a moment for those that are about to come, as long as this says that there are such. */
  readonly expectMore: (isMoreToCome: () => boolean) => void
  /** Which of these keys there may be something of: a record, or what was accepted for it. */
  readonly present: (keys: ReadonlyArray<Digest>) => Effect.Effect<ReadonlySet<Digest>, StoreError>
  readonly record: (key: Digest) => Effect.Effect<ActionRecord | undefined, StoreError>
  /** What the file of a key holds. */
  readonly lookRecord: (key: Digest) => Effect.Effect<Read<ActionRecord>, StoreError>
  /** The keys of all actions that have a record, in their order. */
  readonly keys: Effect.Effect<ReadonlyArray<Digest>, StoreError>
  /**
   * Records a finished action. The first record of a key stays while it is sound and all that it names is there.
   *
   * Another that names other outputs is a conflict, which is recorded beside it. The objects of it that were `prepared`
   * are published before it, with those of other actions that are recorded at the same time.
   */
  readonly publishRecord: (
    record: ActionRecord,
    prepared?: ReadonlyArray<Prepared>,
  ) => Effect.Effect<Published, StoreError>
  /**
   * Makes a record the one that counts for its key, where it was a conflict or is new.
   *
   * The one that counted becomes the conflict, before anything else: at every moment the store has both.
   */
  readonly preferRecord: (record: ActionRecord) => Effect.Effect<void, StoreError>
  /** Records that name other outputs than the one of the same key that stayed, by file name. */
  readonly conflicts: Effect.Effect<ReadonlyArray<Conflict>, StoreError>
}

/** What became of a record; `record` is the one that its key has now. */
export interface Published {
  /** It is that; or there was one of the same outputs; or there was one of other outputs, and this one is a conflict. */
  readonly _tag: "Recorded" | "Same" | "Conflict"
  readonly record: ActionRecord
}

/** A record that names other outputs than the first of its key. */
export interface Conflict {
  /** The name of its file, without the ending. */
  readonly name: string
  readonly found: Read<ActionRecord>
}

/** Where records are kept. */
export interface RecordFiles {
  readonly records: JsonFiles<ActionRecord>
  readonly conflicts: JsonFiles<ActionRecord>
  readonly released: JsonFiles<Released>
  readonly accepted: JsonFiles<Accepted>
}

/** What is wrong with a record for a file of this name: it proves its key by what the key is made of. */
export const refutedRecord = (name: string, { key, preImage, outputs }: ActionRecord): string | undefined =>
  key !== name.slice(0, key.length)
    ? `is that of ${key}`
    : keyOf(preImage) !== key
    ? "is damaged: its key is not that of what the action was made of"
    : Object.keys(preImage.outputs).every((output) => Object.hasOwn(outputs, output))
    ? undefined
    : "is damaged: it lacks an output of the action"

/** What two executions of one action must agree in: its outputs, but those that are declared to vary. */
export const outputsDigest = ({ outputs }: ActionRecord): Digest =>
  digestOfValue(
    "outputs/1",
    Object.fromEntries(
      Object.entries(outputs).flatMap(([name, { digest, varies }]) => (varies ? [] : [[name, digest]])),
    ),
  )

/** Records in these files, of what is among these objects. */
export const makeRecords = (
  { records, conflicts, released, accepted }: RecordFiles,
  { presence, published }: Objects,
  disk: Disk["Service"],
  { temporary }: Writer,
): Records => {
  const group = makeGroup(disk)
  const standing = Effect.fnUntraced(function*(found: Read<ActionRecord>): Effect.fn.Return<Hit, StoreError> {
    if (found._tag === "Absent") return { _tag: "NoRecord" }
    if (found._tag !== "Sound") return { _tag: "Damaged", problem: found.problem }
    const { value: record } = found
    for (const object of [...Object.values(record.outputs), ...record.blobs]) {
      const problem = yield* presence(object)
      if (problem !== "whole") return { _tag: "Incomplete", record, digest: object.digest, problem }
    }
    return { _tag: "Hit", record }
  })

  /** The same, where objects that were released count as there. */
  const standingReleased = Effect.fnUntraced(function*(key: Digest): Effect.fn.Return<Hit, StoreError> {
    const found = yield* standing(yield* records.look(key))
    if (found._tag !== "Incomplete" || found.problem !== "gone") return found
    const { record } = found
    const listed = yield* released.look(key)
    if (listed._tag === "Damaged" || listed._tag === "Foreign") return { ...found, problem: "unlisted" }
    const list = new Set(listed._tag === "Sound" ? listed.value.objects.map(({ digest }) => digest) : [])
    const gone: Array<Digest> = []
    for (const object of [...Object.values(record.outputs), ...record.blobs]) {
      const problem = yield* presence(object)
      if (problem === "whole") continue
      if (problem === "damaged" || !list.has(object.digest)) {
        return { _tag: "Incomplete", record, digest: object.digest, problem }
      }
      gone.push(object.digest)
    }
    return { _tag: "Hit", record, released: gone }
  })

  const conflictName = (record: ActionRecord) => `${record.key}.${outputsDigest(record).slice(0, 16)}`
  const addConflict = (record: ActionRecord) => conflicts.publish(conflictName(record), record)

  const preferRecord = Effect.fnUntraced(function*(record: ActionRecord) {
    const found = yield* records.look(record.key)
    if (found._tag === "Sound" && outputsDigest(found.value) !== outputsDigest(record)) yield* addConflict(found.value)
    yield* records.publish(record.key, record)
    yield* conflicts.drop(conflictName(record))
  })

  /**
   * Takes away what cannot be used, and records in its place; whether nobody else did meanwhile.
   *
   * What was taken away is looked at after that: a record of other outputs is a conflict, whether its objects are gone or
   * another process put it there after it was found to be unusable.
   */
  const replace = Effect.fnUntraced(function*(record: ActionRecord) {
    const aside = yield* temporary
    const wasThere = yield* disk.rename(records.path(record.key), aside)
    const isNew = yield* records.publishNew(record.key, record)
    if (wasThere) {
      const taken = yield* records.lookAt(aside, record.key)
      if (taken._tag === "Sound" && outputsDigest(taken.value) !== outputsDigest(record)) {
        yield* addConflict(taken.value)
      }
      yield* disk.remove(aside)
    }
    return isNew
  })

  const publishWith = (record: ActionRecord, prepared: ReadonlyArray<Prepared>) => {
    const first = prepared.flatMap(({ file }) => file ?? [])
    return records.prepare(record.key, record).pipe(
      Effect.flatMap((last) =>
        Effect.onError(group.publish({ first, last }), () => Effect.ignore(disk.remove(last.temporary)))
      ),
      Effect.onError(() => Effect.forEach(first, ({ temporary }) => Effect.ignore(disk.remove(temporary)))),
      Effect.tap(() => Effect.forEach(prepared, published, { discard: true })),
    )
  }

  const publishRecord = Effect.fnUntraced(function*(
    record: ActionRecord,
    prepared: ReadonlyArray<Prepared> = [],
  ): Effect.fn.Return<Published, StoreError> {
    if (yield* publishWith(record, prepared)) return { _tag: "Recorded", record }
    for (;;) {
      const found = yield* standing(yield* records.look(record.key))
      if (found._tag === "Hit") {
        if (outputsDigest(found.record) === outputsDigest(record)) return { _tag: "Same", record: found.record }
        yield* addConflict(record)
        return { _tag: "Conflict", record: found.record }
      }
      // As long as others record at the same moment; of those, the first stays.
      if (yield* replace(record)) return { _tag: "Recorded", record }
    }
  })

  const present = Effect.fnUntraced(function*(keys: ReadonlyArray<Digest>) {
    const recorded = yield* disk.presentIn(records.folder, keys.map(records.path))
    const replaced = yield* disk.presentIn(accepted.folder, keys.map(accepted.path))
    return new Set(keys.filter((key) => recorded.has(records.path(key)) || replaced.has(accepted.path(key))))
  })

  return {
    expectMore: group.expect,
    present,
    hit: standingReleased,
    record: records.read,
    lookRecord: records.look,
    keys: Effect.map(records.names, (keys) => keys.filter(isDigest).toSorted()),
    publishRecord,
    preferRecord,
    conflicts: Effect.flatMap(
      conflicts.names,
      (names) =>
        Effect.forEach(names.toSorted(), (name) => Effect.map(conflicts.look(name), (found) => ({ name, found }))),
    ),
  }
}
