import { Effect, type Fiber, Layer, ManagedRuntime, Schema } from "effect"
import { dirname } from "node:path"
import { type MessagePort, parentPort, threadId } from "node:worker_threads"
import type { Advance, StageFailure } from "../graph/stage.ts"
import * as Apart from "../store/apart.ts"
import * as Disk from "../store/disk.ts"
import { threadOwner } from "../store/owner.ts"
import type { ActionRecord, Job } from "../store/record.ts"
import * as Store from "../store/store.ts"
import { publishMade } from "./action.ts"
import { failedMessage, resultOf, runHere } from "./here.ts"
import { Failed } from "./message.ts"
import { stagesFrom } from "./program.ts"
import { type Told, toldOf } from "./told.ts"

/** What a thread is told before anything else. */
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
  /** The address of the remote behind the store, where there is one. */
  readonly remote: string | undefined
}

/** The first message to a thread: whose it is. It is asked for nothing before it is ready. */
export interface Begin {
  readonly _tag: "Begin"
  readonly data: ThreadData
}

/** What the engine asks of a thread; it numbers what is to be executed. */
export type Request =
  /**
   * Actions to be executed one after the other, of which the first has this number. `states` says of each where it is,
   * see {@link waits}: both sides may take one that waits.
   */
  | {
    readonly _tag: "Execute"
    readonly first: number
    readonly jobs: ReadonlyArray<Job>
    readonly states: Int32Array<SharedArrayBuffer>
  }
  | { readonly _tag: "Stop"; readonly number: number }

/** Where an action of a thread is: it waits for those before it, it runs, the engine took it back, its stage has ended. */
export const [waits, runs, takenBack, hasEnded] = [0, 1, 2, 3] as const

/** How an action ended. */
export type Ending =
  | { readonly _tag: "Stopped" }
  | { readonly _tag: "Done"; readonly told: Told }
  | { readonly _tag: "Failed"; readonly failed: typeof Failed.Encoded }
  /** One before it failed: whether it is still to be executed, the engine decides. */
  | { readonly _tag: "NotBegun" }

/** What a thread says to the engine: these values are copied, so that errors have to be encoded. */
export type Reply =
  | { readonly _tag: "Ready"; readonly owner: string }
  | { readonly _tag: "Advanced"; readonly number: number; readonly advance: Advance }
  /** It has heard that an action is to stop: its stage is not in the way. */
  | { readonly _tag: "Stopping"; readonly number: number }
  /**
   * The stages of all that it was asked for, `after` so many lots, have ended; some of it may still be on its way to the
   * disk.
   */
  | { readonly _tag: "Idle"; readonly after: number }
  | { readonly _tag: "Ended"; readonly endings: ReadonlyArray<readonly [number: number, ending: Ending]> }

const encodeFailed = Schema.encodeSync(Failed)

/**
 * Executes what the engine asks for in this thread, until the engine ends it. One stage runs at a time; what it made is
 * forced to the disk beside the next ones, with what those make.
 */
export const serve = async (): Promise<void> => {
  const port = parentPort
  if (port === null) throw new Error("a thread is started by the engine, not by hand")
  const { data: { build, root, store: folder, engine, behind, remote } } = await new Promise<Begin>((begin) =>
    port.once("message", begin)
  )
  const owner = threadOwner(engine, threadId)
  const opened = behind === undefined
    ? Store.layer(folder, owner, remote)
    : Apart.layer({ scratch: folder, behind, remote }, owner)
  const runtime = ManagedRuntime.make(opened.pipe(Layer.provideMerge(Disk.layer)))
  const stageOf = stagesFrom({ build, root })
  const printed = capture()
  const reply = (message: Reply) => port.postMessage(message)

  const finish = Effect.gen(function*() {
    const text = printed.take()
    return { peakMemory: null, log: text === "" ? null : yield* (yield* Store.Store).putBlob(text) }
  })
  /** What the stage of an action that failed printed. */
  const saveLog = Effect.fnUntraced(function*({ key }: Job) {
    const store = yield* Store.Store
    const disk = yield* Disk.Disk
    const text = printed.take()
    if (text === "") return
    const path = store.logPath(key)
    yield* Effect.ignore(Effect.andThen(disk.makeFolder(dirname(path)), disk.overwrite(path, text)))
  })
  const executed = Effect.fnUntraced(function*({ number, job, states, at }: Task, stageEnded: () => void) {
    const store = yield* Store.Store
    printed.take()
    const run = runHere(stageOf, Effect.provideService(finish, Store.Store, store))
    const made = yield* run(job, (advance) => Effect.sync(() => reply({ _tag: "Advanced", number, advance }))).pipe(
      Effect.tapCause((cause) => (failedMessage(cause, job) === undefined ? Effect.void : saveLog(job))),
      Effect.ensuring(Effect.sync(() => {
        Atomics.store(states, at, hasEnded)
        stageEnded()
      })),
    )
    return yield* publishMade(made)
  })

  const endings: Array<readonly [number: number, ending: Ending]> = []
  /** What ends in one turn is told of in one message: each wakes the engine. */
  const end = (number: number, ending: Ending): void => {
    if (endings.push([number, ending]) > 1) return
    setImmediate(() => reply({ _tag: "Ended", endings: endings.splice(0) }))
  }
  const queue: Array<Task> = []
  const running = new Map<number, Fiber.Fiber<ActionRecord, StageFailure>>()
  let isIdle = true
  let lots = 0
  const begin = (task: Task): void => {
    const { number, job } = task
    // In its own turn, so that the engine is heard between two stages.
    const fiber = runtime.runFork(executed(task, () => setImmediate(next)))
    running.set(number, fiber)
    fiber.addObserver((exit) => {
      running.delete(number)
      const result = resultOf(exit, job)
      if (result._tag === "Failed" || result._tag === "Crashed") {
        for (const { states, at } of queue) Atomics.compareExchange(states, at, waits, takenBack)
        for (const each of queue.splice(0)) end(each.number, { _tag: "NotBegun" })
        return end(number, { _tag: "Failed", failed: encodeFailed(result) })
      }
      if (result._tag === "Stopped") return end(number, result)
      end(number, { _tag: "Done", told: toldOf(result.record, job) })
    })
  }
  /** Begins what comes next, but for what the engine has taken back. */
  const next = (): void => {
    const task = queue.shift()
    if (task === undefined) {
      isIdle = true
      return reply({ _tag: "Idle", after: lots })
    }
    if (Atomics.compareExchange(task.states, task.at, waits, runs) === waits) begin(task)
    else next()
  }

  listen(port, (request) => {
    if (request._tag === "Execute") {
      const { first, jobs, states } = request
      lots++
      queue.push(...jobs.map((job, at) => ({ number: first + at, job, states, at })))
      if (!isIdle) return
      isIdle = false
      return next()
    }
    const { number } = request
    reply({ _tag: "Stopping", number })
    running.get(number)?.interruptUnsafe()
  })
  const { expectMore } = await runtime.runPromise(Store.Store)
  expectMore(() => queue.length > 0)
  reply({ _tag: "Ready", owner })
}

/** An action that is to be executed, and its place in the states of those that it came with. */
interface Task {
  readonly number: number
  readonly job: Job
  readonly states: Int32Array<SharedArrayBuffer>
  readonly at: number
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
