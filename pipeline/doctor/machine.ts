import { Effect } from "effect"
import { existsSync, statfsSync } from "node:fs"
import { availableParallelism, cpus, totalmem } from "node:os"
import { dirname, join } from "node:path"
import manifest from "../../package.json" with { type: "json" }
import { bytes } from "../base/text.ts"
import { gpuHoldersIn, gpuLeasesFolder } from "../execute/gpu-leases.ts"
import { installedGpus, visibleGpus } from "../execute/gpus.ts"
import { Disk } from "../store/disk.ts"
import { type Layout, layoutOf } from "../store/layout.ts"
import { newOwner } from "../store/owner.ts"
import type { Finding } from "./check.ts"

/** Below this much free space a run is likely to stop half way. */
const LOW_DISK = 1e9

/** What the engine itself needs, by name: Node, cores, memory, the disk and the store in `folder`. */
export const checkMachine = (folder: string): Effect.Effect<ReadonlyMap<string, Finding>, never, Disk> =>
  Effect.map(checkStore(folder), (store) =>
    new Map([
      ["node", checkNode()],
      ["cores", { status: "usable", detail: `${availableParallelism()} of ${cpus()[0]?.model ?? "unknown kind"}` }],
      ["memory", checkMemory()],
      ["disk", checkDisk(folder)],
      ["store", store],
      ...checkGpus(),
    ]))

/** The GPUs that a run would lend, and who holds them now; nothing where there is none. */
const checkGpus = (): ReadonlyArray<readonly [string, Finding]> => {
  const ids = visibleGpus(process.env, installedGpus)
  if (ids.length === 0) return []
  const holders = gpuHoldersIn(gpuLeasesFolder(process.env))
  const held = holders.map(({ gpu, pid, folder }) => `; GPU ${gpu} is held by process ${pid} in ${folder}`)
  return [["gpus", { status: "usable", detail: `${ids.join(", ")}${held.join("")}` }]]
}

const checkNode = (): Finding => {
  const pinned = manifest.dependencies.node
  const found = process.versions.node
  return found === pinned
    ? { status: "usable", detail: `${found}, the pinned one` }
    : { status: "usable", detail: `${found}; the pinned one is ${pinned}`, help: "start dag with npx, which finds it" }
}

/** What is free counts file caches within a container's limit as taken, as Node does: a lower bound there. */
const checkMemory = (): Finding => {
  const limit = process.constrainedMemory()
  const limited = limit > 0 && limit < totalmem()
  const total = limited ? `a limit of ${bytes(limit)}` : bytes(totalmem())
  return { status: "usable", detail: `${bytes(process.availableMemory())} free of ${total}` }
}

const checkDisk = (folder: string): Finding => {
  try {
    const { bavail, bsize } = statfsSync(nearest(folder))
    const free = bavail * bsize
    const detail = `${bytes(free)} free for ${folder}`
    return free < LOW_DISK
      ? { status: "usable", detail, help: "free some space, or name another store with DAG_STORE" }
      : { status: "usable", detail }
  } catch (cause) {
    return { status: "broken", detail: cause instanceof Error ? cause.message : String(cause) }
  }
}

/**
 * Publishes a file as the store does, from where temporary files are into each folder of what must never be half written, and removes it.
 * A store that is not there yet is tried out where it would be made, and leaves no trace.
 */
const checkStore = (folder: string): Effect.Effect<Finding, never, Disk> =>
  Effect.gen(function*() {
    const disk = yield* Disk
    const name = newOwner()
    const scratch = join(nearest(folder), `doctor-${name}`)
    const [there, tried] = [layoutOf(folder), layoutOf(scratch)]
    const place = (of: (layout: Layout) => string) => (existsSync(of(there)) ? of(there) : of(tried))
    const written = join(place(({ temporaries }) => temporaries), name)
    const published = [place(({ objects }) => objects), place(({ records }) => records.folder)]
      .map((path) => join(path, `doctor-${name}`))
    const start = performance.now()
    yield* Effect.gen(function*() {
      for (const path of published) {
        yield* disk.makeFolder(dirname(written))
        yield* disk.write(written, name)
        yield* disk.publish(written, path)
      }
    }).pipe(
      Effect.ensuring(Effect.forEach([written, ...published, scratch], (path) => Effect.ignore(disk.remove(path)))),
    )
    const each = (performance.now() - start) / published.length
    const detail = `${existsSync(folder) ? "writable" : "can be made"}; a file is safely on disk in ${
      each.toFixed(1)
    } ms`
    return { status: "usable" as const, detail }
  }).pipe(
    Effect.catch(({ path, message, help }) =>
      Effect.succeed({ status: "broken" as const, detail: `${existsSync(folder) ? path : folder} ${message}`, help })
    ),
  )

/** The folder itself, or the nearest one above it that there is. */
const nearest = (folder: string): string => {
  for (let path = folder;; path = dirname(path)) {
    if (existsSync(path) || dirname(path) === path) return path
  }
}
