import type { Effect } from "effect"
import type { StoreError } from "../base/errors.ts"
import type { Check, Finding } from "../doctor/check.ts"
import type { Installable } from "../doctor/installable.ts"
import type { Profiles } from "../graph/builder.ts"
import type { Replies } from "../graph/stage.ts"
import type { Checklist } from "./checklist.ts"
import type { Exports } from "./exports.ts"
import type { MetricsByArtifact } from "./metrics.ts"
import type { ExperimentPage } from "./pages.ts"
import type { ResultsView } from "./results.ts"
import type { Scoring } from "./scoring.ts"
import type { SeriesByArtifact } from "./series.ts"

/** An experiment: its profiles, and what is shown and tried besides. */
export interface Experiment extends Profiles {
  /**
   * What commands can be told to leave out, by flags of these names, each with its description: "models" is the flag
   * `--models`, whose patterns `dag.kept("models", …)` goes by.
   */
  readonly filters?: Readonly<Record<string, string>>
  /** Where the results are, and how they are shown. */
  readonly results?: ResultsView
  /** Which artifacts are series, such as the steps of a training, and what of them is drawn. */
  readonly series?: SeriesByArtifact
  /** What `dag ui` shows besides the engine's own pages, by the word that their addresses begin with. */
  readonly pages?: Readonly<Record<string, ExperimentPage>>
  /** Which figures of artifacts other programs compare runs by. */
  readonly metrics?: MetricsByArtifact
  /** How `dag checklist` answers. */
  readonly checklist?: Checklist
  /** How results are written for other programs. */
  readonly exports?: Exports
  /** How `dag score` scores files of predictions. */
  readonly scoring?: Scoring
  /** What `dag doctor` tries besides the machine itself, by name; in the order in which it prints them. */
  readonly checks?: Readonly<Record<string, Check>>
  /** What is said before nodes run, each where it concerns any that will, or may. */
  readonly notices?: ReadonlyArray<Noticing>
  /** What `dag engine` installs, by name. */
  readonly engines?: Readonly<Record<string, Installable>>
}

/** Something that is to be known before nodes of some params run; `checks` are those of the experiment that it needs. */
export interface Noticing {
  readonly concerns: (params: object) => boolean
  readonly checks: ReadonlyArray<string>
  /** Whether a yes is for what was planned when it was given, and not for what later edits of a watch want. */
  readonly asksAgain?: boolean
  readonly of: (about: {
    readonly nodes: ReadonlyArray<Concerned>
    readonly findings: ReadonlyMap<string, Finding>
    /** What the store has of replies. */
    readonly replies: Pick<Replies["Service"], "find">
  }) => Effect.Effect<Notice, StoreError>
}

/** A node as far as a notice depends on it; `memory` in MiB. */
export interface Concerned {
  readonly params: object
  readonly resources: { readonly memory: number }
  /** Rows that it is expected to make, where it says so. */
  readonly rows?: number
  /** The rows of the inputs of a role; undefined where not all of them are up to date. */
  readonly rowsOf: (role: string) => Effect.Effect<ReadonlyArray<object> | undefined, StoreError>
}

/** What is said to who runs nodes. */
export interface Notice {
  /** The first says it, the others say why. */
  readonly lines: ReadonlyArray<string>
  /** The same for machines. */
  readonly facts: Readonly<Record<string, unknown>>
  /** Where the nodes do not run without a yes of its own: the question, and the error where nobody can answer it. */
  readonly asks?: { readonly question: string; readonly message: string; readonly help: string }
}

/** Declares an experiment; the default export of `dag.config.ts`. */
export const experiment = (definition: Experiment): Experiment => definition
