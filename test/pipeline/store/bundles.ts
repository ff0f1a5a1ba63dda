import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Bundle } from "../../../pipeline/store/together.ts"

/** Two objects and a record for each number, written and not yet published. */
export const bundlesIn = (folder: string, count: number, folders = 2): ReadonlyArray<Bundle> => {
  mkdirSync(join(folder, "tmp"))
  const written = (name: string, path: string) => {
    const temporary = join(folder, "tmp", name)
    writeFileSync(temporary, name)
    return { temporary, path: join(folder, path) }
  }
  return Array.from({ length: count }, (_, number) => ({
    first: [0, 1].map((part) => written(`o${number}${part}`, `objects/${number % folders}/${number}${part}`)),
    last: written(`r${number}`, `actions/${number}.json`),
  }))
}

/** The same, where nothing is written yet, nor is there a folder of temporary files. */
export const unwrittenIn = (folder: string, count: number, folders = 2): ReadonlyArray<Bundle> => {
  const unwritten = (name: string, path: string) => ({
    temporary: join(folder, "tmp", name),
    path: join(folder, path),
    bytes: Buffer.from(name),
  })
  return Array.from({ length: count }, (_, number) => ({
    first: [0, 1].map((part) => unwritten(`o${number}${part}`, `objects/${number % folders}/${number}${part}`)),
    last: unwritten(`r${number}`, `actions/${number}.json`),
  }))
}
