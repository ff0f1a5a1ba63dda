/**
 * All stages of a project as one flat list of top-level declarations, as the build cuts them (pipeline/build/cut.ts).
 *
 * Programs are made of it without a parser; it is kept as JSON beside the build.
 */
export interface Declarations {
  readonly declarations: ReadonlyArray<Declaration>
  readonly symbols: ReadonlyArray<Meaning>
  /** By stage, the symbol of its declaration: the stage itself, or an object that holds its module's exports. */
  readonly stages: Readonly<Record<string, number>>
  /** Packages that are imported for their effects alone; every program imports them. */
  readonly effects: ReadonlyArray<string>
}

/** A top-level statement that declares names. */
export interface Declaration {
  /** The file, below the project. */
  readonly module: string
  /** Its own names, as they are written in the source. */
  readonly names: ReadonlyArray<string>
  /** Its own names as symbols. */
  readonly symbols: ReadonlyArray<number>
  readonly pieces: ReadonlyArray<Piece>
  /** A function declaration is there before anything is evaluated. */
  readonly hoisted: boolean
  /** Whether evaluating it may run the functions that it holds. */
  readonly calls: boolean
  /** Packages and modules of Node that it imports when it runs. */
  readonly loads: ReadonlyArray<string>
  /** Its first line in the linked text, counted from 1. */
  readonly line: number
  /** Lines with something that no program can hold exactly, such as an `import()` of a computed name. */
  readonly coarse: ReadonlyArray<{ readonly line: number; readonly why: string }>
}

/** A piece of a declaration's text, in which local names are canonical already. */
export type Piece =
  | string
  /** A name of another declaration, of this one, or of a package. */
  | { readonly symbol: number; readonly deferred?: true }
  /** The options of a choice. */
  | { readonly choice: string; readonly options: Readonly<Record<string, ReadonlyArray<Piece>>> }

/** What a top-level name means. */
export type Meaning =
  | { readonly _tag: "Declared"; readonly declaration: number }
  /** An export of a package, of Node, of effect or of redag; "*" is all of its exports. */
  | {
    readonly _tag: "Imported"
    readonly from: string
    readonly name: string
    /** What stands behind the import: `with { type: "json" }`. */
    readonly attributes?: string
  }
