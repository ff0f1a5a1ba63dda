import { Effect, Schema, type Scope, Stream } from "effect"
import { canonical } from "../base/canonical.ts"
import { StageError } from "../base/errors.ts"
import { machineError } from "../base/system.ts"
import type { RunnableStage } from "../graph/node.ts"
import {
  type Advance,
  type AnyInputValue,
  Blobs,
  Progress,
  Replies,
  type RowSchema,
  type StageFailure,
  Unfinished,
} from "../graph/stage.ts"
import { Disk } from "../store/disk.ts"
import type { Prepared } from "../store/objects.ts"
import { type ActionRecord, executionOf, type Job, type OutputRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { environmentOf } from "./environment.ts"
import { privateFiles } from "./private-files.ts"
import { blobPathHere } from "./scratch.ts"
import { showingOf } from "./so-far.ts"

/** What an action made that is not published yet. */
export interface Made {
  readonly record: ActionRecord
  readonly tables: ReadonlyArray<Prepared>
}

/**
 * Runs the stage of one action in this process: inputs from the store, outputs into files that {@link publishMade} makes
 * objects of.
 *
 * `peakMemory` and `log` are for a process that runs nothing else. `saves` is done before a stage uses what it saved, or
 * may save.
 */
export const runAction = Effect.fnUntraced(function*(
  stage: RunnableStage,
  job: Job,
  advanced: (advance: Advance) => Effect.Effect<void>,
  finish: Effect.Effect<Pick<ActionRecord, "peakMemory" | "log">, StageFailure>,
  saves: Effect.Effect<void> = Effect.void,
): Effect.fn.Return<Made, StageFailure, Store | Disk | Scope.Scope> {
  const store = yield* Store
  const services = yield* Effect.context<Store | Disk>()
  const started = new Date()
  const blobs = new Map<string, ActionRecord["blobs"][number]>()
  const counts: Record<string, number> = {}
  const warnings: Array<string> = []
  const unfinished = store.unfinished(job.key)
  const showing = showingOf(stage.outputs, unfinished)

  const note = (blob: ActionRecord["blobs"][number]) => Effect.sync(() => blobs.set(blob.digest, blob))
  const { files, about } = yield* privateFiles(job.files)
  const results = yield* stage.run({
    // From the text that the key is made of, so that nothing is seen that it does not hold, such as the order of names.
    params: paramsDecoder(stage)(JSON.parse(canonical(job.preImage.params))),
    inputs: yield* inputValues(stage, job, files),
  }).pipe(
    Effect.provideService(Progress, {
      advance: (advance) => Effect.andThen(advanced(advance), showing.advance(advance)),
      made: showing.made,
      count: (name, value) =>
        Effect.sync(() => {
          counts[name] = value
        }),
      warn: (text) => Effect.sync(() => void warnings.push(text)),
    }),
    Effect.provideService(Blobs, {
      put: (content) => Effect.tap(store.putBlob(content), note),
      putFile: (path) => Effect.tap(store.putFile(path), note),
      path: (ref) => Effect.provideContext(blobPathHere(ref), services),
    }),
    Effect.provideService(Unfinished, announced(showing.unfinished, saves)),
    Effect.provideService(Replies, store.replies),
    Effect.onError(() => showing.end),
    Effect.catchDefect((thrown) => {
      const error = machineError(thrown)
      return error === undefined ? Effect.die(thrown) : Effect.fail(error)
    }),
    Effect.mapError(about),
  )

  const disk = yield* Disk
  const tables: Array<Prepared> = []
  return yield* Effect.gen(function*() {
    const outputs: Record<string, OutputRecord> = {}
    for (const [name, row] of Object.entries(stage.outputs)) {
      // Rows may come from a stage that is still at work.
      const { output, prepared } = yield* Effect.mapError(writeOutput(job, name, row, results[name]), about)
      outputs[name] = output
      tables.push(prepared)
    }
    const record: ActionRecord = {
      key: job.key,
      preImage: job.preImage,
      node: job.node,
      files: job.files,
      outputs,
      blobs: [...blobs.values()],
      counts,
      ...(warnings.length === 0 ? {} : { warnings }),
      started: started.toISOString(),
      milliseconds: Date.now() - started.getTime(),
      resources: job.resources,
      environment: environmentOf(job.environment),
      ...yield* finish,
    }
    return { record, tables }
  }).pipe(
    Effect.onError(() =>
      Effect.forEach(
        tables,
        ({ file }) => file === undefined ? Effect.void : Effect.ignore(disk.remove(file.temporary)),
      )
    ),
  )
}, Effect.scoped)

const announced = (unfinished: Unfinished["Service"], saves: Effect.Effect<void>): Unfinished["Service"] => ({
  ...unfinished,
  restore: Effect.andThen(saves, unfinished.restore),
  interval: Effect.andThen(saves, unfinished.interval),
  save: (files) => Effect.andThen(saves, unfinished.save(files)),
})

/** Publishes what an action made, the record last; gives the record that counts, as this execution went. */
export const publishMade = Effect.fnUntraced(function*({ record, tables }: Made) {
  const store = yield* Store
  const { record: standing } = yield* store.publishRecord(record, tables)
  // The action is done, whatever becomes of this; the next run removes what is left.
  yield* Effect.ignore(store.unfinished(record.key).clear)
  // What others took as input already stays what the action made; how that went is told of this execution.
  return { ...standing, ...executionOf(record) }
})

const paramsDecoders = new WeakMap<RunnableStage, (params: unknown) => object>()

/** The decoder of a stage's params, which is made once: a thread executes thousands of actions of one stage. */
const paramsDecoder = (stage: RunnableStage): (params: unknown) => object => {
  const known = paramsDecoders.get(stage)
  if (known !== undefined) return known
  const decode = Schema.decodeUnknownSync(stage.params)
  paramsDecoders.set(stage, decode)
  return decode
}

const writeOutput = Effect.fnUntraced(function*(job: Job, name: string, row: RowSchema, result: unknown) {
  const store = yield* Store
  const artifact = row.ast.annotations?.["identifier"] as string
  const encode = Schema.encodeUnknownSync(row)
  if (Array.isArray(result)) return yield* store.prepareRows(artifact, row, result.map((item) => encode(item)))
  if (Stream.isStream(result)) {
    const rows = Stream.map(result as Stream.Stream<object, StageFailure>, (item) => encode(item))
    return yield* store.prepareRows(artifact, row, Stream.toAsyncIterable(rows))
  }
  throw new Error(`stage ${job.preImage.stage} gave no rows for its output "${name}"`)
})

const inputValues = Effect.fnUntraced(function*(stage: RunnableStage, job: Job, files: Job["files"]) {
  const store = yield* Store
  const values: Record<string, AnyInputValue> = {}
  for (const [role, input] of Object.entries(stage.inputs)) {
    if (input._tag === "Files") {
      values[role] = files.filter((file) => file.role === role)
      continue
    }
    const resolved = job.preImage.inputs[role]
    const digests = resolved?._tag === "Artifacts" ? resolved.digests : []
    const tables = digests.map((digest) => ({ digest, rows: store.sharedRows(input.row, digest) }))
    if (input._tag === "Many" || input._tag === "Available") values[role] = tables
    else if (tables[0] !== undefined) values[role] = tables[0]
    else return yield* new StageError({ message: `input "${role}" is empty`, help: "run again", transient: false })
  }
  return values as never
})
