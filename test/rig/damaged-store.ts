import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert } from "vitest"
import { damage, kindOf, treeOf, unproved } from "./flips.ts"
import type { Project } from "./project.ts"

/** What a finished store of a profile must stay able to do. */
export interface Finished {
  readonly project: Project
  readonly profile: string
  /** Commands that only read, which print the same each time while the store is as it should be. */
  readonly reading: ReadonlyArray<ReadonlyArray<string>>
  /** What those print. */
  readonly printed: ReadonlyArray<string>
  readonly tree: ReadonlyMap<string, string>
  readonly made: ReadonlyArray<string>
}

/** A store that a run of a profile has just finished. */
export const finishedStore = async (
  project: Project,
  profile: string,
  selectors: ReadonlyArray<string>,
  reading: ReadonlyArray<ReadonlyArray<string>>,
): Promise<Finished> => {
  const run = await project.dag("run", ...selectors, "--profile", profile, "--yes")
  assert.strictEqual(run.code, 0, run.stdout + run.stderr)
  const printed: Array<string> = []
  for (const words of reading) {
    const { code, stdout, stderr } = await project.dag(...words)
    assert.strictEqual(code, 0, stderr)
    printed.push(stdout)
  }
  const store = project.path("artifacts")
  return { project, profile, reading, printed, tree: treeOf(store), made: made(store) }
}

interface Finding {
  readonly state: string
  readonly path: string
}

/** What verify finds damaged. */
export const damagedIn = async (project: Project): Promise<ReadonlyArray<string>> => {
  const { stdout } = await project.dag("verify", "--json")
  const { findings } = JSON.parse(stdout) as { readonly findings: ReadonlyArray<Finding> }
  return findings.filter(({ state }) => state === "damaged").map(({ path }) => path).toSorted()
}

/** What became of some damage. */
export interface Counted {
  readonly done: number
  readonly missed: ReadonlyArray<string>
  /** Commands that printed something else than before, as if all were well. */
  readonly used: number
  readonly deleted: number
}

/**
 * Damages some files of a store, each once, and reads from it with every command that reads.
 *
 * Files of all folders have the same chance, so that there are flips of each kind.
 */
export const damageAndRead = async (
  { project, reading, printed }: Finished,
  count: number,
  random: () => number,
): Promise<Counted> => {
  const store = project.path("artifacts")
  const folders = [...Map.groupBy(treeOf(store).keys(), kindOf)]
    .filter(([folder]) => !unproved.has(folder)).map(([folder, files]) => ({ folder, files: [...files] }))
  const paths: Array<string> = []
  while (paths.length < count && folders.some(({ files }) => files.length > 0)) {
    const { folder = "", files = [] } = folders[Math.floor(random() * folders.length)] ?? {}
    const [path] = files.splice(Math.floor(random() * files.length), 1)
    if (path === undefined) continue
    // A log that was cut short is one whose run was killed.
    damage(store, path, random, folder !== "runs" && random() < 0.3)
    paths.push(path)
  }
  const before = treeOf(store)
  const found = new Set(await damagedIn(project))
  let used = 0
  for (const [index, words] of reading.entries()) {
    const { code, stdout } = await project.dag(...words)
    if (code === 0 && stdout !== printed[index]) used++
  }
  const after = treeOf(store)
  return {
    done: paths.length,
    missed: paths.filter((path) => !found.has(path)),
    used,
    deleted: [...before].filter(([path, digest]) => after.get(path) !== digest).length,
  }
}

interface Recorded {
  readonly content: {
    readonly outputs: Readonly<Record<string, { readonly digest: string; readonly varies: boolean }>>
    readonly blobs: ReadonlyArray<{ readonly digest: string }>
  }
}

/** What the records of a store name, but for outputs that may be others each time, and the files of its code. */
export const made = (store: string): ReadonlyArray<string> =>
  [...treeOf(store).keys()].flatMap((path) => {
    if (path.startsWith("code/")) return [path]
    if (!path.startsWith("actions/")) return []
    const { content: { outputs, blobs } } = JSON.parse(readFileSync(join(store, path), "utf8")) as Recorded
    const tables = Object.entries(outputs).flatMap(([name, { digest, varies }]) => varies ? [] : [`${name} ${digest}`])
    return [...tables, ...blobs.map(({ digest }) => digest)].map((what) => `${path} ${what}`)
  })
