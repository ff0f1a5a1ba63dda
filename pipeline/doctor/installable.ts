import type { Finding } from "./check.ts"

/** Something large that an experiment can use, and that is installed apart from its package when the user asks. */
export interface Installable {
  /** What it is for, in a few words. */
  readonly title: string
  /** What it downloads, in bytes. */
  readonly bytes: number
  /** Where it is, or would be. */
  folder(): string
  /** Whether it is there as it was installed; nothing is tried. */
  look(): Promise<Finding>
  /** Downloads and installs it, or fails with what to do. What was there before is replaced. */
  add(): Promise<void>
  /** Removes it; says whether there was anything. */
  remove(): Promise<boolean>
  /** The name of the check of `dag doctor` that tries it. */
  readonly check: string
}
