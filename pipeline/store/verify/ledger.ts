import { relative } from "node:path"
import type { StatOf } from "../disk.ts"
import type { Checked, Finding, Kind, Report } from "./finding.ts"

/** Collects what a check of a store finds. What is sound is only counted, so that a large store takes little memory. */
export interface Ledger {
  /** Notes that a file was looked at, whatever it turned out to be. */
  readonly count: (kind: Kind, bytes: number) => void
  readonly find: (state: Finding["state"], kind: Kind, path: string, problem: string, stat?: StatOf) => void
  readonly report: () => Report
}

/** An empty ledger of the store in a folder. */
export const makeLedger = (folder: string): Ledger => {
  const checked = new Map<Kind, Checked>()
  const findings: Array<Finding> = []
  return {
    count: (kind, bytes) => {
      const before = checked.get(kind) ?? { files: 0, bytes: 0 }
      checked.set(kind, { files: before.files + 1, bytes: before.bytes + bytes })
    },
    find: (state, kind, path, problem, stat) => {
      const finding = { state, kind, path: relative(folder, path), problem }
      findings.push(stat === undefined ? finding : { ...finding, version: stat.version })
    },
    report: () => ({ checked, findings }),
  }
}
