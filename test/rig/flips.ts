import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { digestOf } from "../../pipeline/base/digest.ts"

/** Numbers from 0 to below 1 that look random and are the same each time. */
export const randomFrom = (seed: number): () => number => {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

/** What looking at a path gives; `absent` where a run that goes on has removed it since it was listed. */
const whereThere = <A>(look: () => A, absent: A): A => {
  try {
    return look()
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return absent
    throw cause
  }
}

const filesBelow = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? whereThere(() => filesBelow(path), []) : entry.isFile() ? [path] : []
  })

/** The files of a store by their path below it, each with the digest of its bytes. */
export const treeOf = (store: string): ReadonlyMap<string, string> => {
  const tree = new Map<string, string>()
  for (const path of filesBelow(store).toSorted()) {
    const bytes = whereThere(() => readFileSync(path), undefined)
    if (bytes !== undefined) tree.set(relative(store, path), digestOf(bytes))
  }
  return tree
}

/** The folder of a store that a file is in. */
export const kindOf = (path: string): string => path.split("/", 1)[0] ?? ""

/** Folders for what lives only as long as a process, is only remembered, or was moved by repair: nothing there is proved. */
export const unproved: ReadonlySet<string> = new Set([
  "index",
  "leases",
  "logs",
  "processes",
  "quarantine",
  "remotes",
  "suspects",
  "tmp",
])

/** Damage to a file that can be undone. */
export interface Damage {
  readonly path: string
  readonly what: string
  readonly undo: () => void
}

/** Changes one bit of a file, or cuts its end off where `cut`. */
export const damage = (store: string, path: string, random: () => number, cut: boolean): Damage => {
  const file = join(store, path)
  const before = readFileSync(file)
  if (cut) {
    const length = Math.floor(random() * before.length)
    truncateSync(file, length)
    return { path, what: `cut to ${length} bytes`, undo: () => writeFileSync(file, before) }
  }
  const bit = Math.floor(random() * before.length * 8)
  const changed = Buffer.from(before)
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  writeFileSync(file, changed)
  return { path, what: `bit ${bit} changed`, undo: () => writeFileSync(file, before) }
}
