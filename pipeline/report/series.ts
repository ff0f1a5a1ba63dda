/**
 * Which columns of an artifact are curves, and the column that they run along. It is declared with the experiment and
 * not with the stage: what is drawn of a training is no reason to train again.
 */
export interface Series {
  readonly over: string
  /** The columns, each with its title. */
  readonly of: Readonly<Record<string, string>>
}

/** The series of an experiment, by the name of the artifact. */
export type SeriesByArtifact = Readonly<Record<string, Series>>
