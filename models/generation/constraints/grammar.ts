/** What a name must not bring about: `text` in `left`, name and `right` together, where it takes at least one unit of the name. */
export interface Guard {
  readonly text: string
  /** What stands before the name, as far as it counts. */
  readonly left: string
  /** What stands behind the name, as far as it counts. */
  readonly right: string
}

/** The text is complete. */
export const END = -1

/** A part of a text: words as they are, or a name that stands in the source; then one of the segments of `next`, or `END`. */
export type Segment =
  | { readonly _tag: "Words"; readonly text: string; readonly next: readonly number[] }
  | { readonly _tag: "Name"; readonly guards: readonly Guard[]; readonly next: readonly number[] }

/** The texts that a constraint allows: those that begin with a segment of `starts` and reach `END`. Words are never empty. */
export interface Grammar {
  readonly segments: readonly Segment[]
  readonly starts: readonly number[]
}
