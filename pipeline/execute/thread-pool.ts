import type { Worker } from "node:worker_threads"
import type { Advance } from "../graph/stage.ts"
import type { Job } from "../store/record.ts"
import type { Lane } from "./executor.ts"
import { newThread, type ThreadAhead } from "./new-thread.ts"
import {
  type Begin,
  type Ending,
  hasEnded,
  type Reply,
  type Request,
  runs,
  takenBack,
  type ThreadData,
  waits,
} from "./thread.ts"

/** How long a thread that has heard that it is to stop may take to do so, and how long one may take to hear, in ms. */
const TO_STOP = 10_000
const TO_HEAR = 1000

/** For how long one thread is given all that there is to execute before another is started, in ms. */
const SHORT_WORK = 100

/** How an execution in a thread ended. */
export type WorkEnding =
  | Ending
  /** The thread itself ended. */
  | { readonly _tag: "Ended"; readonly cause: unknown; readonly code: number }

/** An action that is to be executed, and whoever waits for it. */
export interface Work {
  readonly job: Job
  /** Works of one lane are executed one after the other; what has none of its own has its lane to itself. */
  readonly lane: Lane
  readonly advanced: (advance: Advance) => void
  /** Says that it has run for a while, once. */
  readonly begun: () => void
  ended: (ending: WorkEnding) => void
}

/** Works that a thread was given in one message. */
interface Lot {
  readonly first: number
  readonly works: ReadonlyArray<Work>
  readonly states: Int32Array<SharedArrayBuffer>
}

/** A thread, and what it executes. */
interface Thread {
  readonly worker: Worker
  /** By number, what has not ended. */
  readonly works: Map<number, Work>
  lots: Array<Lot>
  /** Whose works its stages run for. */
  lane: Lane | undefined
  /** How many lots it was ever given. */
  given: number
  /** The numbers of those that it has heard to stop. */
  readonly hears: Set<number>
  /** What ran when it was last looked at. */
  seen: number | undefined
}

/** Threads of one program: idle ones, those at work, and those that are being started. */
export class ThreadPool {
  /** By whose names the threads that ever ran here write their temporary files. */
  readonly owners = new Set<string>()
  readonly #data: ThreadData
  readonly #most: number
  readonly #ahead: ThreadAhead | undefined
  readonly #living = new Set<Thread>()
  readonly #idle: Array<Thread> = []
  /** What no thread has yet, by lane. */
  readonly #waiting = new Map<Lane, Array<Work>>()
  readonly #atWork = new Map<Lane, Thread>()
  readonly #stopping = new Set<Work>()
  /** What was given to a thread again because its first one ended. */
  readonly #again = new WeakSet<Work>()
  #numbers = 0
  #starting = 0
  #another: NodeJS.Timeout | undefined
  #looks: NodeJS.Timeout | undefined
  #isAsked = false
  #isClosed = false

  constructor(data: ThreadData, most: number, ahead?: ThreadAhead) {
    this.#data = data
    this.#most = most
    this.#ahead = ahead
  }

  /** Executes an action as soon as there is a thread for it. */
  execute(work: Work): void {
    this.#put(work)
    if (this.#isAsked) return
    this.#isAsked = true
    // What is asked for in one turn is sent in one message.
    queueMicrotask(() => {
      this.#isAsked = false
      this.#lend()
    })
  }

  /** Stops an action, and ends its thread where that does not stop. */
  async stop(work: Work): Promise<void> {
    if (this.#takeOut(work)) return
    const found = this.#find(work)
    if (found === undefined) return
    const { thread, number, lot } = found
    if (Atomics.compareExchange(lot.states, number - lot.first, waits, takenBack) === waits) {
      thread.works.delete(number)
      return
    }
    this.#stopping.add(work)
    await new Promise<void>((done) => {
      const end = () => void thread.worker.terminate()
      const hear = setTimeout(() => thread.hears.has(number) || end(), TO_HEAR)
      const kill = setTimeout(end, TO_STOP)
      work.ended = () => {
        clearTimeout(hear)
        clearTimeout(kill)
        done()
      }
      this.#post(thread, { _tag: "Stop", number })
    })
    this.#stopping.delete(work)
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#another)
    clearInterval(this.#looks)
    await Promise.all([...this.#living].map(({ worker }) => worker.terminate()))
  }

  /** Starts a thread, for whatever there will be to execute. */
  start(): void {
    const worker = this.#ahead?.() ?? newThread(this.#data.build)
    const thread: Thread = {
      worker,
      works: new Map(),
      lots: [],
      lane: undefined,
      given: 0,
      hears: new Set(),
      seen: undefined,
    }
    this.#living.add(thread)
    this.#starting++
    let isReady = false
    const started = () => {
      if (!isReady) this.#starting--
      isReady = true
    }
    let cause: unknown
    worker.on("message", (reply: Reply) => {
      switch (reply._tag) {
        case "Ready":
          this.owners.add(reply.owner)
          started()
          this.#free(thread)
          break
        case "Idle":
          // Unless it was given another lot meanwhile.
          if (reply.after === thread.given) this.#free(thread)
          break
        case "Advanced":
          thread.works.get(reply.number)?.advanced(reply.advance)
          break
        case "Stopping":
          thread.hears.add(reply.number)
          break
        case "Ended":
          for (const [number, ending] of reply.endings) this.#end(thread, number, ending)
          thread.lots = thread.lots.filter(({ first, works }) => works.some((_, at) => thread.works.has(first + at)))
      }
    })
    worker.on("error", (thrown: unknown) => {
      cause = thrown
    })
    worker.on("exit", (code) => {
      this.#living.delete(thread)
      const at = this.#idle.indexOf(thread)
      if (at >= 0) this.#idle.splice(at, 1)
      if (thread.lane !== undefined) this.#atWork.delete(thread.lane)
      // One that cannot even start would not the next time either.
      if (!isReady) this.#next()?.ended({ _tag: "Ended", cause, code })
      started()
      this.#ended(thread, { _tag: "Ended", cause, code })
      this.#lend()
    })
    this.#post(thread, { _tag: "Begin", data: this.#data })
  }

  #post({ worker }: Thread, request: Begin | Request): void {
    worker.postMessage(request, [])
  }

  #put(work: Work): void {
    const known = this.#waiting.get(work.lane)
    if (known === undefined) this.#waiting.set(work.lane, [work])
    else known.push(work)
  }

  #takeOut(work: Work): boolean {
    const works = this.#waiting.get(work.lane) ?? []
    const at = works.indexOf(work)
    if (at < 0) return false
    works.splice(at, 1)
    if (works.length === 0) this.#waiting.delete(work.lane)
    return true
  }

  /** The first work that no thread has, which is then waiting no more. */
  #next(): Work | undefined {
    for (const [work] of this.#waiting.values()) if (work !== undefined && this.#takeOut(work)) return work
    return undefined
  }

  #find(work: Work): { readonly thread: Thread; readonly number: number; readonly lot: Lot } | undefined {
    for (const thread of this.#living) {
      for (const lot of thread.lots) {
        const at = lot.works.indexOf(work)
        if (at >= 0 && thread.works.has(lot.first + at)) return { thread, number: lot.first + at, lot }
      }
    }
    return undefined
  }

  /** The lanes with something to do that no thread is at. */
  #lanes(): ReadonlyArray<Lane> {
    return [...this.#waiting.keys()].filter((lane) => !this.#atWork.has(lane))
  }

  #free(thread: Thread): void {
    if (thread.lane !== undefined) this.#atWork.delete(thread.lane)
    thread.lane = undefined
    if (!this.#idle.includes(thread)) this.#idle.push(thread)
    this.#lend()
  }

  #lend(): void {
    for (const lane of this.#waiting.keys()) {
      // What comes to a lane that a thread is at goes there at once, so that it need not ask.
      const thread = this.#atWork.get(lane) ?? this.#idle.pop()
      if (thread !== undefined) this.#give(thread, lane)
    }
    this.#want()
  }

  /** Gives a thread all that waits in a lane. */
  #give(thread: Thread, lane: Lane): void {
    const works = this.#waiting.get(lane) ?? []
    this.#waiting.delete(lane)
    this.#atWork.set(lane, thread)
    thread.lane = lane
    thread.given++
    const lot: Lot = {
      first: this.#numbers,
      works,
      states: new Int32Array(new SharedArrayBuffer(4 * works.length)),
    }
    this.#numbers += works.length
    thread.lots.push(lot)
    for (const [at, work] of works.entries()) thread.works.set(lot.first + at, work)
    this.#post(thread, { _tag: "Execute", first: lot.first, jobs: works.map(({ job }) => job), states: lot.states })
    this.#looks ??= setInterval(() => this.#look(), SHORT_WORK).unref()
  }

  /** Sees to it that there is another thread soon, where there is work for one. */
  #want(): void {
    if (this.#isClosed || this.#living.size >= this.#most) return
    const wanted = this.#lanes().length
    if (wanted <= this.#starting) return
    if (this.#living.size === 0) this.start()
    else if (this.#starting === 0) this.#another ??= setTimeout(() => this.#startAnother(), SHORT_WORK)
  }

  /** Trivial work is over before another thread has started, which takes all processors a while. */
  #startAnother(): void {
    this.#another = undefined
    if (this.#lanes().length > this.#starting && this.#living.size < this.#most) this.start()
    this.#lend()
  }

  /** Where one work runs for long, those behind it are given back: there may be room for them elsewhere. */
  #look(): void {
    for (const thread of this.#living) {
      const running = runningOf(thread)
      const isLong = running !== undefined && running === thread.seen
      thread.seen = running
      if (!isLong) continue
      thread.works.get(running)?.begun()
      const behind = thread.lane === undefined ? undefined : this.#waiting.get(thread.lane)
      for (const work of behind?.splice(0) ?? []) work.ended({ _tag: "NotBegun" })
      if (thread.lane !== undefined) this.#waiting.delete(thread.lane)
      for (const { first, states } of thread.lots) {
        for (let at = 0; at < states.length; at++) {
          const isBack = Atomics.compareExchange(states, at, waits, takenBack) === waits
          if (isBack) this.#end(thread, first + at, { _tag: "NotBegun" })
        }
      }
    }
    if ([...this.#living].some(({ works }) => works.size > 0)) return
    clearInterval(this.#looks)
    this.#looks = undefined
  }

  #end(thread: Thread, number: number, ending: WorkEnding): void {
    const work = thread.works.get(number)
    thread.works.delete(number)
    thread.hears.delete(number)
    work?.ended(ending)
  }

  /**
   * What a thread ran last has ended with it, be it that its outputs were on their way to the disk: nothing else can have
   * ended the thread. What it had not begun comes again, and what it published meanwhile does once.
   */
  #ended(thread: Thread, ending: WorkEnding): void {
    const left = thread.lots.flatMap(({ first, works, states }) =>
      works.flatMap((work, at) =>
        thread.works.has(first + at) ? [{ work, number: first + at, state: Atomics.load(states, at) }] : []
      )
    )
    const last = left.findLast(({ state }) => state === runs || state === hasEnded)
    const again: Array<Work> = []
    for (const { work, number, state } of left) {
      const isSecond = state === hasEnded && this.#again.has(work)
      if (number === last?.number || isSecond || this.#stopping.has(work) || this.#isClosed) {
        this.#end(thread, number, ending)
        continue
      }
      if (state === hasEnded) this.#again.add(work)
      again.push(work)
    }
    for (const work of again) this.#put(work)
  }
}

/** The number of what runs in a thread now. */
const runningOf = ({ lots }: Thread): number | undefined => {
  for (const { first, states } of lots) {
    const at = states.indexOf(runs)
    if (at >= 0) return first + at
  }
  return undefined
}
