/** A text that may be marked or lead somewhere. */
export interface Piece {
  readonly text: string
  /** Kinds of marks, such as "said" or "wanted". */
  readonly marks?: ReadonlyArray<string>
  readonly link?: Link
}

/** Where a piece leads. */
export type Link =
  | { readonly to: "node"; readonly node: string }
  /** The place where a param of a node is written. */
  | { readonly to: "source"; readonly node: string; readonly path: string }
  | { readonly to: "page"; readonly path: ReadonlyArray<string> }

/** A part of a page that an experiment makes. */
export type Block =
  | { readonly _tag: "Heading"; readonly text: string }
  | { readonly _tag: "Text"; readonly pieces: ReadonlyArray<Piece> }
  /** A long text as it is, with its marks. */
  | { readonly _tag: "Quote"; readonly title: string; readonly pieces: ReadonlyArray<Piece> }
  | { readonly _tag: "List"; readonly items: ReadonlyArray<ReadonlyArray<Piece>> }
  | {
    readonly _tag: "Table"
    readonly title: string
    readonly head: ReadonlyArray<string>
    readonly rows: ReadonlyArray<ReadonlyArray<ReadonlyArray<Piece>>>
  }
  /** What the marks of the page mean. */
  | { readonly _tag: "Key"; readonly marks: ReadonlyArray<readonly [mark: string, meaning: string]> }
  /** The curves of a node. */
  | { readonly _tag: "Curves"; readonly node: string }

/** The pieces of a block, wherever they stand in it. */
export const piecesOf = (block: Block): ReadonlyArray<Piece> => {
  switch (block._tag) {
    case "Text":
    case "Quote":
      return block.pieces
    case "List":
      return block.items.flat()
    case "Table":
      return block.rows.flat(2)
    case "Heading":
    case "Key":
    case "Curves":
      return []
  }
}

/** A page that an experiment makes: of text alone, so that nothing in it is run. */
export interface PageContent {
  readonly title: string
  /** The pages above it. */
  readonly above: ReadonlyArray<Piece>
  readonly blocks: ReadonlyArray<Block>
}

/** What pages are made of: the nodes of the profile that is looked at, and what they last made. */
export interface PageSource {
  readonly profile: string
  /** The nodes that a run has or will have, in the order of the graph. */
  readonly nodes: ReadonlyMap<string, PageNode>
  /** The rows that a node last made; undefined where it made none, or of other columns than it has now. */
  readonly rows: (node: string, output: string) => Promise<ReadonlyArray<object> | undefined>
}

/** A node as far as pages need it. */
export interface PageNode {
  readonly stage: string
  readonly params: object
  /** The nodes and outputs that each input is wired to, by role; files are left out. */
  readonly inputs: Readonly<Record<string, ReadonlyArray<{ readonly node: string; readonly output: string }>>>
  /** What it last made, by output: how many rows; what the stage counted. Undefined where it made nothing yet. */
  readonly made:
    | { readonly rows: Readonly<Record<string, number>>; readonly counts: Readonly<Record<string, number>> }
    | undefined
}

/** Pages of an experiment in `dag ui`, below one word. */
export interface ExperimentPage {
  readonly title: string
  /** The page at a path below that word; the first one has none. Undefined where there is no such page. */
  readonly make: (source: PageSource, path: ReadonlyArray<string>) => Promise<PageContent | undefined>
}
