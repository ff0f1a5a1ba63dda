import { cpus, loadavg } from "node:os"
import onnxruntime from "onnxruntime-node/package.json" with { type: "json" }
import type { BenchPython } from "./pytorch/install.ts"

/** Not empty. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return ((sorted[half] ?? Number.NaN) + (sorted[sorted.length - 1 - half] ?? Number.NaN)) / 2
}

/** Lines of cells, each column as wide as its widest; the first is flush left, the others flush right. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))
      .join("  ").trimEnd()
  return `${rows.map(line).join("\n")}\n`
}

/** Bytes, as in 1.25 GB. */
export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`

/** A load from which on other programs disturb. */
const BUSY = 0.5

/** Where and with what a measurement was made; the load is what other programs had to do before it began. */
export interface Circumstances {
  readonly node: string
  readonly onnxruntime: string
  readonly peer?: BenchPython["versions"]
  readonly processor: string
  readonly threads: number
  readonly load: number
}

/** The circumstances now. */
export const circumstances = (threads: number, peer?: BenchPython): Circumstances => ({
  node: process.versions.node,
  onnxruntime: onnxruntime.version,
  ...(peer === undefined ? {} : { peer: peer.versions }),
  processor: cpus()[0]?.model.trim() ?? "unknown",
  threads,
  load: loadavg()[0] ?? 0,
})

/** Circumstances in one line. */
export const toldCircumstances = ({ node, onnxruntime, peer, processor, threads, load }: Circumstances): string =>
  `${
    [
      `node ${node}, onnxruntime ${onnxruntime}`,
      ...(peer === undefined
        ? []
        : [`Python ${peer.python}, torch ${peer.torch}, transformers ${peer.transformers}`]),
      `${processor}, ${cpus().length} cores, ${threads} threads; load before ${load.toFixed(1)}`,
    ].join("; ")
  }${load > BUSY ? "\nother programs are busy: what is measured now says little" : ""}`
