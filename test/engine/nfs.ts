/**
 * The habits of a network's file system, for processes on one machine: `node --import nfs.ts …`.
 *
 * Each `dag` command, with its threads and workers, is a machine of its own, with a memory of attributes:
 *
 * - what stands at a name, or that nothing does, is remembered for up to a minute, whatever others do meanwhile
 * - a listing is fresh, and so is what a file is once it is opened; a folder that is listed or opened forgets which of
 *   its names were not there; one that itself is remembered as absent cannot be listed or opened
 * - a file that another client removed or replaced cannot be read any further: ESTALE
 *
 * It holds for the folders of a store, by their names. There is no flock to have. What one thread or worker of a command
 * changed, the others know: they read it in a file that all of them add to.
 */
import fs, { type PathLike, type Stats } from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { isMainThread } from "node:worker_threads"

/** How long attributes are remembered, in milliseconds. */
const REMEMBERED = 60_000

const inStore =
  /\/(?:objects|actions|code|heads|runs|logs|leases|processes|pending|batches|tasks|unfinished|suspects|conflicts|accepted|remotes|pins|signatures|released)(?:\/|$)/u

const real = { ...fs }
const remembered = new Map<string, { readonly stats: Stats | undefined; readonly at: number }>()
/** Files that are open, and whether this client removed them itself: it keeps those until they are closed. */
const opened = new Map<number, { readonly path: string; own: boolean }>()

/** Which machine this is. Workers and threads of a command find it in their environment. */
const isCommand = process.argv[1]?.endsWith("dag.js") === true
const machine = process.env["NFS_MACHINE"] ?? `${process.pid}-${performance.timeOrigin}`
const begins = isCommand && isMainThread && process.env["NFS_MACHINE"] === undefined
if (begins) process.env["NFS_MACHINE"] = machine

/** What the threads and workers of this machine changed, a path a line. */
const changesPath = join(process.env["NFS_FOLDER"] ?? tmpdir(), `nfs-changes-${machine}`)
const changes = real.openSync(changesPath, "a+")
let known = 0
if (begins || process.env["NFS_MACHINE"] === undefined) {
  process.once("exit", () => {
    real.rmSync(changesPath, { force: true })
  })
}

/** Forgets what others of this machine changed meanwhile. */
const learn = (): void => {
  const { size } = real.fstatSync(changes)
  if (size <= known) return
  const bytes = Buffer.alloc(size - known)
  real.readSync(changes, bytes, 0, bytes.length, known)
  known = size
  for (const path of bytes.toString().split("\n")) {
    remembered.delete(path)
    took(path)
  }
}

/** The path of a call that is about a store; undefined for any other. */
const ours = (path: unknown): string | undefined =>
  typeof path === "string" && inStore.test(path) && !path.includes("/node_modules/") ? path : undefined

const failure = (code: string, call: string, path: string): Error =>
  Object.assign(new Error(`${code}: as on a network's file system, ${call} '${path}'`), { code, syscall: call, path })

const remember = (path: string, stats: Stats | undefined): Stats | undefined => {
  remembered.set(path, { stats, at: performance.now() })
  return stats
}

/** What this client believes to stand at a path. */
const believed = (path: string): Stats | undefined => {
  learn()
  const known = remembered.get(path)
  return known !== undefined && performance.now() - known.at < REMEMBERED
    ? known.stats
    : remember(path, real.lstatSync(path, { throwIfNoEntry: false }))
}

/** Forgets which names of a folder were not there. */
const refresh = (folder: string): void => {
  for (const [path, { stats }] of remembered) {
    if (stats === undefined && dirname(path) === folder) remembered.delete(path)
  }
}

const changed = (...paths: ReadonlyArray<unknown>): void => {
  for (const path of paths) {
    if (typeof path !== "string" || ours(path) === undefined) continue
    remembered.delete(path)
    real.writeSync(changes, `${path}\n`)
  }
}

/** Notes that this client itself took a name away from a file. */
const took = (path: string): void => {
  for (const file of opened.values()) if (file.path === path) file.own = true
}

const stale = (file: number, call: string): void => {
  learn()
  const known = opened.get(file)
  if (known !== undefined && !known.own && real.fstatSync(file).nlink === 0) throw failure("ESTALE", call, known.path)
}

/** Puts another function in the place of one of Node's. */
const replace = (name: keyof typeof fs, by: unknown): void => {
  Object.assign(fs, { [name]: by })
}

replace("lstatSync", (path: PathLike, options?: { readonly throwIfNoEntry?: boolean; readonly bigint?: boolean }) => {
  const own = ours(path)
  if (own === undefined || options?.bigint === true) return real.lstatSync(path, options as object)
  const stats = believed(own)
  if (stats === undefined && options?.throwIfNoEntry !== false) throw failure("ENOENT", "lstat", own)
  return stats
})

/** The folder of a project's store itself. Tests of what is remembered on a disk of this machine have stores of other names. */
const storeItself = /\/artifacts$/u

/** A store and its folders are on NFS, also those that are still to be made. */
replace("statfsSync", (path: PathLike) => {
  const isOfStore = ours(path) !== undefined || (typeof path === "string" && storeItself.test(path))
  return !isOfStore ? real.statfsSync(path) : Object.assign(real.statfsSync("/"), { type: 0x6969 })
})

replace("openSync", (path: PathLike, flags?: string | number, mode?: number) => {
  const { O_CREAT, O_DIRECTORY, O_WRONLY, O_RDWR } = fs.constants
  const bits = typeof flags === "number" ? flags : 0
  const own = ours(path)
  if (own === undefined) {
    // The folder of the store itself.
    if ((bits & O_DIRECTORY) !== 0 && typeof path === "string") refresh(path)
    return real.openSync(path, flags ?? "r", mode)
  }
  const writes = (bits & (O_CREAT | O_WRONLY | O_RDWR)) !== 0 || (typeof flags === "string" && flags !== "r")
  if (writes) changed(own)
  else if (believed(own) === undefined) throw failure("ENOENT", "open", own)
  if ((bits & O_DIRECTORY) !== 0) refresh(own)
  let file: number
  try {
    file = real.openSync(path, flags ?? "r", mode)
  } catch (thrown) {
    // The server has said so.
    remembered.delete(own)
    throw thrown
  }
  opened.set(file, { path: own, own: false })
  if (!writes) remember(own, real.lstatSync(own, { throwIfNoEntry: false }))
  return file
})

replace("closeSync", (file: number) => {
  real.closeSync(file)
  const known = opened.get(file)
  opened.delete(file)
  changed(known?.path)
})

replace("readSync", (file: number, ...rest: ReadonlyArray<unknown>) => {
  stale(file, "read")
  return Reflect.apply(real.readSync, fs, [file, ...rest]) as number
})

replace("fstatSync", (file: number, ...rest: ReadonlyArray<unknown>) => {
  stale(file, "fstat")
  return Reflect.apply(real.fstatSync, fs, [file, ...rest]) as Stats
})

replace("readdirSync", (folder: PathLike, ...rest: ReadonlyArray<unknown>) => {
  const own = ours(folder)
  if (own !== undefined && believed(own) === undefined) throw failure("ENOENT", "scandir", own)
  if (typeof folder === "string") refresh(folder)
  return Reflect.apply(real.readdirSync, fs, [folder, ...rest]) as ReadonlyArray<string>
})

for (
  const name of [
    "mkdirSync",
    "rmdirSync",
    "unlinkSync",
    "rmSync",
    "lutimesSync",
    "writeFileSync",
    "truncateSync",
  ] as const
) {
  const call: unknown = real[name]
  replace(name, (path: PathLike, ...rest: ReadonlyArray<unknown>): unknown => {
    if (typeof path === "string" && name !== "mkdirSync") took(path)
    try {
      return Reflect.apply(call as (...all: ReadonlyArray<unknown>) => unknown, fs, [path, ...rest])
    } finally {
      // Also where it fails: the server has said what stands there.
      changed(path)
    }
  })
}

for (const name of ["renameSync", "linkSync", "copyFileSync"] as const) {
  const call: unknown = real[name]
  replace(name, (from: PathLike, to: PathLike, ...rest: ReadonlyArray<unknown>): unknown => {
    if (name === "renameSync" && typeof to === "string") took(to)
    try {
      return Reflect.apply(call as (...all: ReadonlyArray<unknown>) => unknown, fs, [from, to, ...rest])
    } finally {
      changed(from, to)
    }
  })
}

syncBuiltinESMExports()
