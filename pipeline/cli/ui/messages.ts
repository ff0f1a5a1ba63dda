/**
 * What travels between `dag ui` and its page, as JSON. Only types are imported here, of files without imports: the page
 * is checked with the types of a browser, the rest of redag with those of Node.
 */
import type { PageContent } from "../../report/pages.ts"

export type { Block, Link, PageContent, Piece } from "../../report/pages.ts"

/** What is answered to a request, by the first part of its path: `/api/NAME/…`. */
export interface Answers {
  readonly project: ProjectMessage
  readonly graph: GraphMessage
  readonly select: SelectionMessage
  readonly node: NodeMessage
  readonly source: SourceMessage
  readonly log: LogMessage
  readonly table: TableMessage
  readonly diff: DiffMessage
  readonly page: PageContent
  readonly runs: RunsMessage
  readonly run: RunMessage
  readonly files: FilesMessage
  readonly file: FileMessage
  readonly "what-if": WhatIfMessage
  readonly started: StartedMessage
  readonly start: StartedMessage
  readonly cancel: StartedMessage
}

/** How a node stands; the page draws each in a colour and a shape. */
export type NodeState =
  | "fresh"
  | "will-run"
  | "may-run"
  | "missing"
  | "blocked"
  | "unneeded"
  | "running"
  | "failed"

/** What the page is of. */
export interface ProjectMessage {
  readonly profile: string
  /** The flags that narrow it, as "--models 't5-*'"; empty where there are none. */
  readonly filters: string
  /** Whether the page may start and stop runs. */
  readonly mayRun: boolean
  /** The pages of the experiment, by name, with their titles. */
  readonly pages: ReadonlyArray<{ readonly name: string; readonly title: string }>
}

/** A graph in columns: place `i` of each array is of node `i`; each node stands after those that it takes input from. */
export interface GraphMessage {
  /** Another one means that something changed. */
  readonly version: number
  readonly profile: string
  readonly names: ReadonlyArray<string>
  readonly stages: ReadonlyArray<string>
  /** Places in `stages`. */
  readonly stage: ReadonlyArray<number>
  readonly states: ReadonlyArray<NodeState>
  /** Places in `states`. */
  readonly state: ReadonlyArray<number>
  /** What parts of the names mean: for each node a place in `values`, -1 where it has none. */
  readonly facets: ReadonlyArray<
    { readonly name: string; readonly values: ReadonlyArray<string>; readonly of: ReadonlyArray<number> }
  >
  /** An edge leads from node `from[i]` to node `to[i]`. */
  readonly from: ReadonlyArray<number>
  readonly to: ReadonlyArray<number>
  /** What each node took, or is expected to take, in milliseconds; -1 where that is not known. */
  readonly time: ReadonlyArray<number>
  /** The nodes of the longest way through the graph by these times, its first one first. */
  readonly critical: ReadonlyArray<number>
}

/** The nodes that a selector selects, by their places in the graph. */
export interface SelectionMessage {
  readonly nodes: ReadonlyArray<number>
}

/** A place in a file of the project. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** A param of a node: its path, its value as JSON, and where that is written. */
export interface ParamMessage {
  readonly path: string
  readonly value: string
  readonly origin: Place | null
}

/** One node, all that is known of it. */
export interface NodeMessage {
  readonly name: string
  readonly stage: string
  readonly state: NodeState
  /** Why it would run, or cannot, in sentences; a line that begins with "+" or "-" is part of a difference. */
  readonly why: ReadonlyArray<string>
  readonly key: string | null
  readonly made:
    | {
      readonly started: string
      readonly milliseconds: number
      /** Empty in a page that is handed out. */
      readonly host: string
      readonly commit: string | null
      readonly cpu: number
      readonly memory: number
      readonly counts: ReadonlyArray<readonly [name: string, count: number]>
      readonly warnings: ReadonlyArray<string>
      /** Sha256 of what it read from files, by their names. */
      readonly files: ReadonlyArray<readonly [name: string, digest: string]>
    }
    | null
  readonly outputs: ReadonlyArray<
    {
      readonly name: string
      readonly artifact: string
      readonly rows: number
      readonly size: number
      readonly digest: string
    }
  >
  readonly params: ReadonlyArray<ParamMessage>
  readonly inputs: ReadonlyArray<{ readonly role: string; readonly node: string; readonly output: string }>
  readonly users: ReadonlyArray<string>
  readonly failure: { readonly run: string; readonly message: string; readonly help: string } | null
  readonly hasLog: boolean
  readonly curves: ReadonlyArray<CurveMessage>
}

export interface CurveMessage {
  readonly title: string
  readonly over: string
  readonly x: ReadonlyArray<number>
  readonly y: ReadonlyArray<number>
}

/** Lines of a file around one. */
export interface SourceMessage extends Place {
  /** The number of the first of `lines`, from 1. */
  readonly first: number
  readonly lines: ReadonlyArray<string>
}

export interface LogMessage {
  readonly text: string
  /** Whether its beginning is left out. */
  readonly isCut: boolean
}

/** A run in the list of runs. */
export interface RunSummary {
  readonly run: string
  readonly started: string
  readonly profile: string
  readonly selectors: ReadonlyArray<string>
  readonly nodes: number
  /** "succeeded", "failed", "interrupted", "damaged"; "running" or "did not end" where the log has no end. */
  readonly outcome: string
  readonly executed: number
  readonly upToDate: number
  readonly failed: number
}

export interface RunsMessage {
  readonly runs: ReadonlyArray<RunSummary>
}

/** A node of a run. */
export interface RunNode {
  readonly node: string
  readonly state: "waiting" | "running" | "done" | "up to date" | "failed" | "missing" | "blocked" | "unneeded"
  /** When it started, and how long it took, in milliseconds. */
  readonly started?: string
  readonly milliseconds?: number
  readonly done?: number
  readonly total?: number
  readonly unit?: string
  readonly note?: string
  /** The last numbers that it said of how it goes, such as a loss. */
  readonly levels?: ReadonlyArray<number>
  readonly message?: string
  readonly cpu?: number
  readonly memory?: number
  readonly gpu?: number
}

export interface RunMessage extends RunSummary {
  readonly own: ReadonlyArray<RunNode>
}

/** What is pushed to the page as it happens. */
export type LiveMessage =
  /** Of a run, the nodes of which something changed. */
  | { readonly _tag: "Run"; readonly run: RunSummary; readonly nodes: ReadonlyArray<RunNode> }
  /** The graph stands otherwise than the version before. */
  | { readonly _tag: "Graph"; readonly version: number }
  /** The profile cannot be read as it is now; what is shown is that of before. */
  | { readonly _tag: "Problem"; readonly message: string; readonly help: string }
  /** The code is not that which the server was started from. */
  | { readonly _tag: "Outdated" }

/** Differences of two runs in sentences. */
export interface DiffMessage {
  readonly before: string
  readonly after: string
  readonly text: string
}

/** Some rows of a table. */
export interface TableMessage {
  readonly node: string
  readonly output: string
  /** Others that made the same bytes, and how many more there are than are named. */
  readonly others: ReadonlyArray<{ readonly node: string; readonly output: string }>
  readonly more: number
  readonly artifact: string
  readonly columns: ReadonlyArray<{ readonly name: string; readonly isNumber: boolean }>
  /** How many rows there are, and how many of them the filter lets through; null where nobody counted those. */
  readonly all: number
  readonly filtered: number | null
  readonly from: number
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>
  /** Where this stops before the end of what matches. */
  readonly next: number | null
}

/** The files of the project that a profile is made of and that can be tried with other texts. */
export interface FilesMessage {
  readonly files: ReadonlyArray<string>
}

export interface FileMessage {
  readonly file: string
  readonly text: string
}

/** What a run would do if a file had another text. */
export interface WhatIfMessage {
  /** Why the text cannot be used. */
  readonly problem: { readonly message: string; readonly line: number | null; readonly help: string } | null
  readonly stages: ReadonlyArray<{ readonly stage: string; readonly willRun: number; readonly mayRun: number }>
  /** Nodes that would run for a reason of their own, and these reasons. */
  readonly changed: ReadonlyArray<{ readonly node: string; readonly why: ReadonlyArray<string> }>
  readonly nodes: number
  /** The time that all of it takes, in words; null where that is not known. */
  readonly time: string | null
}

/** The run that this page started, while it is at work. */
export interface StartedMessage {
  readonly isRunning: boolean
  /** The end of what it printed. */
  readonly text: string
}

/** What the page gets for the token, beside a cookie, and says in each request. */
export interface SessionMessage {
  readonly secret: string
}

export interface ErrorMessage {
  readonly error: { readonly message: string; readonly help: string }
}
