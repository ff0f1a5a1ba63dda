import type { Digest } from "../base/digest.ts"
import type { Absent } from "../status/absent.ts"
import type { Lineage } from "../status/lineage.ts"
import type { ActionRecord } from "../store/record.ts"
import type { NodeCurves } from "./curves.ts"
import type { Numbers } from "./proof/proof.ts"

/** The tables of the node that holds the results, by output; the rows are those of their artifacts. */
export type Tables = Readonly<Record<string, ReadonlyArray<object>>>

/** What a report may say of where its numbers came from. */
export interface Provenance {
  readonly profile: string
  /** The flags by which commands look at the same: "--profile demo --models 't5-*'"; empty where that is the default. */
  readonly flags: string
  /** Whether nothing that the results depend on has changed since; otherwise they are as they were last computed. */
  readonly upToDate: boolean
  /** The nodes whose results are not in them, and why. */
  readonly absent: ReadonlyArray<Absent>
  /** What the results depend on that stands on a change that a user accepted, and the reasons given. */
  readonly accepted: ReadonlyArray<{ readonly node: string; readonly reason: string }>
  /** What each node last was, by name. */
  readonly records: ReadonlyMap<string, ActionRecord>
  /** The digest over all that the results were made by, see docs/audit.md; undefined where there are none yet. */
  readonly root: () => Digest | undefined
  /** Every action that a node depends on, its own first; empty for a node that never ran. */
  readonly lineage: (node: string) => Promise<Lineage>
  /**
   * By name, the nodes that make curves, in the order of the graph: what each made, or made so far; undefined where
   * nothing is there. They are read when they are asked for, since those of all nodes may be many.
   */
  readonly curves: ReadonlyMap<string, () => Promise<NodeCurves | undefined>>
}

/** A file's content, made when it is wanted. */
export type Made = () => Promise<string | Uint8Array>

/** Which rows say the numbers of a cell, and which of their columns are shown. */
export type ShownRows = Omit<Numbers, "node">

/** A cell of the results, as `dag prove` proves it. */
export interface ProvedCell {
  /** The beginning of the names of the nodes that make its numbers. */
  readonly nodes: string
  /** In what each of these makes. */
  readonly numbers: ShownRows
  /** In what the node that holds the results makes. */
  readonly inTable: ShownRows
}

/** How an experiment shows its results. */
export interface ResultsView {
  /** The node that holds them. */
  readonly node: string
  // Methods, so that they may take the rows of their own artifacts.
  /** For a terminal of so many columns; elsewhere, where no width is given, as wide as it comes. */
  text(tables: Tables, provenance: Provenance, width?: number): string
  /** The files that `dag results --to` writes, by name. */
  files(tables: Tables, provenance: Provenance): Readonly<Record<string, Made>>
  /** Which of the files is the page that `dag results --html` writes. */
  readonly page: string
  /** What differs between two states of the results, for a terminal; undefined where nothing does. */
  compare(before: Tables, after: Tables): string | undefined
  /** Selectors of the nodes whose results are the best of each kind: `dag gc --checkpoints best` keeps what they were made with. */
  best?(tables: Tables): ReadonlyArray<string>
  /** What the numbers do not show, of the cells that the user names, or of all: `dag results --details [CELL]`. */
  readonly details?: {
    /** The rows of the named cells, by output, for `--json`; throws an InputError where the name is of no cell. */
    rows(tables: Tables, cell: string | undefined): Tables
    /** The same for a terminal of so many columns; `flags` are those of the provenance. */
    text(tables: Tables, cell: string | undefined, width?: number, flags?: string): string
  }
  /** The cell that `dag prove CELL` names; throws an InputError where it is of none. */
  cell?(tables: Tables, name: string): ProvedCell
  /** What the best possible results are: the rows of one output of all nodes of a stage. */
  readonly ceilings: { readonly stage: string; readonly output: string; text(rows: ReadonlyArray<object>): string }
}
