import { EngineProcess } from "./engine-process.ts"
import type { FromEngine } from "./messages.ts"

type Message<Tag extends FromEngine["_tag"]> = Extract<FromEngine, { readonly _tag: Tag }>

/** What whoever shows a watch is told. */
export interface Shown {
  /** The first plan of all; gives whether it may begin. */
  readonly first: (planned: Message<"Planned">) => Promise<boolean>
  readonly planned: (planned: Message<"Planned">) => void
  readonly building: () => void
  /** Why there is no engine of the code as it is now, in the words of the build. */
  readonly broken: (printed: string) => void
  readonly problem: (problem: Message<"Problem">) => void
  /** What was wrong is not any more. */
  readonly repaired: () => void
  readonly happened: (happened: Message<"Happened">) => void
  readonly hashing: (hashing: Message<"Hashing">) => void
  readonly stopping: (stopping: Message<"Stopping">) => void
  readonly settled: (settled: Message<"Settled">) => void
  /** These paths, and no others, are to be watched. */
  readonly watched: (paths: ReadonlyArray<string>) => void
  /** Whether nothing that happens to any of these paths is missed now. */
  readonly sees: (paths: ReadonlyArray<string>) => boolean
  /** The watch ends: there was no first plan, or it was not to begin; `printed` is why, where something is wrong. */
  readonly ended: (wrong: { readonly printed: string } | Message<"Problem"> | undefined) => void
}

/**
 * The engines of a watch. An edit of data is planned by the engine that there is; one of code needs another:
 *
 *     coming ── planned ──▶ front ── outdated ──▶ front and coming ── planned ──▶ retired and front
 *       │                                              │                             │
 *     does not build                             does not build               its executions end
 *       ▼                                              ▼                             ▼
 *     the watch ends                          broken: front goes on                 gone
 *                                             until the next change
 *
 * The one in front runs. It is retired once the next knows what is to be done: it begins nothing more, what it executes
 * goes on, and the next says what of that nobody wants any more.
 */
export class Engines {
  readonly #start: () => EngineProcess
  readonly #shown: Shown
  readonly #living = new Set<EngineProcess>()
  readonly #retired = new Set<EngineProcess>()
  #front: EngineProcess | undefined
  #coming: EngineProcess | undefined
  /** The one in front that was asked to retire, for the one that comes. */
  #leaving: EngineProcess | undefined
  /** Whether the code as it is now does not build, or cannot be planned: only an engine of it can say that it is repaired. */
  #isCodeWrong = false
  /** Whether the one in front, which may be of older code, cannot plan. */
  #isFrontWrong = false
  #hasBegun = false
  #isAsking = false
  #changedSince = false
  #isClosing = false

  constructor(launcher: string, environment: NodeJS.ProcessEnv, shown: Shown) {
    this.#shown = shown
    this.#start = () =>
      new EngineProcess(
        launcher,
        environment,
        (engine, message) => this.#hear(engine, message),
        (engine) => this.#gone(engine),
      )
    process.once("exit", () => {
      for (const engine of this.#living) engine.kill()
    })
    this.#startComing()
  }

  /** Paths changed; none where all are to be looked at. */
  changed(paths: ReadonlyArray<string>): void {
    if (this.#isClosing) return
    this.#changedSince = true
    const message = { _tag: "Changed", paths } as const
    this.#front?.send(message)
    this.#coming?.send(message)
    if (this.#front === undefined && this.#coming === undefined) this.#startComing()
  }

  /** Whether an engine that was retired executes what has this key. */
  executes(key: string): boolean {
    return [...this.#retired].some(({ held }) => held.some((each) => each.key === key))
  }

  /** Stops all engines; what they execute saves what it has done. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const engine of this.#living) engine.letGo()
    await Promise.all([...this.#living].map(({ ended }) => ended))
  }

  #startComing(): void {
    this.#changedSince = false
    this.#coming = this.#start()
    this.#living.add(this.#coming)
    if (this.#hasBegun) this.#shown.building()
  }

  #hear(engine: EngineProcess, message: FromEngine): void {
    if (this.#isClosing && message._tag !== "Happened") return
    switch (message._tag) {
      case "Planned":
        engine.hasPlan = true
        if (engine === this.#coming) {
          this.#areWrong(false, false)
          return this.#comes(engine, message)
        }
        if (engine !== this.#front) return
        this.#areWrong(this.#isCodeWrong, false)
        return this.#shown.planned(message)
      case "Problem":
        if (engine === this.#coming) this.#isCodeWrong = true
        else if (engine === this.#front) this.#isFrontWrong = true
        if (!this.#hasBegun) return this.#shown.ended(message)
        return this.#shown.problem(message)
      case "Current":
        if (engine === this.#front && this.#coming === undefined) this.#areWrong(false, this.#isFrontWrong)
        return
      case "Outdated":
        if (engine === this.#coming) {
          engine.letGo()
          this.#startComing()
        } else if (engine === this.#front && this.#coming === undefined) this.#startComing()
        return
      case "Watched":
        engine.paths = message.paths
        this.#watch()
        // It waits for that before its first plan.
        if (engine === this.#coming && !engine.hasPlan && this.#shown.sees(message.paths)) {
          engine.send({ _tag: "Changed", paths: [] })
        }
        return
      case "Happened":
        if (engine === this.#front) this.#shown.happened(message)
        return
      case "Hashing":
        return this.#shown.hashing(message)
      case "Stopping":
        // One that is retired does what the one in front has said already.
        if (!this.#retired.has(engine)) this.#shown.stopping(message)
        return
      case "Ended":
        this.#front?.send({ _tag: "EndedElsewhere", key: message.held.key })
        return
      case "StopElsewhere":
        for (const retired of this.#retired) retired.send({ _tag: "Stop", key: message.key })
        return
      case "Settled":
        if (engine === this.#front) this.#shown.settled(message)
        return
      case "Retired":
        engine.held = message.held
        return this.#retire(engine)
    }
  }

  /** The one that comes has a plan: it begins, once the one in front begins nothing any more. */
  #comes(engine: EngineProcess, message: Message<"Planned">): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true
      this.#isAsking = true
      void this.#ask(engine, message)
      return
    }
    if (this.#isAsking) return
    this.#shown.planned(message)
    if (this.#front === undefined) return this.#promote(engine)
    if (this.#leaving !== undefined) return
    this.#leaving = this.#front
    this.#front.send({ _tag: "Retire" })
  }

  async #ask(engine: EngineProcess, message: Message<"Planned">): Promise<void> {
    const mayBegin = await this.#shown.first(message)
    this.#isAsking = false
    if (!mayBegin) return this.#shown.ended(undefined)
    // The code may have changed while the user thought about it.
    if (this.#coming?.hasPlan === true) this.#promote(this.#coming, engine === this.#coming)
  }

  #promote(engine: EngineProcess, isAgreed = false): void {
    this.#front = engine
    if (this.#coming === engine) {
      this.#coming = undefined
      // What it said last of the code, it said of itself.
      this.#isFrontWrong = this.#isCodeWrong
      this.#isCodeWrong = false
    }
    engine.send({ _tag: "Begin", held: [...this.#retired].flatMap(({ held }) => held), isAgreed })
    this.#watch()
  }

  #retire(engine: EngineProcess): void {
    this.#leaving = undefined
    this.#retired.add(engine)
    if (this.#front === engine) this.#front = undefined
    // The one for which it left may have become outdated meanwhile; the one after that comes as soon as it has a plan.
    if (this.#coming?.hasPlan === true) this.#promote(this.#coming)
  }

  #gone(engine: EngineProcess): void {
    this.#living.delete(engine)
    if (this.#retired.delete(engine)) {
      for (const { key } of engine.held) this.#front?.send({ _tag: "EndedElsewhere", key })
    }
    if (this.#isClosing) return
    if (engine === this.#leaving) {
      this.#leaving = this.#front = undefined
      if (this.#coming?.hasPlan === true) this.#promote(this.#coming)
      return
    }
    const isComing = engine === this.#coming
    if (!isComing && engine !== this.#front) return
    if (isComing) this.#coming = undefined
    else this.#front = undefined
    if (!this.#hasBegun) return this.#shown.ended({ printed: engine.printed })
    this.#isCodeWrong = true
    if (!isComing) this.#isFrontWrong = false
    this.#shown.broken(engine.printed)
    // What changed while it was built may have repaired it.
    if (isComing && this.#changedSince) this.#startComing()
  }

  #areWrong(code: boolean, front: boolean): void {
    const wasWrong = this.#isCodeWrong || this.#isFrontWrong
    this.#isCodeWrong = code
    this.#isFrontWrong = front
    if (wasWrong && !code && !front) this.#shown.repaired()
  }

  #watch(): void {
    const paths = new Set([...this.#front?.paths ?? [], ...this.#coming?.paths ?? []])
    if (paths.size > 0) this.#shown.watched([...paths].toSorted())
  }
}
