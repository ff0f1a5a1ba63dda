import { Effect, Schema } from "effect"
import { Blobs, choice, files, Progress, type SourceFile, stage } from "redag"
import type { Parts } from "../../models/hub/model-files.ts"
import { CheckpointFile } from "../../schemas/checkpoints.ts"
import { Origin } from "../../schemas/origins.ts"
import { readModelDescription } from "../shared/models/description.ts"
import { drain } from "../shared/models/drain.ts"
import { modelOptions, ModelParams } from "../shared/params/model.ts"

/** A repository of the Hugging Face Hub at a branch, a tag or, to pin it, a commit. */
const Hub = Schema.Struct({
  from: Schema.Literal("hub"),
  repository: Schema.NonEmptyString,
  revision: Schema.NonEmptyString,
})

/** Sources that need code of their own: a folder needs none. */
const sources = choice("source", { hub: () => import("../../models/hub/download.ts") })

/** The files that are wired to the node. */
const Folder = Schema.Struct({ from: Schema.Literal("folder") })

/**
 * Takes a pretrained model, or its tokenizer, into the store, from a folder or from the Hugging Face Hub, once it is sure
 * that the architecture, the tokenizer and every tensor that comes are such as redag can train.
 */
export const pretrained = stage({
  name: "pretrained",
  params: Schema.Struct({
    ...ModelParams,
    source: Schema.Union([Hub, Folder]),
    /** The tokenizer comes with config.json and generation_config.json, and without weights. */
    parts: Schema.Literals(["all", "tokenizer"]),
  }),
  inputs: { folder: files },
  outputs: { checkpoint: CheckpointFile, origin: Origin },
  uses: (params) => ({ ...modelOptions(params), source: params.source.from === "hub" ? ["hub"] : [] }),
  isolation: "process",
  resources: () => ({ cpu: 1, memory: 512, gpu: 0, retries: { transient: 2 } }),
  work: ({ params: { source }, inputs: { folder }, expected }) => {
    const { bytes } = source.from === "folder" ? folder : expected
    return bytes === undefined ? {} : { amount: bytes, keeps: bytes }
  },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const { source, parts } = params
    const [blobs, progress] = [yield* Blobs, yield* Progress]
    const { isDescription } = yield* Effect.promise(() => import("../../models/checkpoints/description.ts"))
    const { checkWeights } = yield* Effect.promise(() => import("../../models/checkpoints/weights.ts"))
    const fetched = source.from === "hub" ? yield* fetchFiles(source.repository, source.revision, parts) : undefined
    const paths = fetched?.paths ?? pathsOf(inputs.folder, parts === "all" ? () => true : isDescription)
    const { architecture } = yield* readModelDescription(paths, params)
    yield* drain(
      stepwise(checkWeights(paths, architecture)),
      ({ done, total }) => progress.advance({ done, total, unit: "values", note: "checking the weights" }),
    )
    const checkpoint = yield* Effect.forEach(
      [...paths].sort(([a], [b]) => a < b ? -1 : 1),
      ([name, path]) => Effect.map(blobs.putFile(path), (blob) => ({ name, blob })),
    )
    const origin: Origin = source.from === "hub"
      ? { repository: source.repository, revision: source.revision, commit: fetched?.commit ?? null }
      : { repository: null, revision: null, commit: null }
    return { checkpoint, origin: [origin] }
  }),
})

/** Each step in a turn of its own, so that what it yields is seen while the next is at work. */
const stepwise = async function*<Y>(steps: Iterable<Y>): AsyncGenerator<Y, void, void> {
  for (const step of steps) {
    yield step
    await new Promise((resume) => setImmediate(resume))
  }
}

/** Those of a folder's files that are wanted, by their names in it. */
const pathsOf = (
  folder: ReadonlyArray<SourceFile>,
  isWanted: (name: string) => boolean,
): ReadonlyMap<string, string> =>
  new Map(
    folder.map(({ name, path }) => [name.slice(name.lastIndexOf("/") + 1), path] as const)
      .filter(([name]) => isWanted(name)),
  )

const fetchFiles = Effect.fnUntraced(function*(repository: string, revision: string, parts: Parts) {
  const progress = yield* Progress
  const { download } = yield* sources.load("hub")
  const stop = new AbortController()
  const snapshot = yield* drain(
    download({ repository, revision, parts, environment: process.env, signal: stop.signal }),
    ({ file, done, total, note }) => progress.advance({ done, total, unit: "bytes", note: note ?? file }),
    () => stop.abort(),
  )
  return { commit: snapshot.commit, paths: new Map(snapshot.files.map(({ name, path }) => [name, path])) }
})
