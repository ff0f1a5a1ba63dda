import { Effect, type Exit, type Fiber, Layer, ManagedRuntime, Schema } from "effect"
import { dirname } from "node:path"
import { type MessagePort, parentPort, threadId, workerData } from "node:worker_threads"
import type { Advance, StageFailure } from "../graph/stage.ts"
import * as Apart from "../store/apart.ts"
import * as Disk from "../store/disk.ts"
import { threadOwner } from "../store/owner.ts"
import type { ActionRecord, Job } from "../store/record.ts"
import * as Store from "../store/store.ts"
import { executeHere, resultOf } from "./here.ts"
import { Failed } from "./message.ts"
import { stagesFrom } from "./program.ts"

/** What a thread is given at its start. */
export interface ThreadData {
  /** The folder of the build. */
  readonly build: string
  readonly root: string
  /** The folder of the store. */
  readonly store: string
  /** The name of the engine in the store. */
  readonly engine: string
  /** The folder of the store that inputs come from, where that is another one. */
  readonly behind: string | undefined
}

/** What the engine asks of a thread. */
export type Request = { readonly _tag: "Execute"; readonly job: Job } | { readonly _tag: "Stop" }

/** What a thread says to the engine: these values are copied, so that errors have to be encoded. */
export type Reply =
  | { readonly _tag: "Ready"; readonly owner: string }
  | { readonly _tag: "Advanced"; readonly advance: Advance }
  /** It has heard that it is to stop: its stage is not in the way. */
  | { readonly _tag: "Stopping" }
  | { readonly _tag: "Stopped" }
  | { readonly _tag: "Done"; readonly record: ActionRecord }
  | { readonly _tag: "Failed"; readonly failed: typeof Failed.Encoded }

const encodeFailed = Schema.encodeSync(Failed)

/** Executes what the engine asks for in this thread, one action at a time, until the engine ends it. */
export const serve = async (): Promise<void> => {
  const port = parentPort
  if (port === null) throw new Error("a thread is started by the engine, not by hand")
  const { build, root, store: folder, engine, behind } = workerData as ThreadData
  const owner = threadOwner(engine, threadId)
  const opened = behind === undefined ? Store.layer(folder, owner) : Apart.layer({ scratch: folder, behind }, owner)
  const runtime = ManagedRuntime.make(opened.pipe(Layer.provideMerge(Disk.layer)))
  const stageOf = stagesFrom({ build, root })
  const printed = capture()
  const reply = (message: Reply) => port.postMessage(message)

  const finish = Effect.gen(function*() {
    const text = printed.take()
    return { peakMemory: null, log: text === "" ? null : yield* (yield* Store.Store).putBlob(text) }
  })
  const replied = Effect.fnUntraced(function*(exit: Exit.Exit<ActionRecord, StageFailure>, job: Job) {
    const result = resultOf(exit, job)
    if (result._tag !== "Failed" && result._tag !== "Crashed") return reply(result)
    const store = yield* Store.Store
    const disk = yield* Disk.Disk
    const text = printed.take()
    if (text !== "") {
      const path = store.logPath(job.key)
      yield* Effect.ignore(Effect.andThen(disk.makeFolder(dirname(path)), disk.overwrite(path, text)))
    }
    reply({ _tag: "Failed", failed: encodeFailed(result) })
  })
  const executed = Effect.fnUntraced(function*(job: Job) {
    const store = yield* Store.Store
    printed.take()
    const execute = executeHere(stageOf, Effect.provideService(finish, Store.Store, store))
    return yield* execute(job, (advance) => Effect.sync(() => reply({ _tag: "Advanced", advance }))).pipe(
      Effect.onExit((exit) => replied(exit, job)),
    )
  })

  let running: Fiber.Fiber<ActionRecord, StageFailure> | undefined
  listen(port, (request) => {
    if (request._tag === "Execute") running = runtime.runFork(executed(request.job))
    else {
      reply({ _tag: "Stopping" })
      running?.interruptUnsafe()
    }
  })
  reply({ _tag: "Ready", owner })
}

const listen = (port: MessagePort, take: (request: Request) => void): void => {
  port.on("message", take)
}

/** What a stage may print and nobody reads in full. */
const MOST = 1 << 22

/** Keeps what is printed in this thread from the terminal, where it would stand in the middle of other lines. */
const capture = () => {
  let text = ""
  const write = (
    chunk: Uint8Array | string,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean => {
    if (text.length < MOST) text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()
    const written = typeof encoding === "function" ? encoding : done
    if (written !== undefined) queueMicrotask(() => written(null))
    return true
  }
  process.stdout.write = write
  process.stderr.write = write
  return {
    /** What was printed since this was last asked. */
    take: (): string => {
      const taken = text
      text = ""
      return taken
    },
  }
}
