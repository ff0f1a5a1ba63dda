import { Context, Schema } from "effect"
import { Digest, digestOfValue } from "../base/digest.ts"
import type { Options } from "./order.ts"
import type { Program } from "./program.ts"

/** The code that an action executes. Its digest is part of the key. */
export const Code = Schema.Struct({
  /** The sha256 of the program's text. */
  program: Digest,
  /**
   * By name, every package that it can reach, as installed: its version, which says which package it is, and a digest of
   * its package.json, which says which of its files are loaded.
   */
  packages: Schema.Record(Schema.String, Schema.Struct({ version: Schema.String, manifest: Schema.String })),
  /** The digest of all of the project's sources, where the program holds something that only they tell. */
  sources: Schema.NullOr(Digest),
  /** A digest of each declaration in the program, by "module: name"; for saying what changed. */
  parts: Schema.Record(Schema.String, Schema.String),
  /** Where the program holds something that makes its identity coarser than its text. */
  coarse: Schema.Array(Schema.Struct({ file: Schema.String, line: Schema.Natural, why: Schema.String })),
})
export type Code = typeof Code.Type

/** What of code decides on what it computes, as one digest: the names of its parts do not. */
export const digestOfCode = ({ program, packages, sources }: Pick<Code, "program" | "packages" | "sources">): Digest =>
  digestOfValue("code/2", { program, packages, sources })

/** The digest of a program's code; `sources` is that of all of the project's sources. */
export const codeDigest = (
  { digest: program, coarse }: Pick<Program, "digest" | "coarse">,
  packages: Code["packages"],
  sources: Digest,
): Digest => digestOfCode({ program, packages, sources: coarse.length === 0 ? null : sources })

/** The code of a program. */
export const codeOf = ({ digest, parts, coarse }: Program, packages: Code["packages"], sources: Digest): Code => ({
  program: digest,
  packages,
  sources: coarse.length === 0 ? null : sources,
  parts: parts(),
  coarse,
})

/** Knows the code of every stage. */
export class CodeBase extends Context.Service<CodeBase, {
  /**
   * The code of a stage with the options that a node takes, and its digest.
   *
   * Throws an InputError where the project has no such stage.
   */
  readonly of: (stage: string, options: Options) => { readonly digest: Digest; readonly code: Code }
}>()("redag/CodeBase") {}
