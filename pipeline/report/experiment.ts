import type { Check, Finding } from "../doctor/check.ts"
import type { Installable } from "../doctor/installable.ts"
import type { Profiles } from "../graph/builder.ts"
import type { Exports } from "./exports.ts"
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
  readonly of: (nodes: ReadonlyArray<Concerned>, findings: ReadonlyMap<string, Finding>) => Notice
}

/** A node as far as a notice depends on it; `memory` in MiB. */
export interface Concerned {
  readonly params: object
  readonly resources: { readonly memory: number }
  /** Rows that it is expected to make, where it says so. */
  readonly rows?: number
  /** What the nodes that it takes input from counted, each that is up to date. */
  readonly counts?: ReadonlyArray<Readonly<Record<string, number>>>
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
