import type { ThreadAhead } from "../execute/new-thread.ts"
import type { Declaration } from "../graph/declare.ts"
import type { Experiment } from "../report/experiment.ts"
import type { Changed } from "../status/changed.ts"
import type { Settings } from "./settings.ts"

/** What the build knows of the project, and hands to the program when it starts. */
export interface Program {
  readonly load: () => Promise<{ readonly default: Experiment }>
  readonly root: string
  /** The folder of this build. */
  readonly build: string
  /** The file that this program was started from. */
  readonly program: string
}

/** A program that has started; its settings are read once, since that takes over what `.env` sets. */
export interface Started extends Program {
  /** Throws an InputError, each time it is asked. */
  readonly settings: () => Settings
  /** What a profile declares, where its function has run already: it is the user's code, and runs once. */
  readonly declaration?: Declaration
  /** What of it a run has to look at, where that is only some of the nodes. */
  readonly changed?: Changed
  /** A thread that was started for a stage of what changed. */
  readonly ahead?: ThreadAhead
}
