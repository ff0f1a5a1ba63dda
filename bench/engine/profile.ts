import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"

/** What Node writes with --cpu-prof, as far as it is read here. */
interface Profile {
  readonly nodes: ReadonlyArray<{
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }>
  readonly samples: ReadonlyArray<number>
  /** Microseconds before each sample. */
  readonly timeDeltas: ReadonlyArray<number>
}

/** The functions that took most of the time of their own, in ms, over all profiles of a folder: one row a function. */
export const topOf = (folder: string, count: number): ReadonlyArray<readonly [string, string]> => {
  const taken = new Map<string, number>()
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"))) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, file), "utf8")) as Profile
    const names = new Map(nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName === "" ? "(anonymous)" : functionName} ${basename(url)}:${lineNumber + 1}`,
    ]))
    for (const [index, sample] of samples.entries()) {
      const name = names.get(sample) ?? "?"
      if (!name.startsWith("(idle)")) taken.set(name, (taken.get(name) ?? 0) + (timeDeltas[index] ?? 0) / 1000)
    }
  }
  return [...taken].sort(([, one], [, other]) => other - one).slice(0, count)
    .map(([name, milliseconds]) => [name, milliseconds.toFixed(0)])
}
