import {
  type BigIntStats,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { InputError } from "../base/errors.ts"
import { onPath, systemCode } from "../base/system.ts"
import { engineOf, kernelSays, newOwner, ownerIn, pidOf } from "../store/owner.ts"
import { type Gpu, installedGpus } from "./gpus.ts"
import { startedFor } from "./started.ts"

/** A hold of a GPU by a process. */
export interface GpuHolder {
  /** The GPU, as nvidia-smi tells it apart from all others, or by its id. */
  readonly gpu: string
  readonly pid: number
  /** How many it lets hold the GPU at the same time. */
  readonly share: number
  /** The folder that it runs in. */
  readonly folder: string
}

/**
 * The GPUs that the processes of this machine and user hold, whatever their project and store: a file for each hold.
 *
 * Whoever takes a GPU writes its file and looks then. Of two that do so at the same moment neither may get it, never both:
 * both may try again.
 */
export interface GpuLeases {
  /** By id, what other processes hold of each of these GPUs. */
  readonly others: (ids: ReadonlyArray<string>) => ReadonlyMap<string, ReadonlyArray<GpuHolder>>
  /** Notes that this process holds each of these once more. */
  readonly add: (ids: ReadonlyArray<string>, share: number) => void
  /** Notes that it holds each of these once less; what {@link GpuLeases.keep} sees to stays held. */
  readonly remove: (ids: ReadonlyArray<string>) => void
  /** Sees to it that what this process holds stays held until the call that it gives, whoever removes it before. */
  readonly keep: (ids: ReadonlyArray<string>) => () => void
}

/** The variable that names the folder, such as one that several users share. */
const VARIABLE = "DAG_GPU_LEASES"

/** What a process does not confirm for so long, in ms, it does not hold any more, where the kernel does not show it. */
const LONGEST = 60_000
const BEAT = 10_000

/** The folder where the processes of this user say which GPUs they hold. */
export const gpuLeasesFolder = (environment: Readonly<Record<string, string | undefined>>): string => {
  const named = environment[VARIABLE] ?? ""
  if (named !== "") return named
  // TMPDIR differs between shells of one user.
  const temporary = process.platform === "win32" ? tmpdir() : "/tmp"
  return join(temporary, `redag-gpus-${process.getuid?.() ?? userInfo().username}`)
}

interface OwnedHolder extends GpuHolder {
  readonly owner: string
}

/** All living holds in a folder. Files of the dead are removed. */
export const gpuHoldersIn = (folder: string): ReadonlyArray<OwnedHolder> =>
  namesIn(folder).flatMap((name) => {
    const [, encoded, share, owner] = /^([^.]+)\.(\d+)\.\d+\.(.+)$/u.exec(name) ?? []
    const path = join(folder, name)
    if (encoded === undefined || owner === undefined || ownerIn(name) !== owner) return []
    if (isDead(owner, path)) {
      rmQuietly(path)
      return []
    }
    return [{ gpu: decodeURIComponent(encoded), pid: pidOf(owner), share: Number(share), folder: textOf(path), owner }]
  })

/** A process is dead as the kernel sees it, or by its silence; what its workers started may hold the GPU still. */
const isDead = (owner: string, path: string): boolean => {
  const kernel = kernelSays(owner)
  if (kernel === "living") return false
  if (kernel === undefined) {
    const said = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    return said === undefined || Date.now() - said > LONGEST
  }
  return startedFor((job) => processOf(ownerIn(job) ?? "") === processOf(owner)).length === 0
}

/** An engine has several names, which differ at the end. */
const processOf = (owner: string): string => engineOf(owner).replace(/-[0-9a-f]{8}$/u, "")

const namesIn = (folder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(folder)
  } catch {
    // Nobody has held any yet.
    return []
  }
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

const rmQuietly = (path: string): void => {
  try {
    rmSync(path, { force: true })
  } catch {
    // It is another user's, and counts as gone.
  }
}

/** What this process holds of a GPU: files, each with how many it lets hold that, and how many times each of two ways of holding needs them. */
interface Own {
  readonly files: Array<{ readonly path: string; readonly share: number }>
  lent: number
  kept: number
}

/**
 * The leases of this process; `installed` says what tells GPUs apart, and is asked once, when it must be known. `lost` is
 * called where others took a GPU that this process holds: it was silent for so long that they took it for dead.
 */
export const makeGpuLeases = (
  folder = gpuLeasesFolder(process.env),
  installed: () => ReadonlyArray<Gpu> = installedGpus,
  lost: (gpu: string, holders: ReadonlyArray<GpuHolder>) => void = () => {
    // Nobody is there to be told.
  },
): GpuLeases => {
  const owner = newOwner()
  const own = new Map<string, Own>()
  const namesOf = new Map<string, string>()
  let there: ReadonlyArray<Gpu> | undefined
  let count = 0
  let beat: NodeJS.Timeout | undefined

  /** Two jobs of a batch system may each know a GPU of their own as 0. */
  const nameOf = (id: string): string => {
    const known = namesOf.get(id)
    if (known !== undefined) return known
    there ??= installed()
    const found = there.find((gpu) => gpu.id === id || (gpu.uuid !== "" && gpu.uuid.startsWith(id)))
    const name = found === undefined || found.uuid === "" ? id : found.uuid
    namesOf.set(id, name)
    return name
  }
  const ownOf = (id: string): Own => {
    const found = own.get(nameOf(id)) ?? { files: [], lent: 0, kept: 0 }
    own.set(nameOf(id), found)
    return found
  }
  const all = () => [...own.values()].flatMap(({ files }) => files)
  const leave = () => {
    for (const { path } of all()) rmQuietly(path)
  }
  /** Removes the files that are more than what is held. */
  const shrink = ({ files, lent, kept }: Own): void => {
    while (files.length > Math.max(lent, kept)) rmQuietly(files.pop()?.path ?? "")
    if (beat === undefined || all().length > 0) return
    clearInterval(beat)
    beat = undefined
    process.off("exit", leave)
  }
  /** Confirms what is held, and writes again what was removed by somebody who took this process for dead. */
  const confirm = (): void => {
    for (const [gpu, { files }] of own) {
      const gone = files.filter(({ path }) => !touched(path))
      if (gone.filter(({ path }) => writtenAgain(path)).length === 0) continue
      const holders = gpuHoldersIn(folder).filter((each) => each.gpu === gpu && each.owner !== owner)
      const most = Math.min(...files.map(({ share }) => share), ...holders.map(({ share }) => share))
      if (holders.length > 0 && files.length + holders.length > most) lost(gpu, holders)
    }
  }
  const begin = (): void => {
    if (beat !== undefined) return
    makeFolder(folder)
    beat = setInterval(confirm, BEAT).unref()
    process.on("exit", leave)
  }

  return {
    others: (ids) => {
      const holders = gpuHoldersIn(folder).filter((each) => each.owner !== owner)
      return new Map(ids.map((id) => [
        id,
        holders.filter(({ gpu }) => gpu === nameOf(id)).map(({ gpu, pid, share, folder }) => ({
          gpu,
          pid,
          share,
          folder,
        })),
      ]))
    },
    add: (ids, share) => {
      if (ids.length === 0) return
      begin()
      for (const id of ids) {
        const path = join(folder, `${encoded(nameOf(id))}.${share}.${count++}.${owner}`)
        const { files } = ownOf(id)
        onPath(path, "written", HELP, () => writeFileSync(path, process.cwd(), { flag: "wx" }))
        files.push({ path, share })
        ownOf(id).lent++
      }
    },
    remove: (ids) => {
      for (const id of ids) {
        const held = ownOf(id)
        held.lent = Math.max(0, held.lent - 1)
        shrink(held)
      }
    },
    keep: (ids) => {
      for (const id of ids) ownOf(id).kept++
      return () => {
        for (const id of ids) {
          const held = ownOf(id)
          held.kept--
          shrink(held)
        }
      }
    },
  }
}

const HELP = `make it writable, or name another folder with ${VARIABLE}`

/** A name as part of the name of a file, without points, which end it. */
const encoded = (name: string): string => encodeURIComponent(name).replaceAll(".", "%2E")

/** Notes the present as the time of a file; false where it is gone. */
const touched = (path: string): boolean => {
  try {
    utimesSync(path, new Date(), new Date())
    return true
  } catch (error) {
    return systemCode(error) !== "ENOENT"
  }
}

/** Writes a file of a hold; false where it cannot be written now: the next time it may. */
const writtenAgain = (path: string): boolean => {
  try {
    writeFileSync(path, process.cwd(), { flag: "wx" })
    return true
  } catch {
    return false
  }
}

/** What anybody may write to holds the files of others; the folder of this user is to be this user's. */
const makeFolder = (folder: string): void => {
  onPath(folder, "written", HELP, () => mkdirSync(folder, { recursive: true, mode: 0o700 }))
  const isNamed = (process.env[VARIABLE] ?? "") !== ""
  const { uid } = onPath(folder, "read", HELP, (): BigIntStats => lstatSync(folder, { bigint: true }))
  const self = process.getuid?.()
  if (isNamed || self === undefined || uid === BigInt(self)) return
  throw new InputError({
    file: folder,
    message: "belongs to another user",
    help: `name a folder of your own with ${VARIABLE}`,
  })
}
