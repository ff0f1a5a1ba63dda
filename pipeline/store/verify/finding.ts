/** The kinds of files that a store has, in the order in which they are checked. */
export const kinds = [
  "record",
  "object",
  "code",
  "heads",
  "run log",
  "conflict",
  "accepted change",
  "pin",
  "signature",
  "release",
  "unfinished work",
  "partial object",
  "reply",
  "suspect",
  "job",
  "batch",
  "task log",
  "printed log",
  "lease",
  "process",
  "remote mark",
  "index",
  "temporary file",
  "quarantine",
  "pack",
  "store",
] as const
export type Kind = (typeof kinds)[number]

/** Something about a file of the store that is worth saying. */
export interface Finding {
  /**
   * - `damaged`: it is not what was written
   * - `unreadable`: the disk does not give its bytes: they may be lost, or there again once the disk is mended
   * - `incomplete`: it is what was written, and something that it names is not there
   * - `foreign`: no redag of this version wrote it, and it is never opened or used
   * - `note`: it is as it should be, and says something about the store
   */
  readonly state: "damaged" | "unreadable" | "incomplete" | "foreign" | "note"
  readonly kind: Kind
  /** Below the folder of the store. */
  readonly path: string
  /** The end of a sentence that begins with the file. */
  readonly problem: string
  /** Which version of the file was looked at; undefined where that does not matter. */
  readonly version?: string
}

/** What was checked of one kind. */
export interface Checked {
  readonly files: number
  readonly bytes: number
}

/** What a check of a store came to. */
export interface Report {
  readonly checked: ReadonlyMap<Kind, Checked>
  readonly findings: ReadonlyArray<Finding>
}

/** What a report comes to: damage weighs more than what is foreign. */
export type Verdict = "sound" | "damaged" | "foreign"

export const verdictOf = ({ findings }: Report): Verdict =>
  findings.some(({ state }) => state === "damaged" || state === "unreadable" || state === "incomplete")
    ? "damaged"
    : findings.some(({ state }) => state === "foreign")
    ? "foreign"
    : "sound"
