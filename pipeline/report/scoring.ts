import type { Profiles } from "../graph/builder.ts"
import type { Provenance, Tables } from "./results.ts"

/** What `dag score` is given. */
export interface ToScore {
  /** The whole paths of the files. */
  readonly files: ReadonlyArray<string>
  /** What the experiment's own flags say, by their names; those that were not given are left out. */
  readonly flags: Readonly<Record<string, string>>
}

/** How an experiment scores files of predictions that somebody made. */
export interface Scoring {
  /** The flags that say what the files are, each with its description. */
  readonly flags: Readonly<Record<string, string>>
  /** The profiles with what scores the files. Throws an InputError where a flag is wrong. */
  profiles(asked: ToScore): Profiles["profiles"]
  /** The beginnings of the names of the nodes that score the files; none of them, nor what they need, may train. */
  readonly scores: ReadonlyArray<string>
  /** The node that gathers their scores with those of the profile that there are. */
  readonly results: string
  // Methods, so that they may take the rows of their own artifacts.
  /** What is said of the files, for a terminal of so many columns. */
  text(asked: ToScore, tables: Tables, provenance: Provenance, width?: number): string
  /** The same for machines. */
  facts(asked: ToScore, tables: Tables, provenance: Provenance): object
}
