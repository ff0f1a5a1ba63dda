import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import {
  decodeFromEngine,
  encodeToEngine,
  engineVariable,
  type FromEngine,
  type HeldExecution,
  type ToEngine,
} from "./messages.ts"

/** The end of what an engine prints is kept: a bug may print without end. */
const MOST = 1 << 16

/** A process that plans and runs for `dag watch`, of the code that the project had when it was started. */
export class EngineProcess {
  /** What it printed on standard error, which is why it could not begin, where it could not. */
  printed = ""
  /** Whether it has a plan. */
  hasPlan = false
  /** The paths that it wants to be watched. */
  paths: ReadonlyArray<string> = []
  /** What it goes on with after it was retired. */
  held: ReadonlyArray<HeldExecution> = []
  readonly ended: Promise<unknown>
  readonly #child: ChildProcess

  /** `launcher` is the program of `dag`, which builds the project where its code changed. */
  constructor(
    launcher: string,
    environment: NodeJS.ProcessEnv,
    hear: (engine: EngineProcess, message: FromEngine) => void,
    ended: (engine: EngineProcess) => void,
  ) {
    this.#child = fork(launcher, process.argv.slice(2), {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { ...environment, [engineVariable]: "1" },
      // Ctrl-C is for the command, which stops its engines.
      detached: true,
    })
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.printed = (this.printed + text).slice(-MOST)
    })
    this.#child.on("message", (raw) => {
      const message = decodeFromEngine(raw)
      if (message !== undefined) hear(this, message)
    })
    // One that cannot be started closes nothing.
    this.#child.on("error", (cause) => {
      this.printed += cause.message
    })
    this.ended = Promise.race([once(this.#child, "close"), once(this.#child, "error")]).catch(() => undefined)
    void this.ended.then(() => ended(this))
  }

  send(message: ToEngine): void {
    if (this.#child.connected) this.#child.send(encodeToEngine(message), () => undefined)
  }

  /** Lets it end by itself: what it executes saves what it has done. */
  letGo(): void {
    this.#child.kill("SIGTERM")
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill("SIGKILL")
  }
}
