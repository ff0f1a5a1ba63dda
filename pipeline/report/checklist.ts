import type { Executed } from "./provenance/facts.ts"

/** A question of a reproducibility checklist, and what the store knows. */
export interface ChecklistItem {
  readonly asks: string
  /** A sentence each; none where nothing that ran says it. */
  readonly says: ReadonlyArray<string>
  /** The nodes that it comes from. */
  readonly nodes: ReadonlyArray<string>
}

/** Answers what conferences ask of an experiment, from what was executed. */
export type Checklist = (provenance: Executed) => ReadonlyArray<ChecklistItem>
