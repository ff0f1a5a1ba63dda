/** A task as far as its memory depends on it. */
export interface Task {
  readonly kind: "training" | "generation"
  readonly modelType: string
  readonly parameters: number
  /** Texts side by side, with so many beams each. */
  readonly batch: number
  readonly beams: number
  /** Tokens of the longest source, and of the longest target. */
  readonly source: number
  readonly target: number
}
