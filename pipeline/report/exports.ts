/** A node whose results are to be exported: its params, and the rows of its inputs by role. */
export interface ExportSource {
  readonly node: string
  readonly params: unknown
  readonly inputs: Readonly<Record<string, ReadonlyArray<object>>>
  /** The folder with the publishers' own files, where the user names one. */
  readonly gold: string | undefined
}

/** Files that a program besides this one reads. */
export interface Exported {
  /** By their names below the folder that the user named. */
  readonly files: Readonly<Record<string, string>>
  /** What whoever uses them should know, a sentence each. */
  readonly notes: ReadonlyArray<string>
}

/** How results are written in the form of the official program that scores them. */
export interface OfficialExport {
  /** The stage whose nodes it takes. */
  readonly stage: string
  /** The inputs that it reads, by role. */
  readonly roles: ReadonlyArray<string>
  /** Whether it takes a node of these params. */
  takes(params: unknown): boolean
  /** The selector of the nodes of what a user names that is no node. */
  selector(run: string): string
  /** Throws an InputError where the form asks for what the results do not hold. */
  files(source: ExportSource): Promise<Exported>
}

/** What `dag export` writes besides what lies in the store. */
export interface Exports {
  readonly official?: OfficialExport
}
